/**
 * Admission: what an ONNX file must pass before anything else may open it. A hostile or broken file can take a process
 * with it, so it is opened in a child process that may be lost: limited in memory and time, with an empty folder to
 * work in, so that a reference to data outside the file leads nowhere.
 * @module
 */
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StewardError } from "../definitions/problem.ts";
import { startProcess } from "../training/limited-process.ts";
import { type ProbeVerdict, probeVerdictSchema } from "./probe-verdict.ts";

export interface AdmissionOptions {
  /** The name of what the file is a model of, for problems. */
  readonly model: string;
  /** How many columns the input must have. */
  readonly features: number;
  readonly task: "binary" | "regression";
  /** The largest file that is looked at, in bytes. @default 512 MiB */
  readonly largestBytes?: number;
  /** What opening and asking it may use of memory, in bytes. @default 2 GiB */
  readonly memoryBytes?: number;
  /** What opening and asking it may take, in seconds. @default 30 */
  readonly seconds?: number;
  /** Ends the admission. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
}

const defaults = { largestBytes: 512 * 2 ** 20, memoryBytes: 2 * 2 ** 30, seconds: 30 };
const program = join(import.meta.dirname, `admission-probe${extname(import.meta.filename)}`);

/**
 * Admits an ONNX file, or says why not.
 *
 * @throws StewardError `model-refused`, with the reason.
 */
export async function admitModel(path: string, options: AdmissionOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const { size } = await stat(path);
  const largest = options.largestBytes ?? defaults.largestBytes;
  const reason =
    size > largest
      ? `it has ${size} bytes, and at most ${largest} are looked at`
      : (sniff(await readStart(path)) ?? (await probe(path, options)));
  if (reason === undefined) return;
  throw new StewardError({
    code: "model-refused",
    at: options.model,
    what: `The model file was refused: ${reason}`,
    expected: `ONNX with one input "features" FLOAT [-1, ${options.features}] and one output FLOAT [-1, 1] or [-1]`,
    fix: "save the model with job.save(model), which writes that",
  });
}

const signatures: readonly (readonly [RegExp, string])[] = [
  [/^$/, "it is empty"],
  [/^80(0[2-5])/, "it is a Python pickle, which can run any code when it is opened"],
  [/^504b0[357]0[468]/, "it is a ZIP archive, as pickles of PyTorch are"],
  [/^377abcaf271c/, "it is a 7z archive"],
  [/^1f8b/, "it is a gzip archive"],
  [/^894844460d0a1a0a/, "it is HDF5"],
];

/** What the first bytes give away, or nothing when they could be those of an ONNX file. */
export function sniff(start: Uint8Array): string | undefined {
  const hex = Buffer.from(start).toString("hex");
  return signatures.find(([pattern]) => pattern.test(hex))?.[1];
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Opens and asks the model in a child process; the reason to refuse it, or nothing. */
async function probe(path: string, options: AdmissionOptions): Promise<string | undefined> {
  const seconds = options.seconds ?? defaults.seconds;
  const memoryBytes = options.memoryBytes ?? defaults.memoryBytes;
  const folder = await mkdtemp(join(tmpdir(), "steward-admission-"));
  let verdict: ProbeVerdict | undefined;
  try {
    const child = startProcess([process.execPath, program, path, String(options.features), options.task], {
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
    if (end.reason === "memory") return `opening it used more than ${Math.round(memoryBytes / 2 ** 20)} MiB of memory`;
    if (end.reason === "stopped") return `opening and asking it took more than ${seconds} s`;
    if (!end.ok) return `opening it ended the process with ${end.how}`;
    return verdict ? verdict.reason : "opening it ended the process without a word";
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
