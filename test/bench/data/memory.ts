/**
 * Whether memory stays flat: the most that a process and its children hold while they take in the three million flights and
 * build a training set of them, beside the most for the same flights ten times over, each time half a year later.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { quotePath } from "../../../framework/data/sql.ts";
import { locateSource } from "../../../framework/definitions/source-location.ts";
import { openStore } from "../../../framework/store/store.ts";
import { startMinio } from "../../support/minio.ts";
import { median } from "../plan/measure.ts";

export interface MemoryBenchOptions {
  /** How often the flights are repeated in the larger file. @default 10 */
  readonly times?: number;
  /** How often each file is taken in. @default 1 */
  readonly repeats?: number;
  readonly signal?: AbortSignal;
  readonly print: (line: string) => void;
}

/** The peak for the larger file, by that for the smaller one. */
export interface MemoryBench {
  readonly ingest: number;
  readonly trainingSet: number;
}

const flights = locateSource(import.meta.dirname, {
  kind: "file",
  format: "parquet",
  path: "npm:vega-datasets/data/flights-3m.parquet",
});
/** From the first flight to the last. */
const span = "181 days";
const sampleMilliseconds = 50;

/** @throws Error when a run fails, or did not take in every row */
export async function benchMemory(options: MemoryBenchOptions): Promise<MemoryBench> {
  const { times = 10, repeats = 1, signal, print } = options;
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-memory-"));
  try {
    const large = join(folder, "large.parquet");
    await withDuckDb(folder, (db) => db.run(copyToParquet(repeatFlights(times), large)), { ...(signal && { signal }) });
    const ratios = { ingest: [] as number[], trainingSet: [] as number[] };
    for (let turn = 0; turn < repeats; turn++) {
      const small = await watchRun(flights, join(folder, `small-${turn}`), signal);
      const big = await watchRun(large, join(folder, `large-${turn}`), signal);
      if (big.ingest.rows !== times * small.ingest.rows) throw new Error("rows were lost");
      for (const phase of ["ingest", "trainingSet"] as const) {
        ratios[phase].push(big[phase].peak / small[phase].peak);
        for (const { rows, peak, seconds } of [small[phase], big[phase]])
          print(`${phase.padEnd(11)} ${rows} rows: ${Math.round(peak / 2 ** 20)} MiB, ${seconds.toFixed(0)} s`);
      }
    }
    return { ingest: median(ratios.ingest), trainingSet: median(ratios.trainingSet) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The flights as many times as asked, in the order of their times. */
function repeatFlights(times: number): string {
  const columns = `date + to_days(${Number.parseInt(span, 10)} * i::INTEGER) AS date, delay, distance, origin, destination`;
  return `SELECT ${columns} FROM range(${times}) r(i), read_parquet(${quotePath(flights)}, hive_partitioning = false)`;
}

/** What a process had made when a phase ended, and the most that it and its descendants held at one time until then. */
interface Phase {
  readonly rows: number;
  /** In bytes of resident memory. */
  readonly peak: number;
  readonly seconds: number;
}

interface WatchedRun {
  readonly ingest: Phase;
  readonly trainingSet: Phase;
}

async function watchRun(file: string, folder: string, signal: AbortSignal | undefined): Promise<WatchedRun> {
  await mkdir(folder);
  const minio = await startMinio();
  try {
    await openStore(minio.connection).prepare();
    const program = join(import.meta.dirname, "memory-once.ts");
    const child = spawn(process.execPath, ["--no-warnings", program, file, folder], {
      env: { ...process.env, STEWARD_BENCH_STORE: JSON.stringify(minio.connection) },
      stdio: ["ignore", "pipe", "inherit"],
      ...(signal && { signal }),
    });
    const phases: Phase[] = [];
    let phase = { peak: 0, started: performance.now() };
    createInterface({ input: child.stdout }).on("line", (line) => {
      phases.push({ rows: Number(line), peak: phase.peak, seconds: (performance.now() - phase.started) / 1000 });
      phase = { peak: 0, started: performance.now() };
    });
    const sample = setInterval(() => {
      if (child.pid !== undefined) phase.peak = Math.max(phase.peak, measureTree(child.pid));
    }, sampleMilliseconds);
    const [code] = (await once(child, "close")) as [number | null];
    clearInterval(sample);
    const [ingest, trainingSet] = phases;
    if (code !== 0 || !ingest || !trainingSet) throw new Error(`a run over ${file} ended with ${code}`);
    return { ingest, trainingSet };
  } finally {
    await minio.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The resident memory of a process and all that descend from it, in bytes. */
function measureTree(root: number): number {
  const children = new Map<number, number[]>();
  const resident = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = readOrNothing(`/proc/${entry}/status`);
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    resident.set(Number(entry), 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }
  const add = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + add(child), resident.get(pid) ?? 0);
  return add(root);
}

/** A process may end between two looks at it. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
