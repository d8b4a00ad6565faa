/**
 * A model that is one ensemble of trees, with whatever shapes its columns before and its sums after. What is said of the trees is
 * compared with what the runtime answers before anybody may build on it.
 * @module
 */
import "./onnx-telemetry.ts";
import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { usualLimits } from "./admission-rules.ts";
import { findOrigins } from "./column-origins.ts";
import { readOnnx } from "./onnx-graph.ts";
import { addOutput } from "./onnx-output.ts";
import { MalformedModel } from "./protobuf-wire.ts";
import { inputName } from "./session.ts";
import { isTreeEnsemble, readTreeEnsemble, sumTrees, type TreeEnsemble, UnreadTrees } from "./tree-ensemble.ts";

/** Rows of a matrix that lie one after the other. */
export interface Matrix {
  readonly matrix: Float32Array;
  readonly width: number;
}

/** How the answers come from the sums: they are the sums, or each goes through a logistic function, or all through a softmax. */
export type Link = "identity" | "logistic" | "softmax";

export interface TreeModel {
  readonly trees: TreeEnsemble;
  readonly link: Link;
  /** For each answer of a row the sum that it is made of. */
  readonly targets: readonly number[];
  /** For each column that the trees see the input of the model that it comes from. */
  readonly origins: readonly number[];
  /** The columns that the trees see of rows of the model's inputs. */
  readonly toColumns: (rows: Matrix) => Promise<{ readonly matrix: ArrayLike<number>; readonly width: number }>;
  readonly close: () => Promise<void>;
}

export interface TreeModelOptions {
  /** The path of a file that has passed admission. */
  readonly file: string;
  /** Rows to compare on, of at least one. */
  readonly rows: Matrix;
  /** What the model answers to them: one number for each row, or one for each class. */
  readonly answers: Float32Array;
}

/** How far an answer of our own may be from the runtime's, in units of the larger of 1 and the answer. */
const tolerance = 1e-6;

/** Opens a model as an ensemble of trees, or says why it is none that can be explained as one. */
export async function openTreeModel(options: TreeModelOptions): Promise<TreeModel | { readonly why: string }> {
  const { file, rows, answers } = options;
  const bytes = await readFile(file);
  let toColumns: TreeModel["toColumns"] = async (given) => given;
  let close: TreeModel["close"] = async () => undefined;
  try {
    const { graph, functions } = readOnnx(bytes, usualLimits);
    const ensembles = graph.nodes.filter(isTreeEnsemble);
    const [ensemble] = ensembles;
    if (!ensemble || ensembles.length > 1 || functions.length > 0)
      return { why: ensemble ? "it is made of several models" : "it is no ensemble of trees" };
    const trees = readTreeEnsemble(ensemble);
    const origins = findOrigins(graph, trees.input, rows.width);
    if (!origins) return { why: "what its trees see is made of several inputs at once" };
    if (trees.input !== graph.inputs[0])
      ({ toColumns, close } = await openColumns(addOutput(bytes, trees.input), trees.input));
    const columns = await toColumns(rows);
    const found = columns.width === origins.length ? compare(trees, columns, answers) : undefined;
    if (found) return { ...found, trees, origins, toColumns, close };
    await close();
    return { why: "its answers are not those of its trees alone" };
  } catch (error) {
    await close();
    if (error instanceof UnreadTrees || error instanceof MalformedModel) return { why: error.message };
    throw error;
  }
}

async function openColumns(bytes: Uint8Array, value: string): Promise<Pick<TreeModel, "toColumns" | "close">> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return {
    toColumns: async ({ matrix, width }) => {
      const rows = matrix.length / width;
      const results = await session.run({ [inputName]: new Tensor("float32", matrix, [rows, width]) }, [value]);
      const columns = results[value]?.data;
      if (!(columns instanceof Float32Array || columns instanceof Float64Array))
        throw new UnreadTrees("what its trees see are no numbers");
      return { matrix: columns, width: columns.length / rows };
    },
    close: () => session.release(),
  };
}

/** How the answers come from the sums; nothing where they come in no way that is known. */
function compare(
  trees: TreeEnsemble,
  columns: { readonly matrix: ArrayLike<number>; readonly width: number },
  answers: Float32Array,
): Pick<TreeModel, "link" | "targets"> | undefined {
  const width = answers.length / (columns.matrix.length / columns.width);
  const sums = Array.from({ length: trees.targets }, (_, target) =>
    sumTrees(trees, columns, { target, rounded: true }),
  );
  for (const link of ["identity", "logistic", "softmax"] as const) {
    const linked = applyLink(link, sums);
    const isLike = (answer: number, target: number) =>
      linked[target]?.every((expected, row) => {
        const given = answers[row * width + answer] as number;
        return Math.abs(given - expected) <= tolerance * Math.max(1, Math.abs(given));
      });
    const targets = Array.from({ length: width }, (_, answer) => {
      // A class stands in its own place, or where its name put it. Of two sums for one answer the last is the asked-for class's.
      const tried = width === 1 ? [...linked.keys()].reverse() : [answer, ...linked.keys()];
      return tried.find((target) => isLike(answer, target));
    });
    if (targets.every((target) => target !== undefined)) return { link, targets };
  }
  return undefined;
}

/** What the answers would be: for each sum those of all rows. */
function applyLink(link: Link, sums: readonly Float64Array[]): readonly Float64Array[] {
  if (link === "identity") return sums;
  if (link === "logistic") return sums.map((sum) => sum.map((each) => 1 / (1 + Math.exp(-each))));
  // Less the largest, so that none is too large for the exponential.
  const largest = sums[0]?.map((_, row) => Math.max(...sums.map((sum) => sum[row] as number)));
  const grown = sums.map((sum) => sum.map((each, row) => Math.exp(each - (largest?.[row] ?? 0))));
  const totals = sums[0]?.map((_, row) => grown.reduce((total, each) => total + (each[row] as number), 0));
  return grown.map((each) => each.map((one, row) => one / (totals?.[row] ?? 1)));
}
