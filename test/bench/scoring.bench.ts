/**
 * The scoring bench: how long `steward score`'s scorer takes for two million rows of thirty numbers in a Parquet file, and what memory,
 * beside pyarrow and ONNX Runtime with the same model on as many cores. Every answer is compared with what the runtime says on one thread:
 * on several it adds trees up in another order, and so rounds otherwise.
 * `npm run bench -- scoring [part …]` runs all parts or the named ones; `STEWARD_BENCH_REPEATS` and `STEWARD_BENCH_ROWS` shorten it.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quotePath, quoteText } from "../../framework/data/sql.ts";
import { ensureLocked } from "./data/peers.ts";
import { type Figure, print, runBench } from "./figures.ts";
import { median } from "./plan/measure.ts";
import { type WatchedRun, watchRun } from "./scoring/watched-run.ts";
import { trainBenchModel } from "./serving/bench-model.ts";

const here = join(import.meta.dirname, "scoring");
/** The size of the published figures. */
const full = { repeats: 5, rows: 2_000_000 } as const;
/** Both sides have as many cores. */
const cores = [0, 1];
/** How far an answer may be from the runtime's, in units of the larger of 1 and the answer; and a peer's that added up otherwise. */
const tolerances = { steward: 1e-6, peer: 1e-4 } as const;

/** How the peer goes about it: all rows at once, as most scripts do, or batch by batch. */
const parts = ["whole", "streamed"] as const;
type Way = (typeof parts)[number];

interface Prepared {
  readonly onnx: string;
  readonly file: string;
  readonly rows: number;
  readonly python: string;
  readonly folder: string;
}

async function measure(names: readonly string[], signal: AbortSignal): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-scoring-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const rows = readSize("STEWARD_BENCH_ROWS", full.rows);
  const repeats = readSize("STEWARD_BENCH_REPEATS", full.repeats);
  print("training the model, making the rows …");
  const { onnx } = await trainBenchModel(folder, signal);
  const python = join(await ensureLocked(join(here, "scoring.lock"), signal), "python");
  const file = join(folder, "rows.parquet");
  await promisify(execFile)(python, [join(here, "rows.py"), file, String(rows)], { signal });
  const prepared = { onnx, file, rows, python, folder };
  print("asking ONNX Runtime on one thread …");
  await runPeer({ ...prepared, way: "streamed", threads: 1, out: "oracle.parquet" }, signal);
  const ways = parts.filter((way) => names.includes(way));
  const runs = { steward: [] as WatchedRun[], whole: [] as WatchedRun[], streamed: [] as WatchedRun[] };
  for (let turn = 0; turn < repeats; turn++) {
    // Each in its turn, the other way around every other time: what the machine does beside it meets all of them.
    const contenders = ["steward", ...ways] as const;
    for (const name of turn % 2 === 0 ? contenders : contenders.toReversed()) {
      const run = await (name === "steward"
        ? runSteward(prepared, signal)
        : runPeer({ ...prepared, way: name, threads: cores.length, out: `${name}.parquet` }, signal));
      runs[name].push(run);
      print(`${name.padEnd(9)} ${run.seconds.toFixed(2)} s, ${Math.round(run.peak / 2 ** 20)} MiB`);
    }
    await compareAnswers(prepared, { answers: "steward/*.parquet", column: "predicted_value", by: tolerances.steward });
    for (const way of ways)
      await compareAnswers(prepared, { answers: `${way}.parquet`, column: "value", by: tolerances.peer });
  }
  return ways.flatMap((way) => compareRuns(way, runs.steward, runs[way]));
}

async function runSteward({ onnx, file, rows, folder }: Prepared, signal: AbortSignal): Promise<WatchedRun> {
  const out = join(folder, "steward");
  await rm(out, { recursive: true, force: true });
  await mkdir(out);
  const program = join(here, "steward-once.ts");
  const threads = String(cores.length);
  return watchRun([process.execPath, "--no-warnings", program, onnx, file, out, String(rows), threads], {
    cores,
    signal,
  });
}

interface PeerRun extends Prepared {
  readonly way: Way;
  readonly threads: number;
  /** The name of the file it writes. */
  readonly out: string;
}

function runPeer({ onnx, file, folder, python, way, threads, out }: PeerRun, signal: AbortSignal): Promise<WatchedRun> {
  const program = join(here, "peer.py");
  return watchRun([python, program, onnx, file, join(folder, out), String(threads), way], { cores, signal });
}

interface Compared {
  /** The files with the answers, and the column that has them. */
  readonly answers: string;
  readonly column: string;
  readonly by: number;
}

const differences = z.object({ rows: z.coerce.number(), different: z.coerce.number() });

/** @throws Error where one of the answers is another than the runtime's */
async function compareAnswers({ folder, rows }: Prepared, { answers, column, by }: Compared): Promise<void> {
  const [own, expected] = [quoteText(join(folder, answers)), quotePath(join(folder, "oracle.parquet"))];
  const [found] = await withDuckDb(folder, (db) =>
    db.rows(
      `SELECT count(*) AS rows, count_if(NOT coalesce(abs(own - value) <= ${by} * greatest(1, abs(value)), false)) AS different
       FROM (SELECT ${column} AS own FROM read_parquet(${own})) POSITIONAL JOIN (SELECT value FROM read_parquet(${expected}))`,
      differences,
    ),
  );
  if (found?.rows !== rows || found.different > 0)
    throw new Error(`${answers} has other answers than the runtime: ${JSON.stringify(found)} of ${rows}`);
}

function compareRuns(way: Way, own: readonly WatchedRun[], peer: readonly WatchedRun[]): Figure[] {
  const ratio = (read: (run: WatchedRun) => number): number => median(own.map(read)) / median(peer.map(read));
  const [speed, memory] = [1 / ratio(({ seconds }) => seconds), ratio(({ peak }) => peak)];
  // Of the peer as it is asked about; the other way of it is shown.
  const asked = way === "whole";
  return [
    { name: `scoring-rate-beside-${way}-pyarrow-onnxruntime`, value: speed, ...(asked && { goal: { atLeast: 2 } }) },
    {
      name: `scoring-memory-beside-${way}-pyarrow-onnxruntime`,
      value: memory,
      ...(asked && { goal: { atMost: 0.25 } }),
    },
  ];
}

/** @throws RangeError for what is no whole number from 1 on */
function readSize(variable: string, usual: number): number {
  const size = Number(process.env[variable] ?? usual);
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`${variable} must be a whole number from 1 on`);
  return size;
}

if (availableParallelism() < cores.length) {
  process.stderr.write("the bench needs two cores\n");
  process.exitCode = 1;
} else await runBench("scoring", parts, measure);
