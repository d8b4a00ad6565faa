import { expect, it } from "vitest";
import { s3 } from "../../framework/definitions/remote-files.ts";
import { arrow, csv, json, parquet } from "../../framework/definitions/source.ts";

it.each([
  ["parquet", parquet],
  ["arrow", arrow],
  ["csv", csv],
  ["json", json],
] as const)("%s says its format, of files here and elsewhere", (format, build) => {
  expect(build("data/*")).toEqual({ kind: "file", format, path: "data/*" });
  expect(build({ kind: "input", input: "data.path" })).toEqual({ kind: "file", format, path: "input:data.path" });
  expect(build(s3("s3://lake/data"))).toMatchObject({ kind: "s3", format, bucket: "lake", path: "data" });
});
