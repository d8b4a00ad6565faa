/**
 * How long a contract of 25 rules takes over 5 million rows of 25 columns, beside reading the same Parquet file and doing
 * nothing with it, and beside pandera on pandas. All begin at the file.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { planCheck } from "../../../framework/data/check.ts";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { openSource } from "../../../framework/data/source.ts";
import { quoteName, quotePath } from "../../../framework/data/sql.ts";
import type { ColumnSpec, DatasetSpec } from "../../../framework/definitions/spec.ts";
import { median } from "../plan/measure.ts";
import { runPeer } from "./peers.ts";

export interface ContractBench {
  readonly rows: number;
  /** Turns that count; one before them does not. */
  readonly repeats: number;
  /** How many turns pandera takes part in: it takes many times as long. */
  readonly peerRepeats: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The size of the published figures. */
export const fullContract = { rows: 5_000_000, repeats: 5, peerRepeats: 1 } as const;

export interface ContractFigures {
  /** How many times as long as reading the file alone. */
  readonly besideDecode: number;
  /** How many times as long pandera takes. */
  readonly pandera: number;
}

/** One row in so many breaks a rule, which all must find. */
const brokenEvery = 100_000;
const kinds = ["red", "green", "blue", "grey"];
const numbers = Array.from({ length: 20 }, (_, i) => `v${i}`);
const outcomeSchema = z.object({ seconds: z.number(), rows: z.number(), failures: z.number() });

/** Generates the rows in a temporary folder, times everyone in turns, and prints what each took. */
export async function benchContract(options: ContractBench): Promise<ContractFigures> {
  const { rows, repeats, peerRepeats, signal, print } = options;
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-contract-"));
  try {
    const path = join(folder, "rows.parquet");
    await withDuckDb(folder, (db) => db.run(copyToParquet(selectRows(rows), path)), { signal });
    const seconds: Record<"decode" | "steward" | "pandera", number[]> = { decode: [], steward: [], pandera: [] };
    for (let turn = 0; turn <= repeats; turn++) {
      signal.throwIfAborted();
      const decode = await timeQuery(folder, async () => `SELECT ${sumAll()} FROM read_parquet(${quotePath(path)})`);
      const steward = await timeCheck(folder, path, rows);
      if (turn === 0) continue;
      seconds.decode.push(decode);
      seconds.steward.push(steward);
      if (turn > peerRepeats) continue;
      const outcome = outcomeSchema.parse(
        await runPeer("pandera", { program: "pandera_contract.py", args: [path], signal }),
      );
      if (outcome.rows !== rows || outcome.failures !== rows / brokenEvery)
        throw new Error(`pandera found ${outcome.failures} failures in ${outcome.rows} rows`);
      seconds.pandera.push(outcome.seconds);
    }
    for (const [name, all] of Object.entries(seconds)) {
      const shown = all.map((each) => each.toFixed(2)).join(" ");
      print(`${name.padEnd(24)} median ${median(all).toFixed(2).padStart(7)} s   ${shown}`);
    }
    const own = median(seconds.steward);
    return { besideDecode: own / median(seconds.decode), pandera: median(seconds.pandera) / own };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a query in a database of its own. Opening that counts. */
async function timeQuery(folder: string, plan: () => Promise<string>): Promise<number> {
  const start = performance.now();
  await withDuckDb(folder, async (db) => db.rows(await plan(), z.record(z.string(), z.unknown())));
  return (performance.now() - start) / 1000;
}

const judged = z.object({ rows: z.coerce.number(), broken: z.coerce.number() });

/** The pass of the check that only judges, as an ingest plans it. */
async function timeCheck(folder: string, path: string, rows: number): Promise<number> {
  const start = performance.now();
  const [found] = await withDuckDb(folder, async (db) => {
    const plan = planCheck(spec, await openSource(db, spec, path));
    return db.rows(plan.judgement, judged);
  });
  const seconds = (performance.now() - start) / 1000;
  if (found?.rows === rows && found.broken === rows / brokenEvery) return seconds;
  throw new Error(`the check found ${found?.broken} broken rows of ${found?.rows}`);
}

/** Every column is decoded, whatever its type. */
function sumAll(): string {
  const sums = ["id", "count", ...numbers].map((name) => `sum(${quoteName(name)})`);
  return [...sums, `max("at")`, `sum(length(code))`, `sum(length(kind))`].map((sql, i) => `${sql} AS s${i}`).join(", ");
}

function selectRows(rows: number): string {
  const values = numbers.map((name, i) => {
    const value = `CAST(hash(i * 20 + ${i}) % 2000000 AS DOUBLE) / 1000 - 1000`;
    return `${i === 7 ? `CASE WHEN i % ${brokenEvery} = 7 THEN 5000 ELSE ${value} END` : value} AS ${name}`;
  });
  const kind = kinds.map((each) => `'${each}'`).join(", ");
  return `SELECT i AS id, TIMESTAMP '2024-01-01' + to_seconds(i) AS "at",
    CASE WHEN i % 10 <> 0 THEN i % 100 END AS "count",
    chr(CAST(65 + i % 26 AS INTEGER)) || chr(CAST(65 + i % 7 AS INTEGER)) || 'A' AS code,
    [${kind}][1 + i % 4] AS kind, ${values.join(", ")}
    FROM range(${rows}) AS t(i)`;
}

function column(name: string, type: ColumnSpec["type"], rules: Partial<ColumnSpec> = {}): ColumnSpec {
  return { name, type, nullable: false, known: "0 seconds", ...rules };
}

/** 25 columns, each with a rule beside its type. */
const spec: DatasetSpec = {
  format: "dataset/1",
  kind: "dataset",
  name: "rows",
  owner: "bench",
  columns: [
    column("id", "integer", { min: 0 }),
    column("at", "timestamp"),
    column("count", "integer", { nullable: true, min: 0, max: 100 }),
    column("code", "string", { minLength: 3, maxLength: 3 }),
    column("kind", "string", { values: kinds }),
    ...numbers.map((name) => column(name, "number", { min: -1000, max: 1000 })),
  ],
  eventTime: "at",
  key: [],
  source: { kind: "file", format: "parquet", path: "rows.parquet" },
  contract: { violations: "quarantine", tolerance: 1 },
};
