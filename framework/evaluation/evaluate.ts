/**
 * Evaluates a candidate on rows it never saw: metrics with intervals, an honest baseline and the version in production on
 * the same rows, slices, and what the gates say.
 * @module
 */
import { formatOf } from "../definitions/format.ts";
import { listGroupColumns } from "../definitions/metric-name.ts";
import type { ModelSpec } from "../definitions/spec.ts";
import type { Reference } from "../store/reference.ts";
import { predictBaseline } from "./baseline.ts";
import { prepareAttributions } from "./candidate-attributions.ts";
import { traceCurves } from "./curves.ts";
import { type Evaluation, evaluationSchema, type Measurement } from "./evaluation.ts";
import { listGroupMeasures } from "./fairness.ts";
import { decide, decideGates, type JudgedSlice } from "./gates.ts";
import { groupRows, numberGroups } from "./group-rows.ts";
import { type Columns, judgeRows, pickRows } from "./judge.ts";
import { runModelTests } from "./model-tests/run-model-tests.ts";
import { measureScales } from "./naive-scale.ts";
import { formatCount } from "./number-text.ts";
import { predictTestRows, type Subject } from "./predict-test-rows.ts";
import { type CheckServedOptions, checkServed } from "./served/check-served.ts";
import { serveCandidate } from "./served/limited-server.ts";
import { validateEvaluable } from "./validate-evaluation.ts";

/** What an evaluation needs of the store. */
export interface EvaluationStore {
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  readonly putJson: (value: unknown) => Promise<Reference>;
}

export interface EvaluateOptions extends Subject {
  readonly model: ModelSpec;
  /** The digest of the training set. */
  readonly trainingSetDigest: string;
  /** The version in production. @default nothing is in production */
  readonly production?: Subject;
  readonly store: EvaluationStore;
  /** What it takes to have a real model server serve the candidate, and to compare. @default nobody serves it */
  readonly served?: Omit<CheckServedOptions, keyof Subject | "server" | "signal" | "onProgress">;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told in one line how far the work is. @default nobody is told */
  readonly onProgress?: (line: string) => void;
}

/**
 * Reads the test rows once, judges them, decides the gates and stores the evaluation.
 *
 * @throws StewardError when a metric or the baseline does not fit the task, the test rows are not the declared ones, or a
 * model's answers are not what its task promises.
 */
export async function evaluate(
  options: EvaluateOptions,
): Promise<{ readonly evaluation: Evaluation; readonly reference: Reference }> {
  const { model, trainingSet, store, signal, onProgress } = options;
  validateEvaluable(model, trainingSet);
  const sliced = slicedColumns(model.gates);
  const grouped = listGroupColumns(model.metrics);
  const kept = [...new Set([...sliced.map(({ column }) => column), ...grouped])];
  const listeners = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const explained = prepareAttributions(options);
  const { split, candidate, production } = await predictTestRows({
    candidate: options,
    onFeatures: explained.onFeatures,
    ...(options.production && { production: options.production }),
    fetchFile: (reference) => store.fetchFile(reference),
    slices: kept,
    productionSlices: [
      ...new Set([
        ...slicedColumns(model.gates.filter(({ kind }) => kind === "noWorseThanProduction")).map(
          ({ column }) => column,
        ),
        ...grouped,
      ]),
    ],
    ...(model.baseline !== undefined && { keep: model.baseline }),
    ...listeners,
  });

  onProgress?.(`measuring on ${formatCount(split.rows, "row")}`);
  const { labels, width } = split;
  const fetchFile = (reference: Reference) => store.fetchFile(reference);
  const rows = {
    labels,
    ...(grouped.length > 0 && {
      groups: Object.fromEntries(grouped.map((by) => [by, numberGroups(split.slices[kept.indexOf(by)] ?? [])])),
    }),
    ...(await measureScales({ trainingSet, metrics: model.metrics, fetchFile })),
  };
  const { prior, priors } = trainingSet;
  const feature = model.baseline === undefined ? {} : { feature: { name: model.baseline, values: split.kept } };
  const columns: Columns = {
    ...rows,
    width,
    candidate,
    baselines: [...new Set([...model.metrics, ...listGroupMeasures(model.gates)])].map((metric) => ({
      metric,
      ...predictBaseline({ ...rows, metric, prior, ...(priors && { priors }), ...feature }),
    })),
    ...(production.state === "judged" && { production: production.predictions }),
  };
  const whole = await judgeRows(columns, listeners);
  // What is measured of groups alone says nothing of all rows.
  const isOfModel = ({ metric }: Measurement) => model.metrics.includes(metric);

  const slices: (JudgedSlice & { readonly counted: boolean })[] = [];
  for (const { column, min } of sliced) {
    for (const [value, rows] of groupRows(split.slices[kept.indexOf(column)] ?? [])) {
      const counted = rows.length >= min;
      // A slice too small to count is listed with its size alone: its numbers would be noise that somebody quotes.
      const judged = counted
        ? await judgeRows(pickRows(columns, rows), listeners)
        : { candidate: [], baseline: [], production: [] };
      slices.push({ ...judged, column, value, rows: rows.length, counted });
    }
  }

  const singleClass = trainingSet.task !== "regression" && labels.every((label) => label === labels[0]);
  const gates = decideGates(model.gates, { whole, singleClass, slices, production });
  const { tests, served } = await tryCandidate(options, { fetchFile, ...listeners });
  const attributions = await explained.find({ labels, fetchFile, ...listeners });
  const drawn = (predictions: Float64Array) => {
    const curves = traceCurves(trainingSet, { labels, predictions, width });
    return curves && { curves };
  };
  const evaluation = evaluationSchema.parse({
    format: formatOf("evaluation"),
    package: options.packageDigest,
    trainingSet: options.trainingSetDigest,
    rows: split.rows,
    from: trainingSet.splits.test.from,
    to: trainingSet.splits.test.to,
    metrics: whole.candidate.filter(isOfModel),
    baseline: whole.baseline.filter(isOfModel),
    ...(production.state === "judged" && {
      production: {
        package: production.packageDigest,
        metrics: whole.production.filter(isOfModel),
        ...drawn(production.predictions),
      },
    }),
    slices: slices.map(({ column, value, rows, counted, candidate: metrics }) => ({
      column,
      value,
      rows,
      counted,
      metrics,
    })),
    gates,
    ...drawn(candidate),
    ...(tests && { tests }),
    ...(served && { served }),
    ...(attributions && { attributions }),
    decision: decide([...gates, ...(tests ?? []), ...(served ?? [])]),
  });
  return { evaluation, reference: await store.putJson(evaluation) };
}

/** Runs the tests of the model and holds the candidate, served, against what it should answer; its server has ended after. */
async function tryCandidate(
  options: EvaluateOptions,
  helpers: { readonly fetchFile: EvaluationStore["fetchFile"] } & Pick<EvaluateOptions, "signal" | "onProgress">,
): Promise<Pick<Evaluation, "tests" | "served">> {
  await using server = options.served && (await serveCandidate(options, helpers));
  const { tests } = options.model;
  const verdicts = tests && (await runModelTests({ tests, candidate: options, ...(server && { server }), ...helpers }));
  const served = options.served && server && (await checkServed({ ...options, ...options.served, server, ...helpers }));
  return { ...(verdicts && { tests: [...verdicts] }), ...(served && { served: [...served] }) };
}

/** The columns that gates slice by, each with the smallest size that one of its gates counts. */
function slicedColumns(gates: ModelSpec["gates"]): readonly { readonly column: string; readonly min: number }[] {
  const smallest = new Map<string, number>();
  for (const { slice } of gates) {
    if (slice) smallest.set(slice.column, Math.min(slice.min, smallest.get(slice.column) ?? slice.min));
  }
  return [...smallest].map(([column, min]) => ({ column, min }));
}
