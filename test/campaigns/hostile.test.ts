/**
 * Files that would crash a reader, fill a disk or be taken for what they are not: each ends as accepted, quarantined or rejected,
 * twice the same. Every third of each family, at the full count all of them.
 * @module
 */
import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { csvCases } from "../data/hostile/csv-cases.ts";
import { gzipCases } from "../data/hostile/gzip-cases.ts";
import { type Format, type HostileCase, specOf } from "../data/hostile/hostile-case.ts";
import { jsonCases } from "../data/hostile/json-cases.ts";
import { readByOracle } from "../data/hostile/oracle.ts";
import { makeParquetCases } from "../data/hostile/parquet-cases.ts";
import { useReader } from "../data/hostile/reading.ts";

const reader = useReader();
const step = process.env["STEWARD_CAMPAIGN"] === "full" ? 1 : 3;

interface Family {
  readonly format: Format;
  readonly extension: string;
  readonly cases: readonly HostileCase[];
}

const families: readonly (readonly [name: string, family: Family])[] = [
  ["CSV", { format: "csv", extension: ".csv", cases: csvCases }],
  ["compressed CSV", { format: "csv", extension: ".csv.gz", cases: gzipCases }],
  ["JSON", { format: "json", extension: ".json", cases: jsonCases }],
  ["Parquet", { format: "parquet", extension: ".parquet", cases: await makeParquetCases() }],
];

/** What must be stored of a file, where that is known. */
function findStored(family: Family, hostile: HostileCase): readonly unknown[] | undefined {
  if (hostile.stored) return hostile.stored;
  if (family.extension !== `.${family.format}` || family.format === "parquet") return undefined;
  return readByOracle(specOf(family.format, hostile), family.format, String(hostile.content));
}

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

describe.each(families)("hostile %s", (_, family) => {
  const cases = family.cases.filter((_, index) => index % step === 0);
  it.each(cases.map((hostile) => [hostile.title, hostile.verdict, hostile] as const))(
    "of %s is %s",
    async (_title, verdict, hostile) => {
      const spec = specOf(family.format, hostile);
      const path = await reader.write(hostile.content, family.extension);
      const outcome = await reader.read(spec, path);
      if (verdict !== "any") expect(outcome).toMatchObject({ verdict });
      for (const said of hostile.says ?? [])
        expect(outcome.says.join("\n").toLowerCase()).toContain(said.toLowerCase());
      if (outcome.verdict === "rejected") expect(outcome.says.join("")).not.toBe("");
      else {
        const stored = findStored(family, hostile);
        if (stored) expect(sorted(await reader.readBack(outcome.parts))).toEqual(sorted(stored));
      }
      expect(await reader.read(spec, path)).toMatchObject({
        verdict: outcome.verdict,
        says: outcome.says,
        digests: outcome.digests,
      });
      await rm(path);
    },
  );
});
