/**
 * The evaluation of a project file: in a child with nothing to its name, within limits, so that it can do nothing but yield data.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { extname, join, relative } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Place } from "../definitions/place.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { problemSchema } from "../definitions/problem-schema.ts";
import { type ProjectSpec, projectSpec } from "../definitions/spec.ts";
import type { Question } from "./channel.ts";
import { findOnlyLine } from "./failure.ts";
import { listReadablePaths } from "./readable-paths.ts";

export interface EvaluationRequest extends Question {
  /** The folder of `Pulumi.yaml`, absolute. */
  readonly root: string;
  /** How long the evaluation may take, in milliseconds. @default 10,000 */
  readonly patience?: number;
  /** Ends the evaluation. @default it runs to its end */
  readonly signal?: AbortSignal;
}

const patienceMilliseconds = 10_000;
const memoryMegabytes = 512;
/** All that a child may write to, buffers too, in kilobytes; Node at rest has a third of it. Linux keeps to it. */
const dataKilobytes = 2_000_000;
/** How far into a second attempt the line is looked for at which the project is busy, at most, in milliseconds. */
const pauseMilliseconds = 1_500;
/** How long this process may take to read what the child said. */
const readMilliseconds = 200;
/** How long a thread may take to start and a debugger to answer, on a machine that is busy. */
const answerMilliseconds = 10_000;

const message = z.union([
  z.strictObject({ problem: problemSchema }),
  z.strictObject({ spec: projectSpec }),
  z.strictObject({ paused: z.strictObject({ file: z.string(), line: z.int() }) }),
]);

/** How an attempt ended. */
interface Attempt {
  readonly problems: readonly Problem[];
  readonly spec?: ProjectSpec;
  /** Where it was busy; nothing in a first attempt. */
  readonly paused?: Place;
  readonly end: "exit" | "late" | "memory";
  /** For people: `exit code 1`, `signal SIGSEGV`. */
  readonly how: string;
  /** What came on stdout and stderr past the guard. */
  readonly printed: string;
  readonly milliseconds: number;
}

/**
 * Evaluates a project file and resolves it in an environment.
 *
 * @throws StewardError with everything that is wrong, each with its place
 */
export async function evaluateProject(request: EvaluationRequest): Promise<ProjectSpec> {
  const patience = request.patience ?? patienceMilliseconds;
  const attempt = await tryOnce(request, { patience });
  request.signal?.throwIfAborted();
  const { problems, spec } = attempt;
  if (problems.length === 0 && spec !== undefined) return spec;
  const own = { file: relative(process.cwd(), request.file) };
  const told = problems.map((problem) => ({ ...(problem.file === undefined && own), ...problem }));
  const end = attempt.end === "exit" && told.length > 0 ? [] : [{ ...own, ...(await explainEnd(request, attempt)) }];
  throw new StewardError([...told, ...end]);
}

/** Explains an evaluation that came to no result. */
async function explainEnd(request: EvaluationRequest, attempt: Attempt): Promise<Problem> {
  const problem = { code: "project-evaluation-failed", at: "" } as const;
  if (attempt.end === "exit") {
    const printed = attempt.printed.trim().slice(-500);
    const got = printed === "" ? attempt.how : `${attempt.how}, after:\n${printed}\n`;
    return { ...problem, what: "the evaluation of the project file ended without a result", got };
  }
  const pauseAfter = Math.min(attempt.milliseconds / 2, pauseMilliseconds);
  const { paused } = await tryOnce(request, { patience: pauseAfter + answerMilliseconds, pauseAfter });
  if (attempt.end === "memory") {
    const what = `the project file needs more than ${memoryMegabytes} MB of memory to be evaluated`;
    return { ...problem, what, ...paused, fix: "make less in it: data belongs into sources" };
  }
  const seconds = (request.patience ?? patienceMilliseconds) / 1000;
  const waiting = findOnlyLine(request.file, (line) => /^[^/]*\bawait\b/.test(line));
  return {
    ...problem,
    what: `the project file does not come to an end within ${seconds} s`,
    ...(paused && { got: "a loop at this line" }),
    ...(paused ?? waiting),
    fix: paused ? "end the loop" : "take out what it waits for: a project file only describes",
  };
}

/** The thread that looks for a loop starts before the guard, and needs what nothing else may have. */
const findingLoops = ["--allow-worker", "--allow-inspector"].filter((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);

interface Limits {
  /** In milliseconds. */
  readonly patience: number;
  /** When to look where it is busy, in milliseconds. @default never */
  readonly pauseAfter?: number;
}

async function tryOnce(request: EvaluationRequest, { patience, pauseAfter }: Limits): Promise<Attempt> {
  const { file, environment, root, signal } = request;
  const cache = prepareCache(root);
  const flags = [
    "--permission",
    "--no-warnings",
    `--max-old-space-size=${memoryMegabytes}`,
    ...listReadablePaths(file, root).map((path) => `--allow-fs-read=${path}`),
    ...(cache === undefined ? [] : [`--allow-fs-read=${cache}`, `--allow-fs-write=${cache}`]),
    ...(pauseAfter === undefined ? [] : [...findingLoops, `--import=${locateProgram("loop-finder")}`]),
  ];
  const started = performance.now();
  // However this process ends, the child ends: what waits, by its own clock; what is busy, by the processor time that it may use.
  const seconds = Math.ceil(patience / 1000) * 2 + 5;
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      `ulimit -t ${seconds}; ulimit -d ${dataKilobytes}; exec "$@"`,
      "evaluation",
      process.execPath,
      ...flags,
      locateProgram("evaluator"),
      JSON.stringify({ file, environment, ...(pauseAfter !== undefined && { pauseAfter }) }),
    ],
    {
      env: composeEnvironment(cache),
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  );
  const kill = (): void => void child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  let isLate = false;
  let timer = setTimeout(() => {
    // This process may itself have been busy for that long, checking types: what the child has said by now is read first.
    timer = setTimeout(() => {
      isLate = true;
      kill();
    }, readMilliseconds);
  }, patience);
  try {
    const ended = new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, name) => resolve(name ? `signal ${name}` : `exit code ${code}`));
    });
    const [how, said = "", ...printed] = await Promise.all([
      ended,
      ...[3, 1, 2].map((fd) => text(child.stdio[fd] as Readable)),
    ]);
    const isFull = printed.some((output) => output.includes("JavaScript heap out of memory"));
    return {
      ...readMessages(said),
      end: isFull ? "memory" : isLate ? "late" : "exit",
      how,
      printed: printed.join(""),
      milliseconds: performance.now() - started,
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
  }
}

/** The language and the place of a machine are none of a project's business; where Node's own libraries are is Node's. */
function composeEnvironment(cache: string | undefined): Record<string, string> {
  const { LD_LIBRARY_PATH: libraries } = process.env;
  return {
    LANG: "en_US.UTF-8",
    TZ: "UTC",
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
    ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }),
  };
}

function readMessages(said: string): Pick<Attempt, "problems" | "spec" | "paused"> {
  const problems: Problem[] = [];
  let found: Pick<Attempt, "spec" | "paused"> = {};
  // A child that was killed may have left a line half written.
  for (const line of said.split("\n").slice(0, -1)) {
    const read = message.parse(JSON.parse(line));
    if ("problem" in read) problems.push(read.problem);
    else if ("spec" in read) found = { ...found, spec: read.spec };
    else found = { ...found, paused: read.paused };
  }
  return { problems, ...found };
}

/**
 * The folder of Node's compiled code, without which most of an evaluation is the compilation of zod; nothing where it cannot be made.
 * Children alone use it: whoever got past the guard and wrote into it would reach no further than the next child.
 */
function prepareCache(root: string): string | undefined {
  const cache = join(root, ".steward", "evaluation");
  try {
    mkdirSync(cache, { recursive: true });
    return cache;
  } catch {
    return undefined;
  }
}

function locateProgram(name: string): string {
  return join(import.meta.dirname, `${name}${extname(import.meta.filename)}`);
}
