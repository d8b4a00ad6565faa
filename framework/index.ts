/**
 * The language of Steward: what a team's project file imports.
 * @module
 */
// biome-ignore-all lint/performance/noBarrelFile: the one public entry
// Declares what `.meta` of a column takes: an importer of the built package would not see it otherwise.
import "./definitions/column.ts";

export type { RateWindow, Window } from "./definitions/aggregate.ts";
export type { Contract, RecordedContract, RowBand } from "./definitions/contract.ts";
export { type Dataset, type DatasetOptions, dataset, type Retention } from "./definitions/dataset.ts";
export { type Derivation, derived } from "./definitions/derivation.ts";
export type {
  Augmentation,
  Chance,
  Deduplication,
  Joining,
  Oversampling,
  ProgramOptions,
  Rows,
  Sampling,
  Stratification,
} from "./definitions/derivation-rows.ts";
export {
  choice,
  type Distribution,
  type FreeDistribution,
  float,
  type IntOptions,
  int,
} from "./definitions/distribution.ts";
export { cyclical, oneHot } from "./definitions/encoding.ts";
export {
  type Endpoint,
  type EndpointOptions,
  endpoint,
  type InferenceLog,
  type LabelOf,
  type OnlineOptions,
  type RequestOf,
} from "./definitions/endpoint.ts";
export {
  type Experiment,
  type ExperimentGuardrail,
  type ExperimentOptions,
  experiment,
} from "./definitions/experiment.ts";
export type { Category, Expression } from "./definitions/expression.ts";
export { type FairnessMetric, type FairnessOptions, fairness } from "./definitions/fairness.ts";
export { type Features, features, type JoinedFeatures, type JoinOptions } from "./definitions/features.ts";
export {
  type FeedbackOptions,
  type LabelColumns,
  type LabelSource,
  labels,
  type Observed,
  type ObservedBelow,
  type ObservedFrom,
  type ObservedWhen,
} from "./definitions/feedback.ts";
export { bySlice, type Gate, type Slice, type SliceOptions } from "./definitions/gate.ts";
export { type Input, input } from "./definitions/input.ts";
export {
  accuracy,
  auc,
  averagePrecision,
  balancedAccuracy,
  brier,
  calibrationError,
  f1,
  type HigherIsBetter,
  kappa,
  type LowerIsBetter,
  logLoss,
  type Margin,
  type MaseOptions,
  type Metric,
  macroAuc,
  macroF1,
  macroPrecision,
  macroRecall,
  mae,
  mape,
  mase,
  matthewsCorrelation,
  meanAveragePrecision,
  meanReciprocalRank,
  medianAbsoluteError,
  type NdcgOptions,
  ndcg,
  precision,
  type RankingOptions,
  r2,
  recall,
  rmse,
  smape,
  topK,
  weightedF1,
  weightedPercentageError,
  weightedPrecision,
  weightedRecall,
} from "./definitions/metric.ts";
export { type MlflowScriptOptions, mlflowScript } from "./definitions/mlflow-script.ts";
export { type Approval, type HighRisk, type Model, type ModelOptions, model, type Risk } from "./definitions/model.ts";
export {
  answersEachRow,
  type Direction,
  type DirectionalOptions,
  deterministic,
  directional,
  type GoldenOptions,
  type GoldenRow,
  golden,
  inRange,
  invariant,
  type LatencyOptions,
  type Leeway,
  latency,
  type ModelTest,
  type MonotoneOptions,
  monotone,
  type RangeOptions,
  type SimplexOptions,
  simplex,
} from "./definitions/model-test.ts";
export {
  type DatasetChanges,
  type EndpointChanges,
  type ModelChanges,
  type Patch,
  patch,
  type TrainingJobChanges,
} from "./definitions/patch.ts";
export { type PostgresOptions, postgres, push } from "./definitions/postgres.ts";
export type {
  CategoryOptions,
  Imputation,
  ImputedNumber,
  Prepared,
  ScaledNumber,
  Scaling,
} from "./definitions/preprocessing.ts";
export { type Environment, type Project, type ProjectOptions, project } from "./definitions/project.ts";
export { type HttpOptions, http, type RemoteFiles, type S3Options, s3 } from "./definitions/remote-files.ts";
export { allAtOnce, type Canary, type CanaryOptions, canary, type Rollout } from "./definitions/rollout.ts";
export {
  type BelowChampion,
  type ChampionOptions,
  type ComparedMeasure,
  type Condition,
  disagreement,
  errorRate,
  type Measure,
  type OpenCondition,
  type ResponseTime,
  responseTime,
} from "./definitions/rollout-condition.ts";
export type { Row } from "./definitions/row.ts";
export { every, type Schedule } from "./definitions/schedule.ts";
export type { Shadow } from "./definitions/shadow.ts";
export { arrow, csv, json, parquet, type Source } from "./definitions/source.ts";
export {
  type ContainerOptions,
  container,
  type PythonOptions,
  python,
  type Trainer,
  type TypeScriptOptions,
  typescript,
} from "./definitions/trainer.ts";
export {
  type GpuRequest,
  type Resources,
  type Split,
  type TrainingJob,
  type TrainingJobOptions,
  trainingJob,
} from "./definitions/training-job.ts";
export type {
  AshaPruner,
  Budget,
  HyperbandPruner,
  MedianPruner,
  Pruner,
  Tuning,
  TuningOf,
} from "./definitions/tuning.ts";
export type { Duration, Size } from "./definitions/units.ts";
export { when } from "./definitions/when.ts";
