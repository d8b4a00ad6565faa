/**
 * Attributions of single predictions: what each feature adds to an answer, by the paths of an ensemble of trees where the model
 * is one, and else by trying it out.
 * @module
 */
import { countCovers, sumTrees } from "../models/tree-ensemble.ts";
import { type Matrix, openTreeModel, type TreeModel } from "../models/tree-model.ts";
import {
  type AttributionMethod,
  type AttributionUnit,
  type Explained,
  InexactAttributions,
  type PredictMatrix,
} from "./explanation.ts";
import { explainBySampling } from "./sampled-shapley.ts";
import { createTreeExplainer } from "./tree-shap.ts";

export interface Explainer {
  readonly method: AttributionMethod;
  /** Why it is not by the trees. @default it is */
  readonly why?: string;
  readonly unit: AttributionUnit;
  /** About how many steps a row takes, by which it is decided how many rows are explained. */
  readonly steps: number;
  /**
   * Explains rows: for each row all its answers, one after the other.
   *
   * @throws InexactAttributions where they do not add up to the value
   */
  readonly explain: (rows: Matrix) => Promise<readonly (readonly Explained[])[]>;
  readonly close: () => Promise<void>;
}

export interface ExplainerOptions {
  /** The path of a file that has passed admission. */
  readonly file: string;
  /** Rows that stand for what is usual, at least one. */
  readonly background: Matrix;
  readonly predict: PredictMatrix;
  /** The seed of what is drawn. @default 1 */
  readonly seed?: number;
}

/** How far a sum may be from what it is of, in units of the larger of 1 and what it is of. */
const tolerance = 1e-9;

/** Makes what explains a model, having tried it on the background. */
export async function openExplainer(options: ExplainerOptions): Promise<Explainer> {
  const { file, background: rows, predict, seed = 1 } = options;
  const answers = await predict(rows.matrix, rows.matrix.length / rows.width);
  const model = await openTreeModel({ file, rows, answers });
  const sampled = (why: string): Explainer => ({
    method: "permutation",
    why,
    unit: "answer",
    ...explainBySampling({ background: rows, predict, seed }),
    close: async () => undefined,
  });
  if ("why" in model) return sampled(model.why);
  try {
    const explainer = await explainByTrees(model, rows);
    // What does not add up for a row that is at hand is not trusted for others.
    await explainer.explain({ ...rows, matrix: rows.matrix.subarray(0, triedRows * rows.width) });
    return explainer;
  } catch (error) {
    await model.close();
    if (error instanceof InexactAttributions) return sampled(error.message);
    throw error;
  }
}

/** On how many rows attributions are tried. */
const triedRows = 8;

async function explainByTrees(model: TreeModel, background: Matrix): Promise<Explainer> {
  const { trees, targets, link, origins } = model;
  const covers = countCovers(trees, await model.toColumns(background));
  const explainers = targets.map((target) => createTreeExplainer({ trees, covers, target }));
  return {
    method: "tree-shap",
    unit: link === "identity" ? "answer" : "log-odds",
    steps: explainers.reduce((total, { steps }) => total + steps, 0),
    explain: async (rows) => {
      const columns = await model.toColumns(rows);
      const sums = targets.map((target) => sumTrees(trees, columns, { target }));
      return Array.from({ length: rows.matrix.length / rows.width }, (_, row) =>
        explainers.map(({ expected, explain }, i) => {
          const ofColumns = new Float64Array(columns.width);
          explain(columns.matrix, row * columns.width, ofColumns);
          const value = sums[i]?.[row] ?? Number.NaN;
          const attributions = new Float64Array(rows.width);
          // Columns that an encoding made of one feature are its own, together.
          for (const [column, origin] of origins.entries())
            attributions[origin] = (attributions[origin] ?? 0) + (ofColumns[column] ?? 0);
          return checkSum({ expected, value, attributions });
        }),
      );
    },
    close: model.close,
  };
}

function checkSum(explained: Explained): Explained {
  const { expected, value, attributions } = explained;
  const sum = attributions.reduce((total, each) => total + each, expected);
  if (Math.abs(sum - value) <= tolerance * Math.max(1, Math.abs(value))) return explained;
  throw new InexactAttributions(`what its trees add up to is off by ${Math.abs(sum - value).toExponential(1)}`);
}
