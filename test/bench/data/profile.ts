/**
 * How long a full profile takes beside DuckDB's own: `profilePart` and `SUMMARIZE` of the same Parquet file, in turns, in one
 * process, with two threads for DuckDB in both.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { z } from "zod";
import { copyToParquet, type DuckDb, withDuckDb } from "../../../framework/data/duckdb.ts";
import { describeMoments } from "../../../framework/data/profile/moments.ts";
import type { ColumnProfile, Profile } from "../../../framework/data/profile/profile.ts";
import { profilePart } from "../../../framework/data/profile/profile-part.ts";
import { readDistinctCount, readQuantile, readSpread } from "../../../framework/data/profile/read-column.ts";
import { quoteText } from "../../../framework/data/sql.ts";
import type { ColumnSpec } from "../../../framework/definitions/spec.ts";
import { median } from "../plan/measure.ts";

export interface ProfileBenchOptions {
  /** @default 5,000,000 */
  readonly rows?: number;
  /** How often each is timed, after once that does not count. @default 3 */
  readonly repeats?: number;
  readonly signal?: AbortSignal;
}

export interface ProfileBench {
  readonly rows: number;
  /** The seconds of every turn. */
  readonly steward: readonly number[];
  readonly summarize: readonly number[];
  /** How many times as long `SUMMARIZE` takes, by medians. */
  readonly ratio: number;
  /** The profile as JSON. */
  readonly bytes: number;
}

const doubles = Array.from({ length: 20 }, (_, index) => `d${index}`);
const columns: readonly ColumnSpec[] = (
  [
    ["id", "integer"],
    ["t", "timestamp"],
    ...doubles.map((name) => [name, "number"] as const),
    ["n", "integer"],
    ["city", "string"],
    ["user", "string"],
  ] as const
).map(([name, type]) => ({ name, type, nullable: true, known: "0 seconds" }));

/** Times both, after checking the profile against what DuckDB counts. @throws Error when the profile is wrong */
export async function benchProfile(options: ProfileBenchOptions = {}): Promise<ProfileBench> {
  const { rows = 5_000_000, repeats = 3, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-profile-"));
  try {
    const path = join(folder, "rows.parquet");
    await withDuckDb(folder, (db) => db.run(copyToParquet(selectRows(rows), path)), { ...(signal && { signal }) });
    const profile = await profilePart(path, columns, { ...(signal && { signal }) });
    await withDuckDb(folder, (db) => requireRight(db, path, profile));
    const steward: number[] = [];
    const summarize: number[] = [];
    for (let turn = 0; turn <= repeats; turn++) {
      signal?.throwIfAborted();
      const times = [await timed(() => profilePart(path, columns)), await timed(() => summarizeFile(path))] as const;
      if (turn === 0) continue;
      steward.push(times[0]);
      summarize.push(times[1]);
    }
    const bytes = Buffer.byteLength(JSON.stringify(profile));
    return { rows, steward, summarize, ratio: median(summarize) / median(steward), bytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** As a person would: in memory, with DuckDB's own settings but for the threads. */
async function summarizeFile(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  try {
    const connection = await instance.connect();
    await connection.runAndReadAll(`SUMMARIZE FROM read_parquet(${quoteText(path)})`);
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

/** The rows: normal, log-normal, uniform and rounded numbers, an integer with nulls, a text of few values and one of many. */
function selectRows(rows: number): string {
  const share = (seed: number) => `((hash(i * 64 + ${seed}) >> 11)::DOUBLE / 9007199254740992.0)`;
  const numbers = doubles.map((name, index) => {
    const normal = `sqrt(-2 * ln(1 - ${share(2 * index)})) * cos(2 * pi() * ${share(2 * index + 1)})`;
    const shapes = [
      `${normal} * ${index + 1} + ${index * 10}`,
      `exp(2 * ${normal})`,
      `${share(2 * index)} * 1000`,
      `round(${share(2 * index)} * 100, 2)`,
    ];
    return `${shapes[index % 4]} AS ${name}`;
  });
  return `SELECT i AS id, TIMESTAMP '2024-01-01' + to_microseconds(i * 1000000) AS t, ${numbers.join(", ")},
    CASE WHEN hash(i * 64 + 50) % 20 = 0 THEN NULL ELSE (hash(i * 64 + 51) % 1000)::BIGINT END AS n,
    'city-' || (hash(i * 64 + 52) % 300) AS city, 'user-' || (hash(i * 64 + 53) % 200000) AS user
    FROM range(${rows}) r(i)`;
}

/** The oracle: what DuckDB counts exactly of the same rows. */
async function requireRight(db: DuckDb, path: string, profile: Profile): Promise<void> {
  const file = `read_parquet(${quoteText(path)})`;
  for (const column of profile.columns) {
    const { name, count, nulls } = column;
    const require = (what: string, isRight: boolean): void => {
      if (!isRight) throw new Error(`the profile of ${name} is wrong in its ${what}`);
    };
    const [exact] = await db.rows(
      `SELECT count(${name}) AS count, count(*) - count(${name}) AS nulls, count(DISTINCT ${name}) AS distinct FROM ${file}`,
      z.object({ count: z.coerce.number(), nulls: z.coerce.number(), distinct: z.coerce.number() }),
    );
    if (!exact) throw new Error("a query without a row");
    require("count", exact.count === count && exact.nulls === nulls);
    const distinct = readDistinctCount(column);
    const off = Math.abs(distinct.count / exact.distinct - 1);
    require("distinct values", distinct.isExact ? off === 0 : off < 0.065);
    await requireNumbers(db, { file, column, require });
  }
}

async function requireNumbers(
  db: DuckDb,
  about: {
    readonly file: string;
    readonly column: ColumnProfile;
    readonly require: (what: string, isRight: boolean) => void;
  },
): Promise<void> {
  const { file, column, require } = about;
  const { name, type, count, values } = column;
  if (values.kind !== "numbers") return;
  const sql = type === "timestamp" ? `CAST(epoch_us(${name}) AS DOUBLE)` : `CAST(${name} AS DOUBLE)`;
  const shares = [0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999];
  const bins = readSpread(values);
  const ranks = shares.flatMap((share, index) => {
    const value = `CAST('${readQuantile(bins, share)}' AS DOUBLE)`;
    return [
      `count(*) FILTER (${sql} < ${value}) AS below${index}`,
      `count(*) FILTER (${sql} <= ${value}) AS upto${index}`,
    ];
  });
  const [exact = {}] = await db.rows(
    `SELECT min(${sql}) AS min, max(${sql}) AS max, avg(${sql}) AS mean, stddev_pop(${sql}) AS deviation,
      ${ranks.join(", ")} FROM ${file}`,
    z.record(z.string(), z.coerce.number()),
  );
  const { mean, deviation } = describeMoments({ count, ...(values.moments ?? { mean: Number.NaN, m2: 0, m3: 0 }) });
  require("bounds", values.min === exact["min"] && values.max === exact["max"]);
  require("mean", Math.abs(mean - (exact["mean"] ?? 0)) <= 1e-6 * deviation);
  require("deviation", Math.abs(deviation / (exact["deviation"] ?? 0) - 1) < 1e-6);
  for (const [index, share] of shares.entries()) {
    const missed = Math.max(
      0,
      (exact[`below${index}`] ?? 0) - share * count,
      share * count - (exact[`upto${index}`] ?? 0),
    );
    require(`quantile ${share}`, missed <= 0.001 * count + 1);
  }
}
