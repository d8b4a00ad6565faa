import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Problem } from "../../framework/definitions/problem.ts";
import { reportShape } from "../../framework/definitions/shape-problem.ts";
import { describeSource } from "../../framework/definitions/source-location.ts";
import { sourceShape } from "../../framework/definitions/source-shape.ts";
import type { SourceSpec } from "../../framework/definitions/spec.ts";
import { csv, http, input, json, parquet, s3 } from "../../framework/index.ts";

const credentials = { accessKey: input("lake.access-key"), secretKey: input("lake.secret-key") };

/** What is wrong with a source, as `<where>: <what is expected>`. */
function findProblems(source: unknown): string[] {
  const problems: Problem[] = [];
  const shape = z.strictObject({ source: sourceShape });
  reportShape(shape, { source }, { subject: 'dataset "a"', at: "a", report: (one) => problems.push(one) });
  return problems.map(({ at, expected = "" }) => `${at}: ${expected}`);
}

describe("files elsewhere", () => {
  it.each<[string, unknown, object]>([
    [
      "objects of a bucket",
      parquet(
        s3("s3://lake/flights/*.parquet", {
          endpoint: "https://minio.example.org:9000",
          region: "eu-central-1",
          credentials,
        }),
      ),
      {
        kind: "s3",
        format: "parquet",
        bucket: "lake",
        path: "flights/*.parquet",
        endpoint: "https://minio.example.org:9000",
        region: "eu-central-1",
        credentials: { accessKey: "input:lake.access-key", secretKey: "input:lake.secret-key" },
      },
    ],
    [
      "public objects",
      csv(s3("s3://lake/a b/{c,d}.csv")),
      { kind: "s3", format: "csv", bucket: "lake", path: "a b/{c,d}.csv" },
    ],
    [
      "what a server gives",
      json(
        http("https://data.example.org/a.json?v=1", {
          sha256: "0".repeat(64),
          headers: { Authorization: input("token") },
        }),
      ),
      {
        kind: "http",
        format: "json",
        url: "https://data.example.org/a.json?v=1",
        sha256: "0".repeat(64),
        headers: { authorization: "input:token" },
      },
    ],
  ])("are %s", (_, source, spec) => {
    expect(source).toEqual(spec);
    expect(findProblems(source)).toEqual([]);
  });

  it("are said to people without what reaches them", () => {
    const source = csv(s3("s3://lake/*.csv", { credentials })) as SourceSpec;
    expect(describeSource(source)).toBe("s3://lake/*.csv");
    expect(describeSource(csv(http("https://data.example.org/a.csv")) as SourceSpec)).toBe(
      "https://data.example.org/a.csv",
    );
  });

  it.each<[string, unknown, string[]]>([
    ["an address without a key", s3("s3://lake"), ["a.source.bucket: s3://<bucket>/<key>", "a.source.path: a text"]],
    [
      "an address of another kind",
      s3("https://lake/a.csv"),
      ["a.source.bucket: s3://<bucket>/<key>", "a.source.path: a text"],
    ],
    ["a bucket with capitals", s3("s3://Lake/a.csv"), ["a.source.bucket: s3://<bucket>/<key>"]],
    ["a bucket with two dots", s3("s3://la..ke/a.csv"), ["a.source.bucket: s3://<bucket>/<key>"]],
    ["a bucket that is an address of a network", s3("s3://10.0.0.1/a.csv"), ["a.source.bucket: s3://<bucket>/<key>"]],
    [
      "a folder",
      s3("s3://lake/flights/"),
      ['a.source.path: the key of an object, or a pattern: "s3://lake/folder/*.parquet"'],
    ],
    [
      "an endpoint without its protocol",
      s3("s3://lake/a", { endpoint: "minio:9000" }),
      ["a.source.endpoint: an address with http:// or https://, of a host and a port alone"],
    ],
    [
      "an endpoint with a path",
      s3("s3://lake/a", { endpoint: "http://minio/s3" }),
      ["a.source.endpoint: an address with http:// or https://, of a host and a port alone"],
    ],
    [
      "an endpoint with a user",
      s3("s3://lake/a", { endpoint: "http://me:pw@minio" }),
      ["a.source.endpoint: an address with http:// or https://, of a host and a port alone"],
    ],
    [
      "a region that is none",
      s3("s3://lake/a", { region: "x.example.org/" }),
      ["a.source.region: a region such as eu-central-1"],
    ],
    [
      "a secret in the place of an input",
      s3("s3://lake/a", { credentials: { accessKey: "key", secretKey: "secret" } as never }),
      ["a.source.credentials.accessKey: input(…)", "a.source.credentials.secretKey: input(…)"],
    ],
    [
      "a protocol that is not HTTP",
      http("ftp://data.example.org/a"),
      ["a.source.url: an address with http:// or https://"],
    ],
    [
      "a user in an address",
      http("https://me:pw@data.example.org/a"),
      ["a.source.url: an address without a user and without a #; what a server must be told stands in headers"],
    ],
    [
      "a part of a page",
      http("https://data.example.org/a#b"),
      ["a.source.url: an address without a user and without a #; what a server must be told stands in headers"],
    ],
    [
      "a digest in capitals",
      http("https://data.example.org/a", { sha256: "A".repeat(64) }),
      ["a.source.sha256: a SHA-256 of 64 hexadecimal digits in lower case"],
    ],
    [
      "a header that is none",
      http("https://data.example.org/a", { headers: { "a b": input("a") } }),
      ["a.source.headers: names of headers, but for those that each request has anyway"],
    ],
    [
      "a header that each request has",
      http("https://data.example.org/a", { headers: { "If-None-Match": input("a") } }),
      ["a.source.headers: names of headers, but for those that each request has anyway"],
    ],
    [
      "a header's value",
      http("https://data.example.org/a", { headers: { authorization: "Bearer x" as never } }),
      ["a.source.headers.authorization: input(…)"],
    ],
  ])("are a problem with %s", (_, source, expected) => {
    expect(findProblems({ ...(source as object), format: "csv" })).toEqual(expected);
  });
});
