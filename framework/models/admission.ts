/**
 * Admission: what an ONNX file must pass before anything else may open it. A hostile or broken file can take a process
 * with it, so it is read, judged by rules, opened and asked in a child process that may be lost: limited in memory, time and
 * what it may write, with an empty folder to work in, and without a network where the system gives it none.
 * @module
 */
import { lstat, mkdtemp, open, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Task } from "../definitions/metric.ts";
import { StewardError } from "../definitions/problem.ts";
import { startProcess } from "../training/limited-process.ts";
import { type AdmissionLimits, usualLimits } from "./admission-rules.ts";
import { sniff, sniffedBytes } from "./content-sniff.ts";
import { type Admission, type ProbeRequest, type ProbeVerdict, probeVerdictSchema } from "./probe-verdict.ts";

export interface AdmissionOptions {
  /** The name of what the file is a model of, for problems. */
  readonly model: string;
  /** How many columns the input must have. */
  readonly features: number;
  readonly task: Task;
  /** How many classes it must tell apart. @default the label is none of several classes */
  readonly classes?: number | undefined;
  /** The largest file that is looked at, in bytes. @default 512 MiB */
  readonly largestBytes?: number;
  /** What opening and asking it may use of memory, in bytes. @default 2 GiB */
  readonly memoryBytes?: number;
  /** What opening and asking it may take, in seconds. @default 30 */
  readonly seconds?: number;
  /** What its graph may be. @default `usualLimits` */
  readonly limits?: Partial<AdmissionLimits>;
  /** Ends the admission. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
}

const defaults = { largestBytes: 512 * 2 ** 20, memoryBytes: 2 * 2 ** 30, seconds: 30 };
const program = join(import.meta.dirname, `admission-probe${extname(import.meta.filename)}`);

/**
 * Before it begins, the child gives up what it does not need: to write files, to leave its memory behind, to use more processor
 * time than it may run on all cores, and, where the system lets a user do so, the network.
 */
const confine = `ulimit -f 0; ulimit -c 0; ulimit -t "$1"; shift
if unshare -rn true 2>/dev/null; then exec unshare -rn "$@"; fi
exec "$@"`;
/** A belt to those braces: what JavaScript of the child may do. */
const permissions = ["--permission", "--allow-fs-read=*", "--allow-addons", "--no-warnings"];

/**
 * Admits an ONNX file, or says why not.
 *
 * @returns its signature, and what asking it took.
 * @throws StewardError `model-refused`, with the reason.
 */
export async function admitModel(path: string, options: AdmissionOptions): Promise<Admission> {
  options.signal?.throwIfAborted();
  const verdict = (await judgeFile(path, options)) ?? (await probe(path, options));
  if ("admission" in verdict) return verdict.admission;
  const shape = options.classes === undefined ? "[-1, 1] or [-1]" : `[-1, ${options.classes}]`;
  throw new StewardError({
    code: "model-refused",
    at: options.model,
    what: `The model file was refused: ${verdict.reason}`,
    expected: `ONNX with one input "features" FLOAT [-1, ${options.features}] and one output FLOAT ${shape}`,
    fix: "save the model with job.save(model), which writes that",
  });
}

/** Why the file itself is refused, or nothing. A link would let a trainer have any file of the machine taken for its model. */
async function judgeFile(path: string, options: AdmissionOptions): Promise<ProbeVerdict | undefined> {
  const file = await lstat(path);
  if (!file.isFile())
    return { reason: `it is ${file.isSymbolicLink() ? "a link to another file" : "no ordinary file"}` };
  if (file.nlink > 1) return { reason: "it is the same file as another, under a second name" };
  const largest = options.largestBytes ?? defaults.largestBytes;
  if (file.size > largest) return { reason: `it has ${file.size} bytes, and at most ${largest} are looked at` };
  const reason = sniff(await readStart(path));
  return reason === undefined ? undefined : { reason };
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Reads, judges, opens and asks the model in a child process. */
async function probe(path: string, options: AdmissionOptions): Promise<ProbeVerdict> {
  const seconds = options.seconds ?? defaults.seconds;
  const memoryBytes = options.memoryBytes ?? defaults.memoryBytes;
  const folder = await mkdtemp(join(tmpdir(), "steward-admission-"));
  const limits = { ...usualLimits, ...options.limits };
  const request: ProbeRequest = {
    path,
    features: options.features,
    task: options.task,
    width: options.classes ?? 1,
    limits: { ...limits, controlFlow: [...limits.controlFlow] },
  };
  let verdict: ProbeVerdict | undefined;
  try {
    const processorSeconds = Math.ceil(seconds) * availableParallelism();
    const node = [process.execPath, ...permissions, program, JSON.stringify(request)];
    options.signal?.throwIfAborted();
    const child = startProcess(["/bin/sh", "-c", confine, "confine", String(processorSeconds), ...node], {
      folder,
      environment: { HOME: folder, TMPDIR: folder, LANG: "C.UTF-8" },
      memoryBytes,
      watchMilliseconds: 50,
      graceSeconds: 0,
      onLine(line, output) {
        if (output === "stdout") verdict = readVerdict(line) ?? verdict;
      },
    });
    const stop = () => void child.stop();
    options.signal?.addEventListener("abort", stop, { once: true });
    const late = new AbortController();
    const timer = sleep(seconds * 1000, "late" as const, { signal: late.signal }).then(stop, () => {});
    const end = await child.ended;
    late.abort();
    await timer;
    options.signal?.removeEventListener("abort", stop);
    options.signal?.throwIfAborted();
    if (end.reason === "memory")
      return { reason: `opening it used more than ${Math.round(memoryBytes / 2 ** 20)} MiB of memory` };
    if (end.reason === "stopped") return { reason: `opening and asking it took more than ${seconds} s` };
    if (!end.ok) return { reason: `opening it ended the process with ${end.how}` };
    return verdict ?? { reason: "opening it ended the process without a word" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readVerdict(line: string): ProbeVerdict | undefined {
  try {
    return probeVerdictSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
