/**
 * A model that is an ensemble of trees, answered by our own walk of them where that is as good as the runtime and faster: both are
 * asked about rows at the very edges of the trees when the model is loaded, and the walk is taken only where all its answers
 * are the runtime's to 1e-6.
 * @module
 */
import { type BlockTrees, compileBlockTrees, openBlockTrees } from "./block-trees.ts";
import { type ModelSession, openSession } from "./session.ts";
import { compileTrees, type TreeKernel } from "./tree-kernel.ts";
import { type Link, openTreeModel, type TreeModel } from "./tree-model.ts";

/** A model that answers, and what answers for it. */
export interface CompiledSession extends ModelSession {
  readonly engine: "onnxruntime" | "trees";
  /** What other threads of the process may answer many rows by. @default a few are to be answered, or no such trees answer */
  readonly shared?: SharedTrees;
}

/** Trees that answer, as a thread may be given them by another. */
export interface SharedTrees {
  /** For each number that a row is answered with. */
  readonly blocks: readonly BlockTrees[];
  readonly link: Link;
  /** How many inputs there are. */
  readonly width: number;
}

export interface CompiledOptions {
  /** The path of a file that has passed admission. */
  readonly file: string;
  /** How many inputs the model has. */
  readonly width: number;
  /** How many numbers it answers a row with. @default 1 */
  readonly answers?: number | undefined;
  /** Whether it answers a few rows at a time, as requests have them, or many. @default "few" */
  readonly rows?: "few" | "many";
}

/** How far an answer may be from the runtime's. */
const tolerance = 1e-6;
const probes = 512;
/** Rows of a run that is timed, and how often it is. */
const timedRows = 64;
const timedRuns = 15;

/** Opens a model. */
export async function openCompiledSession(options: CompiledOptions): Promise<CompiledSession> {
  const { file, width, answers = 1, rows = "few" } = options;
  const runtime = await openSession(file, width, answers);
  try {
    const compiled = await compile({ file, width, answers, rows }, runtime);
    if (!compiled) return { ...runtime, engine: "onnxruntime" };
    const { walk, shared } = compiled;
    return { ...runtime, predict: createPredict(walk, width), engine: "trees", ...(shared && { shared }) };
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** Answers by trees that another thread has compiled, and found to be as good as the runtime. */
export function openSharedTrees({ blocks, link, width }: SharedTrees): Pick<ModelSession, "predict"> {
  return { predict: createPredict(createWalk(blocks.map(openBlockTrees), link), width) };
}

function createPredict(walk: Walk, width: number): ModelSession["predict"] {
  return async (matrix, rows) => walk(check(matrix, { rows, width }), rows);
}

function check(matrix: Float32Array, { rows, width }: { readonly rows: number; readonly width: number }): Float32Array {
  if (matrix.length === rows * width) return matrix;
  throw new RangeError(`the matrix has ${matrix.length} values, expected ${rows} rows of ${width}`);
}

type Walk = (matrix: Float32Array, rows: number) => Float32Array;

/** @default undefined where the runtime is to answer */
async function compile(
  { file, width, answers, rows }: Required<CompiledOptions> & { readonly answers: number },
  runtime: ModelSession,
): Promise<{ readonly walk: Walk; readonly shared?: SharedTrees } | undefined> {
  const blank = new Float32Array(width);
  const first = await openTreeModel({ file, rows: { matrix: blank, width }, answers: await runtime.predict(blank, 1) });
  if ("why" in first) return undefined;
  await first.close();
  const matrix = probeTrees(first.trees, width);
  const expected = await runtime.predict(matrix, probes);
  // Which link leads from the sums to the answers is told by many rows, not by one.
  const model = await openTreeModel({ file, rows: { matrix, width }, answers: expected });
  if ("why" in model) return undefined;
  const isDirect =
    (await model.toColumns({ matrix, width })).matrix === matrix &&
    model.origins.every((from, column) => from === column);
  await model.close();
  if (!isDirect) return undefined;
  const blocks =
    rows === "many" ? compileAll(model, (of) => compileBlockTrees(model.trees, { width, ...of })) : undefined;
  const kernels = blocks
    ? blocks.map(openBlockTrees)
    : compileAll(model, (of) => compileTrees(model.trees, { width, ...of }));
  if (kernels?.length !== answers) return undefined;
  const walk = createWalk(kernels, model.link);
  const found = walk(matrix, probes);
  const isSame = expected.every(
    (answer, i) => Math.abs(answer - (found[i] ?? Number.NaN)) <= tolerance * Math.max(1, Math.abs(answer)),
  );
  if (!isSame || !(await isFaster(walk, { runtime, matrix: matrix.subarray(0, timedRows * width) }))) return undefined;
  return { walk, ...(blocks && { shared: { blocks, link: model.link, width } }) };
}

/** What is compiled for each answer of a row; nothing where it cannot be for one of them. */
function compileAll<T>({ targets }: TreeModel, compile: (of: { readonly target: number }) => T | undefined) {
  const compiled = targets.map((target) => compile({ target }));
  return compiled.every((one) => one !== undefined) ? compiled : undefined;
}

function createWalk(kernels: readonly TreeKernel[], link: Link): Walk {
  return (matrix, rows) => {
    const sums = kernels.map((kernel) => {
      const own = new Float32Array(rows);
      kernel.sum(matrix, rows, own);
      return own;
    });
    const [only] = sums;
    if (sums.length === 1 && only) return linkOne(only, link);
    const answers = new Float32Array(rows * sums.length);
    for (let row = 0; row < rows; row++) {
      const own = linkRow(
        sums.map((sum) => sum[row] as number),
        link,
      );
      for (let i = 0; i < own.length; i++) answers[row * own.length + i] = own[i] as number;
    }
    return answers;
  };
}

/** In place. */
function linkOne(sums: Float32Array, link: Link): Float32Array {
  if (link === "logistic") for (let row = 0; row < sums.length; row++) sums[row] = logistic(sums[row] as number);
  return sums;
}

function linkRow(sums: readonly number[], link: Link): readonly number[] {
  if (link === "identity") return sums;
  if (link === "logistic") return sums.map(logistic);
  const largest = Math.max(...sums);
  const grown = sums.map((sum) => Math.exp(sum - largest));
  const total = grown.reduce((all, each) => all + each, 0);
  return grown.map((each) => each / total);
}

function logistic(sum: number): number {
  return 1 / (1 + Math.exp(-sum));
}

const word = new DataView(new ArrayBuffer(4));

/** Rows at the edges: each value is a threshold of its column, or the number of 32 bits next to one, or missing. */
function probeTrees({ columns, thresholds }: TreeModel["trees"], width: number): Float32Array {
  const edges = Array.from({ length: width }, (): number[] => []);
  for (const [node, column] of columns.entries()) edges[column]?.push(thresholds[node] as number);
  const matrix = new Float32Array(probes * width);
  for (let at = 0; at < matrix.length; at++) {
    const [row, own] = [Math.floor(at / width), edges[at % width] ?? []];
    // Each column goes through its thresholds at a pace of its own, so that rows differ in more than one of them.
    const edge = own.length > 0 ? (own[(row * 7 + at * 13) % own.length] as number) : row;
    matrix[at] = (row + at) % 31 === 30 ? Number.NaN : neighbour(edge, (at % 3) - 1);
  }
  return matrix;
}

/** The number of 32 bits so many steps away from one; beyond what there is, itself. */
function neighbour(value: number, steps: number): number {
  word.setFloat32(0, value);
  word.setInt32(0, word.getInt32(0) + steps);
  const found = word.getFloat32(0);
  return Number.isFinite(found) && value !== 0 ? found : value;
}

/** Whether the walk takes less time than the runtime, by the shortest of several runs of each. */
async function isFaster(
  walk: Walk,
  { runtime, matrix }: { readonly runtime: ModelSession; readonly matrix: Float32Array },
): Promise<boolean> {
  let [own, theirs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < timedRuns; run++) {
    const start = performance.now();
    walk(matrix, timedRows);
    const middle = performance.now();
    await runtime.predict(matrix, timedRows);
    own = Math.min(own, middle - start);
    theirs = Math.min(theirs, performance.now() - middle);
  }
  return own < theirs;
}
