/**
 * Which declarations stand on which page of the nouns, in the order of a project file.
 * @module
 */

/** A page about a noun, or about what nouns are written with. */
export interface Noun {
  /** The page's name: `training-job`. */
  readonly name: string;
  readonly title: string;
  /** What the page begins with: a declaration, whose example is the page's, or a paragraph. */
  readonly about: { readonly declaration: string } | { readonly text: string };
  /** The declarations it shows, in this order. */
  readonly shows: readonly string[];
}

/** Where the declarations are, relative to `framework/definitions/`. */
export const sources = [
  "dataset.ts",
  "contract.ts",
  "derivation.ts",
  "derivation-rows.ts",
  "source.ts",
  "remote-files.ts",
  "postgres.ts",
  "schedule.ts",
  "input.ts",
  "features.ts",
  "expression.ts",
  "number-expression.ts",
  "boolean-expression.ts",
  "string-expression.ts",
  "time-expression.ts",
  "preprocessing.ts",
  "when.ts",
  "encoding.ts",
  "aggregate.ts",
  "training-job.ts",
  "trainer.ts",
  "model.ts",
  "metric.ts",
  "gate.ts",
  "endpoint.ts",
  "rollout.ts",
  "project.ts",
  "patch.ts",
] as const;

export const nouns: readonly Noun[] = [
  {
    name: "dataset",
    title: "Dataset",
    about: { declaration: "dataset" },
    shows: ["DatasetOptions", "Contract", "RowBand", "Retention"],
  },
  {
    name: "sources",
    title: "Sources",
    about: {
      text: "Where the rows of a [dataset](dataset.md) come from. A source on this machine is looked at by whoever plans; any other by the worker of the stack alone, which has what reaches it: when the definition is applied, on the dataset's schedule, and when `npx steward ingest` asks. Only what has changed is read again.",
    },
    shows: [
      "parquet",
      "arrow",
      "csv",
      "json",
      "s3",
      "S3Options",
      "http",
      "HttpOptions",
      "postgres",
      "PostgresOptions",
      "push",
      "every",
      "input",
    ],
  },
  {
    name: "derivation",
    title: "Derived datasets",
    about: {
      text: "What makes the rows of a [dataset](dataset.md) from those of others: steps, each written against the rows that the one before it gives. They are recorded as data and run in SQL; the new rows are taken in under the dataset's own contract, and a new version is made when one of the datasets before it has one.",
    },
    shows: [
      "derived",
      "Rows",
      "Deduplication",
      "Joining",
      "Sampling",
      "Stratification",
      "Oversampling",
      "Augmentation",
      "Chance",
      "ProgramOptions",
    ],
  },
  { name: "features", title: "Features", about: { declaration: "features" }, shows: ["Features", "JoinOptions"] },
  {
    name: "expressions",
    title: "Expressions",
    about: {
      text: "What [features](features.md), labels and joins are written with: every column of a row is an expression of its kind, and its methods make new ones. They are recorded as data and computed in SQL, never run row by row.",
    },
    shows: [
      "NumberExpression",
      "BooleanExpression",
      "StringExpression",
      "CategoryOptions",
      "TimeExpression",
      "when",
      "cyclical",
      "oneHot",
      "Aggregates",
      "NumberAggregates",
      "Window",
      "RateWindow",
    ],
  },
  {
    name: "training-job",
    title: "Training job",
    about: { declaration: "trainingJob" },
    shows: ["TrainingJobOptions", "Split", "Resources", "python", "PythonOptions"],
  },
  {
    name: "model",
    title: "Model",
    about: { declaration: "model" },
    shows: ["ModelOptions", "Approval", "HighRisk"],
  },
  {
    name: "metrics",
    title: "Metrics and gates",
    about: {
      text: "What a [model](model.md) is judged by. A metric's methods make gates; a gate is passed, failed or inconclusive, and only what passes all of them is released.",
    },
    shows: [
      "auc",
      "logLoss",
      "brier",
      "accuracy",
      "rmse",
      "mae",
      "r2",
      "Metric",
      "Margin",
      "WholeGate",
      "bySlice",
      "SliceOptions",
    ],
  },
  {
    name: "endpoint",
    title: "Endpoint",
    about: { declaration: "endpoint" },
    shows: ["EndpointOptions", "InferenceLog", "allAtOnce"],
  },
  {
    name: "project",
    title: "Project",
    about: { declaration: "project" },
    shows: [
      "ProjectOptions",
      "Environment",
      "patch",
      "DatasetChanges",
      "TrainingJobChanges",
      "ModelChanges",
      "EndpointChanges",
    ],
  },
];

/** How sections are titled whose declaration has a name for the compiler. */
export const titles: Readonly<Record<string, string>> = {
  DatasetOptions: "Options",
  TrainingJobOptions: "Options",
  ModelOptions: "Options",
  EndpointOptions: "Options",
  ProjectOptions: "Options",
  Rows: "Steps",
  Deduplication: "Options of deduplicate",
  Joining: "Options of join",
  Sampling: "Options of sample",
  Stratification: "Options of stratify",
  Oversampling: "Options of oversample",
  Augmentation: "Options of augment",
  Chance: "Chance",
  ProgramOptions: "Options of a program",
  Features: "Joining",
  JoinOptions: "Options of by",
  NumberExpression: "Numbers",
  BooleanExpression: "True and false",
  StringExpression: "Texts",
  CategoryOptions: "Options of category",
  TimeExpression: "Moments",
  Aggregates: "The past of a column",
  NumberAggregates: "The past of a column of numbers",
  Window: "Windows",
  Contract: "Contract",
  S3Options: "Options of s3",
  HttpOptions: "Options of http",
  PostgresOptions: "Options of postgres",
  PythonOptions: "Options of python",
  HighRisk: "High risk",
  Metric: "Gates of a metric",
  Margin: "Margins",
  WholeGate: "Gates on slices",
  SliceOptions: "Options of bySlice",
  InferenceLog: "Log",
  DatasetChanges: "Changes of a dataset",
  TrainingJobChanges: "Changes of a training job",
  ModelChanges: "Changes of a model",
  EndpointChanges: "Changes of an endpoint",
};

/** Where the types of fields are explained that are not a section of the field's own page. */
export const pagesOfTypes: Readonly<Record<string, string>> = {
  Source: "sources.md",
  Derivation: "derivation.md",
  Contract: "dataset.md",
  Features: "features.md",
  JoinedFeatures: "features.md",
  Row: "expressions.md",
  Trainer: "training-job.md",
  Resources: "training-job.md",
  TrainingJob: "training-job.md",
  Metric: "metrics.md",
  Gate: "metrics.md",
  Model: "model.md",
  Approval: "model.md",
  Rollout: "endpoint.md",
  InferenceLog: "endpoint.md",
};
