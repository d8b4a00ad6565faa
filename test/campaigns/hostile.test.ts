/**
 * Files that would crash a reader, fill a disk or be taken for what they are not: each ends as accepted, quarantined or rejected,
 * twice the same. Every third of each family, at the full count all of them.
 * @module
 */
import { rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { makeArrowCases } from "../data/hostile/arrow-cases.ts";
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
  ["Arrow", { format: "arrow", extension: ".arrow", cases: makeArrowCases() }],
  ["Parquet", { format: "parquet", extension: ".parquet", cases: await makeParquetCases() }],
];

/** What must be stored of a file, where that is known. */
function findStored(family: Family, hostile: HostileCase): readonly unknown[] | undefined {
  if (hostile.stored) return hostile.stored;
  if (family.extension !== `.${family.format}` || family.format === "parquet" || family.format === "arrow")
    return undefined;
  return readByOracle(specOf(family.format, hostile), family.format, String(hostile.content));
}

/** A file of one row, all of whose columns but the time are null; nothing of a format that is not text. */
function writeSound({ columns }: DatasetSpec, extension: string): string | Uint8Array | undefined {
  const [, ...others] = columns;
  const rest = others.map(({ name }) => [name, null]);
  if (extension === ".json") return JSON.stringify([{ t: "2024-01-01", ...Object.fromEntries(rest) }]);
  const header = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(",");
  const text = `${header}\n2024-01-01${",".repeat(others.length)}\n`;
  if (extension === ".csv") return text;
  return extension === ".csv.gz" ? gzipSync(text) : undefined;
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
      const sound = writeSound(spec, family.extension);
      if (sound !== undefined) {
        const other = await reader.write(sound, family.extension);
        // At once with a sound file it becomes the same, or both are to be read by themselves.
        const beside = await reader.readBeside(spec, [path, other]);
        if (beside) expect([outcome.verdict === "rejected" ? [] : outcome.digests, beside]).toEqual([beside, beside]);
        await rm(other);
      }
      await rm(path);
    },
  );
});
