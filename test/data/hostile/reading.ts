/**
 * Reading hostile files the way an ingest does, and telling what became of each in few words.
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../../framework/data/duckdb.ts";
import { type Reader, startReader } from "../../../framework/data/reader/start-reader.ts";
import { judgeFindings } from "../../../framework/data/refusal.ts";
import { quotePath } from "../../../framework/data/sql.ts";
import { StewardError } from "../../../framework/definitions/problem.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { digestFile } from "../../../framework/store/digest-file.ts";
import type { Verdict } from "./hostile-case.ts";

export interface Outcome {
  readonly verdict: Exclude<Verdict, "any">;
  /** Of a quarantine, each example of each reason; of a rejection, what is said. */
  readonly says: readonly string[];
  /** The digests of what was written. */
  readonly digests: readonly string[];
  readonly parts: readonly string[];
}

const limits = { memoryBytes: 1_000_000_000, stallSeconds: 10 };
const anyRow = z.record(z.string(), z.unknown());

/** Gives the tests of a file a folder, and one reader for all of their files, or another after its end. */
export function useReader() {
  let folder = "";
  let reader: Reader | undefined;
  let turn = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-hostile-"));
  });
  afterAll(async () => {
    await reader?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const read = async (spec: DatasetSpec, path: string): Promise<Outcome> => {
    reader ??= await startReader({ folder, limits });
    try {
      const reading = await reader.read({ spec, name: "", path });
      const refusal = judgeFindings(spec, reading, path);
      const examples = reading.breaches.flatMap(({ column, reason, examples }) =>
        examples.map(({ position }) => `row ${position}: ${column} ${reason}`),
      );
      const parts = reading.parts.map((part) => part.path);
      const digests = [...parts, ...(reading.quarantine ? [reading.quarantine.path] : [])].map(digestFile);
      return {
        verdict: refusal ? "rejected" : reading.broken > 0 ? "quarantined" : "accepted",
        says: refusal ? refusal.problems.map(describe) : examples,
        digests: (await Promise.all(digests)).map(({ sha256 }) => sha256),
        parts,
      };
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      if (error.problems.some(({ what }) => what.startsWith("Reading the source"))) {
        await reader.close();
        reader = undefined;
      }
      return { verdict: "rejected", says: error.problems.map(describe), digests: [], parts: [] };
    }
  };
  /** What becomes of a file that is read at once with another one: its digests, or nothing where each is to be read by itself. */
  const readBeside = async (spec: DatasetSpec, paths: readonly [path: string, other: string]) => {
    reader ??= await startReader({ folder, limits });
    const files = paths.map((path, index) => ({ name: String(index), path }));
    const [reading] = (await reader.readSmall(spec, files)) ?? [];
    if (!reading) return undefined;
    const written = [...reading.parts, ...(reading.quarantine ? [reading.quarantine] : [])];
    return (await Promise.all(written.map(({ path }) => digestFile(path)))).map(({ sha256 }) => sha256);
  };
  return {
    folder: () => folder,
    async write(content: string | Uint8Array, extension = ""): Promise<string> {
      const path = join(folder, `hostile-${++turn}${extension}`);
      await writeFile(path, content);
      return path;
    },
    read,
    readBeside,
    /** The rows of Parquet files, sorted, so that those of the same rows are equal. */
    readBack: async (parts: readonly string[]) =>
      parts.length === 0
        ? []
        : await withDuckDb(folder, (db) => db.rows(`FROM read_parquet([${parts.map(quotePath).join(", ")}])`, anyRow)),
  };
}

function describe({ what, got = "" }: { readonly what: string; readonly got?: string }): string {
  return `${what}: ${got}`;
}
