/**
 * Specs: what definitions are once they are data. Builders make them, plans compare them, resources and workflows carry
 * them. Everything is plain JSON with its defaults filled in, so that equal meaning has equal bytes.
 * @module
 */
import { z } from "zod";
import { derivationStep } from "./derivation-step.ts";
import { experimentSpec } from "./experiment-spec.ts";
import { expressionTree } from "./expression-tree.ts";
import { feedbackSpec } from "./feedback-spec.ts";
import { modelTestSpec } from "./model-test-spec.ts";
import { piiModes } from "./pii-mode.ts";
import { preprocessingStep } from "./preprocessing.ts";
import { rolloutSpec, shadowSpec } from "./rollout-spec.ts";
import { tuningSpec } from "./tuning-spec.ts";
import { duration, size } from "./units.ts";
import { versioned } from "./versioned.ts";

/** What definitions, projects and environments are called. */
export const namePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
export const nameForm = "lower-case letters a to z, digits and hyphens, at most 63, no hyphen at an end";

const name = z.string().regex(namePattern, nameForm);
const sourceFormat = z.enum(["parquet", "csv", "json", "arrow"]);

/** One column of a dataset, from one field of its zod schema. */
export const columnSpec = z.strictObject({
  name: z.string(),
  type: z.enum(["string", "integer", "number", "boolean", "timestamp", "vector"]),
  nullable: z.boolean(),
  /** How many numbers a vector has, 1 to 4,096. @default it is no vector */
  length: z.int().optional(),
  /** Inclusive bounds of a number, or of each number of a vector. @default none */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Inclusive bounds of a string's length in code points, as zod (from 4.6 on) and DuckDB count. @default none */
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  /** The only values a string may have. @default any */
  values: z.array(z.string()).optional(),
  /** What a string must match, each as JavaScript writes it, of the subset of pattern.ts: `/^[A-Z]{3}$/u`. @default nothing */
  patterns: z.array(z.string()).optional(),
  /** How long after its event the value is known. @default "0 seconds" */
  known: duration,
  /** Whether people must not be treated differently by it without a reason. @default false */
  protected: z.literal(true).optional(),
  /** How it is recorded in the logs of endpoints. @default as it is */
  pii: z.enum(piiModes).optional(),
  /** Meaning and unit, for people. @default none */
  description: z.string().optional(),
  unit: z.string().optional(),
});

/** The name of an input that the stack supplies, for what does not belong in a spec: `input:warehouse.url`. */
const inputReference = z.string().regex(/^input:.+/, "input(…)");

export const sourceSpec = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("file"),
      format: sourceFormat,
      /** Relative to the project file, or `npm:<package>/<path>` for a file that an installed package ships. */
      path: z.string(),
    }),
    z.strictObject({
      kind: z.literal("s3"),
      format: sourceFormat,
      bucket: z.string(),
      /** The key of an object, or a pattern of keys. */
      path: z.string(),
      /** @default Amazon's, of the region */
      endpoint: z.string().optional(),
      /** @default "us-east-1" */
      region: z.string().optional(),
      /** @default whoever asks may read */
      credentials: z.strictObject({ accessKey: inputReference, secretKey: inputReference }).optional(),
    }),
    z.strictObject({
      kind: z.literal("http"),
      format: sourceFormat,
      url: z.string(),
      /** What the bytes must be, as a SHA-256 in hexadecimal. @default whatever comes */
      sha256: z.string().optional(),
      /** What is sent with a request, by the names of headers. @default nothing */
      headers: z.record(z.string(), inputReference).optional(),
    }),
    z.strictObject({
      kind: z.literal("postgres"),
      /** Where the database is, and who asks. */
      url: inputReference,
      query: z.string(),
      /** The column that grows with every row that is added or changed. @default all rows are read again when one has changed */
      cursor: z.string().optional(),
      /** How long after its cursor a row may still appear: what is younger waits. @default "0 seconds" */
      lag: duration.optional(),
    }),
    z.strictObject({ kind: z.literal("push") }),
    z.strictObject({
      kind: z.literal("derived"),
      /** The datasets that it is made from, by their names: first the one whose rows it is about. */
      from: z.array(name).min(1),
      steps: z.array(derivationStep).min(1),
    }),
  ],
  "parquet(…), arrow(…), csv(…), json(…), postgres(…) or push()",
);

export const datasetSpec = versioned("dataset", {
  kind: z.literal("dataset"),
  name,
  owner: z.string().min(1),
  license: z.string().optional(),
  columns: z.array(columnSpec).min(1),
  /** The column that says when a row happened. */
  eventTime: z.string(),
  /** Columns that together name a row's entity, for point-in-time joins from other datasets. */
  key: z.array(z.string()),
  source: sourceSpec,
  /** How often it is looked whether the source has something new. @default when the definition is applied, and when asked */
  schedule: z.strictObject({ every: duration }).optional(),
  contract: z.strictObject({
    violations: z.enum(["reject", "quarantine", "accept"]),
    /** The largest share of rows that may break the contract before the ingest is refused. */
    tolerance: z.number().min(0).max(1),
    /** Columns whose values together no two rows have. @default rows may repeat */
    unique: z.array(z.string().min(1)).min(1).optional(),
    /** Expressions that are not false of a row, by what they say must hold. @default there are none */
    rules: z.array(z.strictObject({ name: z.string(), expression: expressionTree })).optional(),
    /** How many rows are taken in, at least and at most, over all files. @default any number */
    rows: z.strictObject({ min: z.int().min(0).optional(), max: z.int().min(1).optional() }).optional(),
    /** How old the newest event may be when it is taken in. @default of any age */
    freshness: duration.optional(),
    /** What may become of the source's columns. @default a file lacks none, and may have more */
    evolution: z.enum(["freeze", "add-columns"]).optional(),
  }),
  /** Which versions that are live no more are kept: those that one of the two says. @default all are */
  retention: z.strictObject({ versions: z.int().min(1).optional(), for: duration.optional() }).optional(),
});

export const featuresSpec = versioned("features", {
  kind: z.literal("features"),
  name,
  /** The dataset's name. */
  from: name,
  columns: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.enum(["number", "boolean", "category"]),
        expression: expressionTree,
        /** What is fitted on the training rows, in the order in which it is applied. @default nothing is */
        preprocessing: z.array(preprocessingStep).min(1).optional(),
      }),
    )
    .min(1),
});

/** The program that trains. */
const trainerSpec = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("python"),
    /** Relative to the project file. */
    file: z.string(),
    /** The hash-locked requirements, relative to the project file. */
    lock: z.string(),
  }),
  z.strictObject({
    kind: z.literal("mlflow"),
    /** Relative to the project file. */
    file: z.string(),
    /** The hash-locked requirements, relative to the project file. */
    lock: z.string(),
    /** What the script is started with, with `{name}` in the places of values. @default a file or a value for each name */
    args: z.array(z.string()).readonly().optional(),
    /** The column of the label in the files of the rows. @default "label" */
    label: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("typescript"),
    /** Relative to the project file. */
    file: z.string(),
    /** The `package-lock.json` with the packages that it imports, relative to the project file. */
    lock: z.string(),
  }),
  z.strictObject({
    kind: z.literal("container"),
    /** With its digest: `name@sha256:…`. */
    image: z.string(),
    command: z.tuple([z.string()], z.string()).readonly(),
  }),
]);

/** What a label asks: true or false, which of several classes, or how much. */
export const taskSpec = z.enum(["binary", "multiclass", "regression"]);

export const trainingJobSpec = versioned("training-job", {
  kind: z.literal("training-job"),
  name,
  /**
   * The feature sets. The first one's dataset is the spine: its rows are the examples and the label is written against it.
   * Each other set is joined as of the example's time, on the key of its dataset, by expressions over the spine's row.
   */
  features: z
    .array(
      z.strictObject({
        set: name,
        by: z.record(z.string(), expressionTree),
        /** How old a row of a joined set may be at the example's time; an older one is none. @default any age */
        ttl: duration.optional(),
      }),
    )
    .min(1),
  label: expressionTree,
  task: taskSpec,
  /** What a multiclass label may be, in the schema's order: a class is its place here. @default the label is none of several classes */
  classes: z.array(z.string()).min(2).optional(),
  split: z.strictObject({ test: duration, validation: duration, gap: duration }),
  trainer: trainerSpec,
  /** The values the job runs with, defaults filled in. */
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** How the values of some parameters are searched. @default they are not */
  tuning: tuningSpec.optional(),
  seed: z.int(),
  resources: z.strictObject({
    cpu: z.number().positive(),
    memory: size,
    /** GPUs of its own, and the words that the name of each has. @default none */
    gpu: z.strictObject({ count: z.int().positive(), type: z.string().optional() }).optional(),
  }),
});

/** Rows of one value of a column of the spine's dataset, at least `min` of them. */
const sliceSpec = z.strictObject({ column: z.string(), min: z.int().positive() });

export const gateSpec = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("atLeast"), metric: z.string(), value: z.number(), slice: sliceSpec.optional() }),
    z.strictObject({ kind: z.literal("atMost"), metric: z.string(), value: z.number(), slice: sliceSpec.optional() }),
    /** Not worse than the version in production, on the same rows, by more than `by`. */
    z.strictObject({
      kind: z.literal("noWorseThanProduction"),
      metric: z.string(),
      by: z.number().min(0),
      slice: sliceSpec.optional(),
    }),
    /** Better than the declared baseline, on the same rows, by at least `by`. */
    z.strictObject({
      kind: z.literal("betterThanBaseline"),
      metric: z.string(),
      by: z.number().min(0),
      slice: sliceSpec.optional(),
    }),
    /** The groups of the slice are at most `maxGap` apart. */
    z.strictObject({
      kind: z.literal("fairness"),
      metric: z.enum(["demographic-parity", "equal-opportunity", "calibration"]),
      maxGap: z.number().min(0).max(1),
      slice: sliceSpec,
    }),
  ],
  'atLeast(…), atMost(…), noWorseThan("production"), betterThan("baseline") or fairness(…)',
);

export const approvalSpec = z.strictObject({
  from: z.array(z.string().min(1)).min(1),
  count: z.int().positive(),
  notBy: z.literal("author").optional(),
});

export const modelSpec = versioned("model", {
  kind: z.literal("model"),
  name,
  owner: z.string().min(1),
  risk: z.enum(["low", "limited", "high"]),
  /** What the risk level obliges to write down. @default left out below "high" */
  obligations: z.strictObject({ retention: duration, oversight: z.string(), intendedUse: z.string() }).optional(),
  /** The training job's name. */
  training: name,
  metrics: z.array(z.string()).min(1),
  /** The feature that an honest person would use without a model, compared on the same rows. @default the training rows' mean label alone */
  baseline: z.string().optional(),
  gates: z.array(gateSpec),
  /** What every candidate must do whatever its metrics say. @default nothing */
  tests: z.array(modelTestSpec).min(1).optional(),
  /** Who must agree before a release, or "waived" where the environment asks nobody. */
  approval: z.union([approvalSpec, z.literal("waived")]),
});

/** How a value is recorded; `plain` as it is. */
const recording = z.enum([...piiModes, "plain"]);

export const endpointSpec = versioned("endpoint", {
  kind: z.literal("endpoint"),
  name,
  /** The model's name. */
  model: name,
  rollout: rolloutSpec,
  /** In how many processes its server runs, which share its port. @default one for each core, at most 4 */
  processes: z.int().min(1).max(64).optional(),
  /** Models that are asked beside its own, unseen. @default there are none */
  shadow: z.array(shadowSpec).min(1).optional(),
  log: z.strictObject({
    requests: z.enum(["all", "none"]),
    durability: z.enum(["disk", "memory", "store"]),
    /** How often records are brought into the store. @default "1 minute" */
    ship: duration.optional(),
    /** The column of a request that says whose a record is. @default records are nobody's */
    subject: z.string().optional(),
  }),
  /** How values are recorded that say something of a person. @default all as they are */
  pii: z
    .strictObject({
      /** Of each column of a request, and of each feature. What is not listed is left out of records. */
      request: z.record(z.string(), recording),
      inputs: z.record(z.string(), recording),
      /** Whether what variants are assigned by is hashed. @default it is recorded as it is */
      unit: z.literal("hash").optional(),
      /** How a label of an answer is recorded. @default as it is */
      label: z.enum(["hash", "encrypt"]).optional(),
    })
    .optional(),
  /** How features are served that a request does not bring. @default null where there is none, whatever its age */
  online: z
    .strictObject({
      /** How long ago they may have been put into the online store. @default however long */
      maxAge: duration.optional(),
      /** What is served where there is nothing, or nothing fresh: see `OnlineOptions`. @default "null" */
      otherwise: z
        .union(
          [z.enum(["null", "error"]), z.record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.null()]))],
          '"null", "error", or values by the names of features',
        )
        .optional(),
      /** How long after they were put there they are put there again. @default never */
      refresh: duration.optional(),
      /** The moment as of which they are put there. @default that at which they are */
      asOf: z.literal("latest-event").optional(),
    })
    .optional(),
  /** How the labels of answers come to be known. @default they never do */
  feedback: feedbackSpec.optional(),
  /** Which models answer beside it, each its share, until the labels tell which is better. @default there is no experiment */
  experiment: experimentSpec.optional(),
});

export const definitionSpec = z.discriminatedUnion("kind", [
  datasetSpec,
  featuresSpec,
  trainingJobSpec,
  modelSpec,
  endpointSpec,
]);

export const projectSpec = z.strictObject({
  name,
  environment: name,
  /** Whether it takes committed code alone. @default it takes any */
  code: z.literal("committed").optional(),
  /** In order: each definition comes after those it refers to. */
  definitions: z.array(definitionSpec),
});

export type ColumnSpec = z.output<typeof columnSpec>;
export type SourceSpec = z.output<typeof sourceSpec>;
export type DatasetSpec = z.output<typeof datasetSpec>;
export type FeaturesSpec = z.output<typeof featuresSpec>;
export type TrainingJobSpec = z.output<typeof trainingJobSpec>;
export type GateSpec = z.output<typeof gateSpec>;
export type ApprovalSpec = z.output<typeof approvalSpec>;
export type ModelSpec = z.output<typeof modelSpec>;
export type EndpointSpec = z.output<typeof endpointSpec>;
export type DefinitionSpec = z.output<typeof definitionSpec>;
export type DefinitionKind = DefinitionSpec["kind"];
export type ProjectSpec = z.output<typeof projectSpec>;
