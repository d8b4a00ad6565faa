/**
 * A small project as data, for tests of what comes after the definitions.
 * @module
 */
import type {
  DatasetSpec,
  EndpointSpec,
  FeaturesSpec,
  ModelSpec,
  ProjectSpec,
  TrainingJobSpec,
} from "../../framework/definitions/spec.ts";

export const visits: DatasetSpec = {
  format: "dataset/1",
  kind: "dataset",
  name: "visits",
  owner: "ops",
  columns: [
    { name: "at", type: "timestamp", nullable: false, known: "0 seconds" },
    { name: "shop", type: "string", nullable: false, known: "0 seconds" },
    { name: "spent", type: "number", nullable: false, min: 0, known: "1 day" },
  ],
  eventTime: "at",
  key: [],
  source: { kind: "file", format: "csv", path: "visits.csv" },
  contract: { violations: "reject", tolerance: 0 },
};

export const habits: FeaturesSpec = {
  format: "features/1",
  kind: "features",
  name: "habits",
  from: "visits",
  columns: [{ name: "hour", type: "number", expression: { op: "hour", of: { op: "column", name: "at" } } }],
};

export const spending: TrainingJobSpec = {
  format: "training-job/1",
  kind: "training-job",
  name: "spending",
  features: [{ set: "habits", by: {} }],
  label: { op: "gt", left: { op: "column", name: "spent" }, right: { op: "literal", value: 10 } },
  task: "binary",
  split: { test: "7 days", validation: "2 days", gap: "1 day" },
  trainer: { kind: "python", file: "train.py", lock: "requirements.lock" },
  params: { leaves: 31 },
  seed: 1,
  resources: { cpu: 1, memory: "1 GiB" },
};

export const spender: ModelSpec = {
  format: "model/1",
  kind: "model",
  name: "spender",
  owner: "ml",
  risk: "low",
  training: "spending",
  metrics: ["auc"],
  gates: [{ kind: "atLeast", metric: "auc", value: 0.6 }],
  approval: "waived",
};

export const desk: EndpointSpec = {
  format: "endpoint/1",
  kind: "endpoint",
  name: "desk",
  model: "spender",
  rollout: { kind: "allAtOnce" },
  log: { requests: "all", durability: "disk" },
};

export const shop: ProjectSpec = {
  name: "shop",
  environment: "local",
  definitions: [visits, habits, spending, spender, desk],
};
