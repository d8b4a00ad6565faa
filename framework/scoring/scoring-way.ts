/**
 * How the features of a dataset's rows are found when it is scored: they are its columns, they are computed from each row alone, or they
 * are those of a training set, where windows and joined sets look at other rows. Pure.
 * @module
 */
import { listReads } from "../definitions/expression-kind.ts";
import { StewardError } from "../definitions/problem.ts";
import type { ColumnSpec, DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";
import { listWindows } from "../features/list-windows.ts";
import type { ModelPackage } from "../models/model-package.ts";

/** What a model's features are specified by. */
export interface ScoringSpecs {
  /** The training job: its first set's dataset is what it was trained on. */
  readonly training: Pick<TrainingJobSpec, "name" | "features">;
  /** By the set's name. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
}

/** What is to be scored, and by what. */
export interface ScoredPair extends ScoringSpecs {
  readonly model: Pick<ModelPackage, "model" | "inputs">;
  /** The dataset with the columns of the version that is scored. */
  readonly dataset: Pick<DatasetSpec, "name" | "columns" | "eventTime">;
}

export interface ScoringWay {
  /** `columns`: the features are columns. `rows`: a row has all they are made of. `examples`: other rows are looked at. */
  readonly kind: "columns" | "rows" | "examples";
  /** The dataset of which it takes the place: that which the model was trained on. @default its columns are features */
  readonly inPlaceOf?: string;
  /** The datasets that are joined, by name. */
  readonly joined: readonly string[];
}

/**
 * Decides.
 *
 * @throws StewardError `scoring-impossible` with the columns that the dataset lacks, or the features of which it cannot be told whether
 * a column of their name is what they are computed from
 */
export function chooseWay(pair: ScoredPair): ScoringWay {
  const { dataset, training, features } = pair;
  const sets = training.features.map(({ set, by }) => ({ spec: requireSet(features, set), by }));
  const spine = sets[0]?.spec.from ?? "";
  const own = sets.filter(({ spec, by }) => spec.from === spine && Object.keys(by).length === 0);
  const others = sets.filter((set) => !own.includes(set));
  const trees = [
    ...own.flatMap(({ spec }) => spec.columns.map(({ expression }) => expression)),
    ...others.flatMap(({ by }) => Object.values(by)),
  ];
  const hasWindows = listWindows(trees).size > 0;
  const joined = [...new Set(others.map(({ spec }) => spec.from))];
  const way: ScoringWay = { kind: hasWindows || others.length > 0 ? "examples" : "rows", inPlaceOf: spine, joined };
  if (dataset.name === spine) return way;
  const read = [...new Set(trees.flatMap((tree) => listReads(tree)).map(({ column }) => column))];
  const lacking = read.filter((name) => !dataset.columns.some((column) => column.name === name));
  if (listUnfit(pair).length === 0) {
    const [like] = listTransformed(
      pair.model,
      own.flatMap(({ spec }) => spec.columns),
    );
    if (like !== undefined && lacking.length === 0) throw refuseEither(pair, { spine, like });
    return { kind: "columns", joined: [] };
  }
  if (lacking.length === 0 && !hasWindows) return way;
  throw new StewardError({
    code: "scoring-impossible",
    at: `model/${pair.model.model}`,
    what: `dataset "${dataset.name}" has not what the features of model "${pair.model.model}" are computed from`,
    got:
      lacking.length > 0
        ? `no column ${lacking.map((name) => `"${name}"`).join(", ")}`
        : `features that look at other rows of "${spine}", which "${dataset.name}" has not`,
    expected: `"${spine}", or a dataset with its columns, or one whose columns are the features`,
  });
}

/** The inputs of a model that have the name of a column that they are computed from, and are not that column as it is. */
function listTransformed({ inputs }: ScoredPair["model"], columns: FeaturesSpec["columns"]): readonly string[] {
  const transformed = columns.filter(({ name, expression }) => {
    // A category is the text as it is.
    const tree = expression.op === "category" ? expression.of : expression;
    return tree.op !== "column" && listReads(expression).some(({ column }) => column === name);
  });
  return inputs.flatMap(({ name }) => (transformed.some((feature) => feature.name === name) ? [name] : []));
}

/** A dataset that has the features by name as well as all that they are computed from: either reading could be meant. */
function refuseEither(
  { model, dataset }: ScoredPair,
  { spine, like }: { readonly spine: string; readonly like: string },
): StewardError {
  return new StewardError({
    code: "scoring-impossible",
    at: `model/${model.model}`,
    what: `the columns of dataset "${dataset.name}" may be the features of model "${model.model}", or what they are computed from`,
    got: `a column "${like}", and a feature "${like}" that is computed from a column of that name`,
    expected: `"${spine}", or features with names of their own`,
    fix: `call the feature otherwise than the column, or score "${spine}"`,
  });
}

/** The inputs of a model that are no columns of a dataset, or of another type. */
function listUnfit({ model, dataset }: Pick<ScoredPair, "model" | "dataset">): readonly string[] {
  const types = new Map(dataset.columns.map(({ name, type }) => [name, type]));
  return model.inputs.flatMap(({ name, type }) => (fits[type].includes(types.get(name) ?? "vector") ? [] : [name]));
}

/** The types of columns that are a feature as they are. */
const fits: Readonly<Record<ModelPackage["inputs"][number]["type"], readonly ColumnSpec["type"][]>> = {
  number: ["number", "integer"],
  boolean: ["boolean"],
  category: ["string"],
};

function requireSet(features: ScoringSpecs["features"], set: string): FeaturesSpec {
  const spec = features[set];
  if (spec) return spec;
  throw new TypeError(`a training job came without its features "${set}"`);
}
