/**
 * Examples of small data, made the way a training set makes them.
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { DuckDb } from "../../framework/data/duckdb.ts";
import { provideIndex } from "../../framework/features/as-of/index-cache.ts";
import { joinAsOf } from "../../framework/features/as-of/join-as-of.ts";
import {
  type CompiledExamples,
  compileExamples,
  type FeatureSource,
} from "../../framework/features/compile-examples.ts";
import { column, trainingJob } from "./given.ts";

export type Source = Omit<FeatureSource, "index">;

/** Compiles the join of a set to a spine whose label is its column `id`; the set's index lies in the database's folder. */
export async function joinSources(
  db: DuckDb,
  [spine, joined]: readonly [Source, Source],
  sizes: { readonly segmentRows?: number } = {},
): Promise<CompiledExamples> {
  const folder = await mkdtemp(join(db.folder, "indexes-"));
  const { segmentRows } = sizes;
  const work = { workFolder: db.folder, ...(segmentRows !== undefined && { segmentRows }) };
  const index = await provideIndex(folder, { ...joined, digests: [randomUUID()] }, work);
  const sources = [spine, { ...joined, index }] as const;
  const job = trainingJob({
    features: sources.map((source) => ({ set: source.set.name, ...source.join })),
    label: column("id"),
  });
  return compileExamples(job, sources);
}

const row = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));

/** The examples in the order of their label, without their times; what makes them is taken back. */
export async function selectExamples(
  db: DuckDb,
  compiled: CompiledExamples,
  sizes: { readonly batchRows?: number } = {},
) {
  const { batchRows } = sizes;
  try {
    for (const { sql } of compiled.steps) await db.run(sql);
    if (compiled.joins.length > 0) await joinAsOf(db, compiled, { ...(batchRows !== undefined && { batchRows }) });
    return await db.rows("SELECT * EXCLUDE (__time) FROM examples ORDER BY __label", row);
  } finally {
    // No transaction to roll back: it would number its rows otherwise than a table does.
    const made = await db.rows(
      `SELECT 'VIEW' AS kind, view_name AS name FROM duckdb_views() WHERE temporary AND NOT internal
      UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary`,
      z.object({ kind: z.string(), name: z.string() }),
    );
    for (const { kind, name } of made) await db.run(`DROP ${kind} ${name}`);
  }
}
