/**
 * How long it takes to commit a dataset of 10,000 files of which one in a hundred has changed, and one of which none has,
 * beside `dvc add` and `dvc push` of the same files to the same MinIO. Steward commits twice: as one command, a whole process
 * as dvc is, and in a process that is up already, as a stack's worker is, whose start is told by itself.
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Client } from "minio";
import { z } from "zod";
import { openStore } from "../../../framework/store/store.ts";
import { startMinio } from "../../support/minio.ts";
import { median } from "../plan/measure.ts";
import { ensurePeer } from "./peers.ts";

const run = promisify(execFile);

export interface CommitBench {
  readonly files: number;
  /** How many of them change in a commit. */
  readonly changed: number;
  readonly rowsPerFile: number;
  /** Turns that count. */
  readonly repeats: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The size of the published figures. */
export const fullCommit = { files: 10_000, changed: 100, rowsPerFile: 20, repeats: 5 } as const;

export interface CommitFigures {
  /** How many times as long dvc takes for a commit of the changed files as the one command. */
  readonly changed: number;
  /** The same for a commit of nothing. */
  readonly unchanged: number;
  /** Both beside a commit in a process that is up. */
  readonly upChanged: number;
  readonly upUnchanged: number;
}

const committed = z.object({ root: z.string(), rows: z.number() });
const answered = committed.extend({ milliseconds: z.number() });

/** Writes the files in a temporary folder, commits them in turns, and prints what each took. */
export async function benchCommit(options: CommitBench): Promise<CommitFigures> {
  const { files, changed, rowsPerFile, repeats, signal, print } = options;
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-commit-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const minio = await startMinio();
  stack.defer(() => minio.stop());
  const { connection } = minio;
  await openStore(connection).prepare();
  await openClient(connection).makeBucket("dvc");

  const rows = join(folder, "rows");
  await mkdir(rows);
  for (let file = 0; file < files; file++) await writeFile(fileAt(rows, file), rowsOf(file, rowsPerFile));
  const dvc = await prepareDvc(folder, connection, signal);
  let base = "";
  const steward = async (): Promise<{ readonly rows: number }> => {
    const args = [join(import.meta.dirname, "commit-once.ts"), join(rows, "*.csv"), folder, base];
    // The commands of a project keep their compiled code too, as Python does.
    const compiled = { NODE_COMPILE_CACHE: join(folder, "code") };
    const env = { ...process.env, ...compiled, STEWARD_BENCH_STORE: JSON.stringify(connection) };
    const { stdout } = await run(process.execPath, args, { signal, env, maxBuffer: 2 ** 24 });
    const result = committed.parse(JSON.parse(stdout));
    base = result.root;
    return result;
  };
  const worker = await startWorker({
    pattern: join(rows, "*.csv"),
    folder: join(folder, "worker"),
    connection,
    signal,
  });
  stack.defer(() => worker.end());
  print(`a process that is up: its start took ${worker.seconds.toFixed(2)} s`);
  let workerBase = "";
  const up = async (): Promise<number> => {
    const { root, milliseconds } = await worker.commit(workerBase);
    if (root !== base) throw new Error("the process that is up made another version of the same files");
    workerBase = root;
    return milliseconds / 1000;
  };
  print(`committing ${files} files for the first time …`);
  const first = [await timed(steward), await timed(dvc), await up()];
  const [ours, theirs, inWorker] = first.map((each) => each.toFixed(1));
  print(`the first commit: steward ${ours} s, in a process that is up ${inWorker} s, dvc ${theirs} s`);

  const seconds: Record<string, number[]> = {
    "steward, changed": [],
    "up, changed": [],
    "dvc, changed": [],
    "steward, unchanged": [],
    "up, unchanged": [],
    "dvc, unchanged": [],
  };
  for (let turn = 1; turn <= repeats; turn++) {
    signal.throwIfAborted();
    for (let i = 0; i < changed; i++) await appendFile(fileAt(rows, (i * files) / changed), `2025-01-0${turn},${i}\n`);
    // A file that has just changed may change again without its time telling; none of the two trusts it sooner.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    seconds["steward, changed"]?.push(
      await timed(async () => {
        const { rows: found } = await steward();
        if (found !== files * rowsPerFile + turn * changed) throw new Error(`the version has ${found} rows`);
      }),
    );
    seconds["up, changed"]?.push(await up());
    seconds["dvc, changed"]?.push(await timed(dvc));
    const before = base;
    seconds["steward, unchanged"]?.push(await timed(steward));
    if (base !== before) throw new Error("a commit of nothing made another version");
    seconds["up, unchanged"]?.push(await up());
    seconds["dvc, unchanged"]?.push(await timed(dvc));
  }
  const last = base;
  base = "";
  await steward();
  if (base !== last) throw new Error("commits of what changed led to another version than all files read anew");
  for (const [name, all] of Object.entries(seconds)) {
    print(
      `${name.padEnd(24)} median ${median(all).toFixed(2).padStart(7)} s   ${all.map((each) => each.toFixed(2)).join(" ")}`,
    );
  }
  const ratio = (who: string, which: string) =>
    median(seconds[`dvc, ${which}`] ?? []) / median(seconds[`${who}, ${which}`] ?? []);
  return {
    changed: ratio("steward", "changed"),
    unchanged: ratio("steward", "unchanged"),
    upChanged: ratio("up", "changed"),
    upUnchanged: ratio("up", "unchanged"),
  };
}

interface CommitWorker {
  /** How long its start took. */
  readonly seconds: number;
  commit(base: string): Promise<z.output<typeof answered>>;
  end(): Promise<void>;
}

/** Starts the process that stays up, with a store and a memory of its own, so that it finds nothing done by the other. */
async function startWorker(options: {
  readonly pattern: string;
  readonly folder: string;
  readonly connection: Connection;
  readonly signal: AbortSignal;
}): Promise<CommitWorker> {
  const { pattern, folder, connection, signal } = options;
  const start = performance.now();
  const own = { XDG_CACHE_HOME: join(folder, "user"), STEWARD_BENCH_STORE: JSON.stringify(connection) };
  const child = spawn(process.execPath, [join(import.meta.dirname, "commit-worker.ts"), pattern, folder], {
    env: { ...process.env, ...own },
    stdio: ["pipe", "pipe", "inherit"],
    signal,
  });
  const closed = once(child, "close").catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done) throw new Error("the process that is up has ended");
    return value;
  };
  await read();
  return {
    seconds: (performance.now() - start) / 1000,
    commit: async (base) => {
      child.stdin.write(`${base}\n`);
      return answered.parse(JSON.parse(await read()));
    },
    end: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

function fileAt(folder: string, file: number): string {
  return join(folder, `part-${String(file).padStart(5, "0")}.csv`);
}

function rowsOf(file: number, rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `2024-01-01T00:00:${String(row % 60).padStart(2, "0")},${file * rows + row}`,
  );
  return `t,amount\n${lines.join("\n")}\n`;
}

type Connection = Awaited<ReturnType<typeof startMinio>>["connection"];

function openClient({ endpoint, region, accessKey, secretKey }: Connection): Client {
  const { hostname, port } = new URL(endpoint);
  return new Client({ endPoint: hostname, port: Number(port), useSSL: false, region, accessKey, secretKey });
}

/** A repository of dvc around the files, without git. @returns what adds and pushes them */
async function prepareDvc(folder: string, connection: Connection, signal: AbortSignal): Promise<() => Promise<void>> {
  const program = join(await ensurePeer("dvc", signal), "dvc");
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    DVC_NO_ANALYTICS: "1",
    AWS_ACCESS_KEY_ID: connection.accessKey,
    AWS_SECRET_ACCESS_KEY: connection.secretKey,
  };
  const dvc = (...words: string[]) => run(program, ["-q", ...words], { cwd: folder, env, signal, maxBuffer: 2 ** 24 });
  await dvc("init", "--no-scm");
  await dvc("remote", "add", "--default", "minio", "s3://dvc");
  await dvc("remote", "modify", "minio", "endpointurl", connection.endpoint);
  await dvc("remote", "modify", "minio", "region", connection.region);
  return async () => {
    await dvc("add", "rows");
    await dvc("push");
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
