/**
 * Vectors through everything that is done with a dataset: small files at once, quarantine and back, derivation, checkout.
 * @module
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkOutVersion } from "../../framework/data/checkout-version.ts";
import { deriveRows } from "../../framework/data/derivation/derive-rows.ts";
import { composeCroissant } from "../../framework/data/lineage/croissant.ts";
import { describeMetrics } from "../../framework/data/lineage/metrics.ts";
import { mergeProfiles } from "../../framework/data/profile/merge-profiles.ts";
import { profilePart } from "../../framework/data/profile/profile-part.ts";
import { addDecision, listReadmitted } from "../../framework/data/readmission.ts";
import { quotePath } from "../../framework/data/sql.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { column } from "../features/given.ts";
import { testSpec, useIngest } from "./ingesting.ts";
import { exampleVersion } from "./lineage/versions.ts";

const given = useIngest();
const source = { kind: "file", format: "json", path: "x" } as const;
const spec = testSpec([{ name: "v", type: "vector", length: 2, nullable: true, max: 10 }], { source });
const norm = { op: "norm", of: column("v") } as const;

/** Writes rows of one vector each, a second apart. */
const write = (vectors: readonly unknown[]) =>
  given.write(vectors.map((v, i) => `${JSON.stringify({ t: `2024-01-01T00:00:0${i}Z`, v })}\n`).join(""));

describe("a vector", () => {
  it("is taken back out of quarantine as it came, unless it is none", async () => {
    const location = await write([[3, 4], [11, -0.1], [1], [0.1, 0.2]]);
    const before = await given.ingest(spec, location);
    expect((await given.readQuarantine(before.version)).map((row) => row["__reasons"])).toEqual([
      ["v has a number above 10"],
      ["v is not an array of 2 numbers"],
    ]);
    const readmit = async (position: number) => {
      const [file] = before.version.files ?? [];
      const rows = [{ file: file?.fingerprint ?? "", positions: [position] }];
      const decided = { at: "2024-05-01T00:00:00Z", actor: { id: "ann", via: "cli" as const }, because: "checked" };
      const list = addDecision("things", undefined, { ...decided, rows });
      const readmitted = { list: await given.store.putJson(list), rows: listReadmitted(list) };
      return given.take(spec, location, { base: before.root, readmitted });
    };
    expect((await readmit(2)).rows.map(({ v }) => v)).toEqual([
      [3, 4],
      [11, -0.1],
      [0.1, 0.2],
    ]);
    await expect(readmit(3)).rejects.toMatchObject({ problems: [{ code: "readmission-refused", at: "things.v" }] });
  });

  it("is what a rule of the contract may read", async () => {
    const rule = { op: "lte", left: norm, right: { op: "literal", value: 5 } } as const;
    const contract: DatasetSpec["contract"] = { ...spec.contract, rules: [{ name: "is short", expression: rule }] };
    const taken = await given.take({ ...spec, contract }, await write([[3, 4], [4, 4], null]));
    expect(taken.rows.map(({ v }) => v)).toEqual([[3, 4], null]);
    expect(taken.quarantined.map((row) => row["__reasons"])).toEqual([["is short"]]);
  });

  it("stands for its Euclidean length in a profile, of one part and of parts merged", async () => {
    const profileOf = async (vectors: readonly unknown[]) => {
      const { version } = await given.ingest(
        testSpec([{ name: "v", type: "vector", length: 2, nullable: true }], { source }),
        await write(vectors),
      );
      const [part] = version.files?.[0]?.parts ?? [];
      if (!part) throw new Error("there is a part");
      return profilePart(await given.store.fetchFile(part.object), version.columns);
    };
    const vectors = [[3, 4], [-6, 8], null, [0, 0], [1e300, 1e300]];
    const whole = await profileOf(vectors);
    const expected = {
      name: "v",
      type: "vector",
      count: 4,
      nulls: 1,
      values: { min: 0, max: 10, nonFinite: 1, moments: { mean: 5 } },
    };
    expect(whole.columns[1]).toMatchObject(expected);
    // The least and the largest vector are not the shortest and the longest one.
    const between = await profileOf([
      [-3, 4],
      [0, 0.5],
      [-2, 9],
      [3, 4],
    ]);
    expect(between.columns[1]).toMatchObject({ values: { min: 0.5, max: Math.sqrt(85) } });
    const merged = mergeProfiles([await profileOf(vectors.slice(0, 2)), await profileOf(vectors.slice(2))]);
    expect(merged.columns[1]).toMatchObject(expected);
    const metrics = describeMetrics({ ...exampleVersion(), profile: whole });
    expect(metrics?.["columnMetrics"]).toEqual({ t: expect.anything(), v: { nullCount: 1, count: 4 } });
  });

  it("goes through the steps of a derivation, and is read by their expressions", async () => {
    const { version } = await given.ingest(spec, await write([[3, 4], [0, 0], [6, 8], null]));
    const objects = (version.files ?? []).flatMap(({ parts }) => parts.map(({ object }) => object));
    const files = await Promise.all(objects.map((object) => given.store.fetchFile(object)));
    const workFolder = given.path("deriving");
    await mkdir(workFolder);
    const output = given.path("derived.parquet");
    await deriveRows({
      spec: testSpec([
        { name: "lead", type: "vector", length: 2 },
        { name: "size", type: "number" },
      ]),
      from: ["things"],
      upstream: { things: { columns: spec.columns, eventTime: "t", key: [], files } },
      steps: [
        { step: "filter", condition: { op: "gt", left: norm, right: { op: "literal", value: 0 } } },
        {
          step: "derive",
          columns: [
            { name: "lead", expression: column("v") },
            { name: "size", expression: norm },
          ],
        },
        { step: "sample", fraction: 1, seed: 1 },
      ],
      output,
      workFolder,
    });
    const row = z.object({ lead: z.array(z.number()), size: z.number() });
    const rows = await given.duckDb((db) => db.rows(`SELECT lead, size FROM read_parquet(${quotePath(output)})`, row));
    expect(rows).toEqual([
      { lead: [3, 4], size: 5 },
      { lead: [6, 8], size: 10 },
    ]);
  });

  it("is taken out as JSON and CSV that are taken in again as they were", async () => {
    const vectors = [[0.1, 1e-7], null, [-3, 1e21]];
    const free = { ...spec, columns: spec.columns.map(({ max: _, ...rest }) => rest) };
    const { version } = await given.ingest(free, await write(vectors));
    for (const format of ["jsonl", "csv"] as const) {
      const to = given.path(`out-${format}`);
      await checkOutVersion({ version, store: given.store, to, format });
      const again = await given.write(await readFile(join(to, `00001.${format}`)));
      const of = { ...source, format: format === "csv" ? ("csv" as const) : ("json" as const) };
      expect((await given.take({ ...free, source: of }, again)).rows.map(({ v }) => v)).toEqual(vectors);
    }
  });

  it("is an array of a shape in Croissant", () => {
    const ingested = exampleVersion({ columns: spec.columns });
    const document = composeCroissant(ingested, { jobNamespace: "shop/local", datasetNamespace: "s3://steward" });
    expect(document["recordSet"]).toMatchObject([
      { field: [{ name: "t" }, { name: "v", dataType: "sc:Float", isArray: true, arrayShape: "2" }] },
    ]);
  });
});
