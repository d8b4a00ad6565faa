import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { csv, type Source } from "../../framework/index.ts";
import { digestBytes, digestOf } from "../../framework/plan/digest.ts";
import { findProjectFiles } from "../../framework/training/project-files.ts";
import { testSpec } from "../data/ingesting.ts";
import { failure } from "../support/failure.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-project-files-"));
  mkdirSync(join(folder, "rows"));
  writeFileSync(join(folder, "rows", "a.csv"), "a");
  writeFileSync(join(folder, "rows", "b.csv"), "b");
});
afterEach(() => rmSync(folder, { recursive: true }));

const find = (sources: Readonly<Record<string, Source>>) => {
  const definitions = Object.entries(sources).map(([name, source]) => testSpec([], { name, source }));
  return findProjectFiles({ definitions }, folder, {});
};

it("a source that is one file has the digest of its bytes, a pattern that of its files' names and digests", async () => {
  const { sources } = await find({ one: csv("rows/a.csv"), many: csv("rows/*.csv") });
  const files = ["a", "b"].map((name) => [`${name}.csv`, digestBytes(name)]);
  expect(sources).toEqual({
    one: { location: join(folder, "rows/a.csv"), fingerprint: digestBytes("a") },
    many: { location: join(folder, "rows/*.csv"), fingerprint: digestOf({ files }) },
  });
});

it("every source that is not there is a problem of its dataset", async () => {
  const { problems } = await failure(find({ one: csv("rows/c.csv"), many: csv("*.csv"), rows: csv("rows") }));
  const byPlace = Object.fromEntries(problems.map(({ at, ...problem }) => [at, problem]));
  expect(byPlace).toMatchObject({
    "one.source.path": { code: "source-missing", got: "rows/c.csv" },
    "many.source.path": { code: "source-missing", file: join(folder, "*.csv") },
    rows: { code: "source-missing", got: "a folder" },
  });
});
