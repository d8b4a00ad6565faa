/**
 * A server in a child of its own for as long as a candidate is evaluated: limited in memory and in what it may write, on a port of
 * this machine, and gone when it is given up or its parent ends.
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { toCanonicalJson } from "../../plan/canonical.ts";
import type { Reference } from "../../store/reference.ts";
import { startProcess } from "../../training/limited-process.ts";
import type { Subject } from "../predict-test-rows.ts";

/** A server that answers, until it is disposed of. */
export interface LimitedServer extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly address: string;
}

/** A candidate as a model server has it: it answers, or the server does not take it. */
export type ServedCandidate =
  | ({ readonly state: "serving" } & LimitedServer)
  | ({ readonly state: "refused"; readonly why: string } & AsyncDisposable);

export interface LimitedServerOptions {
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** What the server may have in memory, in bytes. @default 2 GiB, as at admission */
  readonly memoryBytes?: number;
  /** How long it may take to load the candidate, in seconds; then an error is thrown, and no candidate refused. @default 60 */
  readonly seconds?: number;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

const defaults = { memoryBytes: 2 * 2 ** 30, seconds: 60 };
const program = (name: string) => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`);
/** It writes no file and leaves no memory behind. */
const confine = 'ulimit -f 0; ulimit -c 0; exec "$@"';
const permissions = ["--permission", "--allow-fs-read=*", "--allow-addons", "--allow-worker", "--no-warnings"];
const greeting = z.strictObject({ port: z.int().min(1) });

/** Serves a candidate by the program of a model server. A candidate that it does not take is told, not thrown. */
export async function serveCandidate(
  { package: made, packageDigest }: Pick<Subject, "package" | "packageDigest">,
  options: LimitedServerOptions,
): Promise<ServedCandidate> {
  const folder = await mkdtemp(join(tmpdir(), "steward-served-"));
  const packageFile = join(folder, "package.json");
  let started: Started | undefined;
  const dispose = async () => {
    await started?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const refuse = (why: string): ServedCandidate => ({ state: "refused", why, [Symbol.asyncDispose]: dispose });
  try {
    await writeFile(packageFile, toCanonicalJson(made));
    const onnx = await options.fetchFile(made.onnx);
    const request = { folder, packageFile, packageDigest, onnx };
    started = await start("candidate-program", { folder, request, ...options });
    if (started.address === undefined) return refuse(started.why);
    const late = AbortSignal.timeout(1000 * (options.seconds ?? defaults.seconds));
    const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
    const ready = await fetch(`${started.address}/v2/models/${encodeURIComponent(made.model)}/ready`, { signal });
    if (!ready.ok) return refuse(started.lastLine() || "it loaded no model");
    return { state: "serving", address: started.address, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Starts what a latency is held against. */
export async function serveControl(options: Omit<LimitedServerOptions, "fetchFile">): Promise<LimitedServer> {
  const started = await start("control-program", { folder: tmpdir(), request: {}, ...options });
  const dispose = async () => void (await started.stop());
  if (started.address !== undefined) return { address: started.address, [Symbol.asyncDispose]: dispose };
  await dispose();
  throw new Error(`what a latency is held against did not start: ${started.why}`);
}

interface Started {
  readonly address: string | undefined;
  /** Why there is no address. */
  readonly why: string;
  readonly stop: () => Promise<unknown>;
  /** What it wrote last on stderr. */
  readonly lastLine: () => string;
}

interface Starting extends Omit<LimitedServerOptions, "fetchFile"> {
  readonly folder: string;
  readonly request: object;
}

/** Starts a program and waits until it says where it listens. */
async function start(
  name: string,
  { folder, request, memoryBytes = defaults.memoryBytes, seconds = defaults.seconds, signal }: Starting,
): Promise<Started> {
  signal?.throwIfAborted();
  const said = Promise.withResolvers<string>();
  let lastLine = "";
  const node = [process.execPath, ...permissions, program(name), JSON.stringify(request)];
  const child = startProcess(["/bin/sh", "-c", confine, "confine", ...node], {
    folder,
    environment: { HOME: folder, TMPDIR: folder, LANG: "C.UTF-8" },
    memoryBytes,
    graceSeconds: 1,
    onLine(line, output) {
      if (output === "stdout") said.resolve(line);
      else if (line.trim() !== "") lastLine = line;
    },
  });
  const stop = () => void child.stop();
  signal?.addEventListener("abort", stop, { once: true });
  const ended = child.ended.finally(() => signal?.removeEventListener("abort", stop));
  const waiting = new AbortController();
  const late = sleep(seconds * 1000, "late" as const, { signal: waiting.signal }).catch(() => "late" as const);
  const first = await Promise.race([said.promise, ended, late]).finally(() => waiting.abort());
  signal?.throwIfAborted();
  const parts = { stop: () => child.stop(), lastLine: () => lastLine };
  if (first === "late") {
    await child.stop();
    // That may be the machine's fault: whoever evaluates tries again.
    throw new Error(`the candidate's server was not ready after ${seconds} s`);
  }
  if (typeof first === "string") {
    const port = readPort(first);
    if (port !== undefined) return { ...parts, address: `http://127.0.0.1:${port}`, why: "" };
    return {
      ...parts,
      address: undefined,
      why: `it said ${JSON.stringify(first.slice(0, 200))} where it says its port`,
    };
  }
  const how =
    first.reason === "memory"
      ? `it used more than ${Math.round(memoryBytes / 2 ** 20)} MiB of memory`
      : `it ended with ${first.how}`;
  return { ...parts, address: undefined, why: lastLine === "" ? how : `${how}: ${lastLine}` };
}

/** The port of a greeting; nothing where something else was said, as a library that a model loads may do. */
function readPort(line: string): number | undefined {
  try {
    return greeting.safeParse(JSON.parse(line)).data?.port;
  } catch {
    return undefined;
  }
}
