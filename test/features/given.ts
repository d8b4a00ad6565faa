/**
 * Specs for the tests of features, with what a test does not care about filled in.
 * @module
 */
import type { ExpressionTree, WindowTree } from "../../framework/definitions/expression-tree.ts";
import type { ColumnSpec, DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";

export function column(name: string): ExpressionTree {
  return { op: "column", name };
}

export function literal(value: string | number | boolean): ExpressionTree {
  return { op: "literal", value };
}

export function window(
  aggregate: WindowTree["aggregate"],
  of: ExpressionTree,
  { by, over, lag }: { by: readonly ExpressionTree[]; over: string; lag: string },
): WindowTree {
  return { op: "window", aggregate, of, by, over, lag };
}

/** Columns as `name: type`, or `name: { type, known, length }`; the event time is `time`. */
export function dataset(
  name: string,
  columns: Readonly<Record<string, ColumnSpec["type"] | (Pick<ColumnSpec, "type"> & Partial<ColumnSpec>)>>,
  { key = [], eventTime = "time" }: { key?: string[]; eventTime?: string } = {},
): DatasetSpec {
  return {
    format: "dataset/1",
    kind: "dataset",
    name,
    owner: "somebody",
    columns: Object.entries(columns).map(([column, given]) => ({
      name: column,
      nullable: true,
      known: "0 seconds",
      ...(typeof given === "string" ? { type: given } : given),
    })),
    eventTime,
    key,
    source: { kind: "file", format: "parquet", path: "somewhere.parquet" },
    contract: { violations: "reject", tolerance: 0 },
  };
}

type FeatureType = FeaturesSpec["columns"][number]["type"];

/** Features as `name: expression`, numbers, or `name: [type, expression]`. */
export function features(
  name: string,
  from: string,
  columns: Readonly<Record<string, ExpressionTree | readonly [FeatureType, ExpressionTree]>>,
): FeaturesSpec {
  return {
    format: "features/1",
    kind: "features",
    name,
    from,
    columns: Object.entries(columns).map(([column, given]) =>
      "op" in given
        ? { name: column, type: "number", expression: given }
        : { name: column, type: given[0], expression: given[1] },
    ),
  };
}

export function trainingJob(
  given: Partial<TrainingJobSpec> & Pick<TrainingJobSpec, "features" | "label">,
): TrainingJobSpec {
  return {
    format: "training-job/1",
    kind: "training-job",
    name: "job",
    task: "regression",
    split: { test: "1 day", validation: "1 day", gap: "1 hour" },
    trainer: { kind: "python", file: "train.py", lock: "requirements.lock" },
    params: {},
    seed: 1,
    resources: { cpu: 1, memory: "1 GiB" },
    ...given,
  };
}
