import { describe, expect, it } from "vitest";
import { readListing, readVersions } from "../../../../framework/data/sources/s3/object-listing.ts";

const head =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>lake</Name>';

function entry(key: string, { etag = "&#34;e1&#34;", size = "3", tag = "Contents", more = "" } = {}): string {
  return `<${tag}><Key>${key}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>${etag}</ETag><Size>${size}</Size><Owner><ID>x</ID></Owner>${more}</${tag}>`;
}

describe("a page of a listing", () => {
  it.each([
    ["digits stay text", "007", true, "007"],
    ["an exponent stays text", "1e5", true, "1e5"],
    ["a plus is a space", "a+b%2Bc", true, "a b+c"],
    ["a plus is itself where nothing is encoded", "a+b%", false, "a+b%"],
    [
      "entities are what they stand for",
      "a&amp;&lt;&gt;&quot;&apos;&#233;&#x1F600;&other;",
      false,
      "a&<>\"'é😀&other;",
    ],
    ["letters of any script", "%F0%9F%98%80/%C3%A9.csv", true, "😀/é.csv"],
    ["spaces at its ends", "%20a%20", true, " a "],
  ])("has keys: %s", (_, written, isEncoded, key) => {
    const encoding = isEncoded ? "<EncodingType>url</EncodingType>" : "";
    expect(readListing(`${head}${encoding}${entry(written)}</ListBucketResult>`)).toEqual({
      objects: [{ key, etag: "e1", size: 3 }],
    });
  });

  it("says how it goes on", () => {
    const next = "<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;1==</NextContinuationToken>";
    expect(readListing(`${head}${next}${entry("a")}${entry("b")}</ListBucketResult>`)).toMatchObject({
      objects: [{ key: "a" }, { key: "b" }],
      next: "a&1==",
    });
    expect(readListing(`${head}<IsTruncated>false</IsTruncated></ListBucketResult>`)).toEqual({ objects: [] });
  });

  it.each([
    ["a page of something else", "<html><Contents></Contents></html>"],
    ["nothing", ""],
    [
      "one that goes on and does not say where",
      `${head}<IsTruncated>true</IsTruncated>${entry("a")}</ListBucketResult>`,
    ],
    ["an object without an etag", `${head}${entry("a", { etag: "" })}</ListBucketResult>`],
    ["an object without a size", `${head}${entry("a", { size: "many" })}</ListBucketResult>`],
    [
      "a key that is not encoded as it is said",
      `${head}<EncodingType>url</EncodingType>${entry("%zz")}</ListBucketResult>`,
    ],
  ])("is none where it is %s", (_, xml) => {
    expect(readListing(xml)).toBeUndefined();
  });
});

describe("the versions of objects", () => {
  it("are those with bytes", () => {
    const versions = [
      entry("a", { tag: "Version", more: "<IsLatest>true</IsLatest><VersionId>v2</VersionId>", etag: '"e2"' }),
      "<DeleteMarker><Key>a</Key><VersionId>v3</VersionId></DeleteMarker>",
      entry("a", { tag: "Version", more: "<VersionId>v1</VersionId>" }),
    ];
    expect(readVersions(`<ListVersionsResult>${versions.join("")}</ListVersionsResult>`)).toEqual([
      { key: "a", etag: "e2", size: 3, version: "v2" },
      { key: "a", etag: "e1", size: 3, version: "v1" },
    ]);
    expect(readVersions(`${head}${entry("a")}</ListBucketResult>`)).toBeUndefined();
  });
});
