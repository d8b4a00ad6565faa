import { expect, it } from "vitest";
import { composeCroissant } from "../../../framework/data/lineage/croissant.ts";
import { digestBytes } from "../../../framework/plan/digest.ts";
import { exampleFile, exampleVersion } from "./versions.ts";

const place = { jobNamespace: "shop/local", datasetNamespace: "s3://steward" };

it("a version has all that Croissant asks for, each part with its digest and each column with its type", () => {
  const ingested = exampleVersion();
  const document = composeCroissant(ingested, place);
  expect(document).toMatchObject({
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.1",
    name: "things",
    license: "not stated",
    creator: { name: "test" },
    datePublished: "2024-02-02T12:00:00Z",
    version: "2.0.0",
    url: "s3://steward/names/datasets/things/2.json",
    identifier: `sha256:${ingested.root}`,
    temporalCoverage: "2024-01-01T00:00:00Z/2024-02-01T00:00:00Z",
  });
  const distribution = document["distribution"] as Record<string, unknown>[];
  const keys = ["@type", "sha256", "contentSize", "contentUrl"];
  expect(distribution.map((entry) => keys.map((key) => entry[key]))).toEqual([
    ...["one", "two", "three"].map((text) => {
      const digest = digestBytes(text);
      return ["cr:FileObject", digest, `${text.length} B`, `s3://steward/objects/${digest.slice(0, 2)}/${digest}`];
    }),
    ["cr:FileSet", undefined, undefined, undefined],
  ]);
  expect(document["recordSet"]).toMatchObject([
    {
      field: [
        { name: "t", dataType: "sc:DateTime" },
        {
          name: "amount",
          dataType: "sc:Integer",
          description: "What was paid, in CHF",
          source: { extract: { column: "amount" } },
        },
        { name: "odd, name/ü", "@id": "rows/odd%2C%20name%2F%C3%BC", dataType: "sc:Text" },
        { name: "share", dataType: "sc:Float" },
        { name: "open", dataType: "sc:Boolean" },
      ],
    },
  ]);
});

it("a part that two files share is there once", () => {
  const files = [exampleFile("a.csv", ["same"]), exampleFile("b.csv", ["same", "other"])];
  const document = composeCroissant({ ...exampleVersion(), files }, place);
  expect(document["distribution"]).toHaveLength(3);
});

it("a version of a single part has its fields from that, and needs no set", () => {
  const document = composeCroissant({ ...exampleVersion(), files: [exampleFile("a.csv", ["one"])] }, place);
  const id = `${digestBytes("one")}.parquet`;
  expect(document["distribution"]).toMatchObject([{ "@type": "cr:FileObject", "@id": id }]);
  expect(document).toMatchObject({
    recordSet: [{ field: [{ source: { fileObject: { "@id": id } } }, {}, {}, {}, {}] }],
  });
});
