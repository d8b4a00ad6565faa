/**
 * Small specs and statuses for tests of the provider.
 * @module
 */
import type {
  DatasetSpec,
  EndpointSpec,
  FeaturesSpec,
  ModelSpec,
  TrainingJobSpec,
} from "../../framework/definitions/spec.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import type { ApplyMessage } from "../../framework/engine/messages.ts";

export const datasetSpec: DatasetSpec = {
  format: "dataset/1",
  kind: "dataset",
  name: "rows",
  owner: "team",
  columns: [{ name: "time", type: "timestamp", nullable: false, known: "0 seconds" }],
  eventTime: "time",
  key: [],
  source: { kind: "file", format: "csv", path: "rows.csv" },
  contract: { violations: "reject", tolerance: 0 },
};

export const featuresSpec: FeaturesSpec = {
  format: "features/1",
  kind: "features",
  name: "set",
  from: "rows",
  columns: [{ name: "hour", type: "number", expression: { op: "hour", of: { op: "column", name: "time" } } }],
};

export const trainingSpec: TrainingJobSpec = {
  format: "training-job/1",
  kind: "training-job",
  name: "job",
  features: [{ set: "set", by: {} }],
  label: { op: "column", name: "time" },
  task: "binary",
  split: { test: "1 day", validation: "1 day", gap: "0 seconds" },
  trainer: { kind: "python", file: "train.py", lock: "requirements.lock" },
  params: { leaves: 31 },
  seed: 1,
  resources: { cpu: 1, memory: "1 GiB" },
};

export const modelSpec: ModelSpec = {
  format: "model/1",
  kind: "model",
  name: "model",
  owner: "team",
  risk: "low",
  training: "job",
  metrics: ["auc"],
  gates: [{ kind: "atLeast", metric: "auc", value: 0.6 }],
  approval: "waived",
};

export const endpointSpec: EndpointSpec = {
  format: "endpoint/1",
  kind: "endpoint",
  name: "endpoint",
  model: "model",
  rollout: { kind: "allAtOnce" },
  log: { requests: "none", durability: "memory" },
};

export const connection = {
  owner: "tests/local",
  store: {
    endpoint: "http://127.0.0.1:9000",
    region: "r",
    accessKey: "steward",
    secretKey: "canary-store-key",
    bucket: "b",
    lockedBucket: "l",
  },
  engine: { address: "127.0.0.1:7233", namespace: "n", ui: "http://127.0.0.1:8233" },
};

/** A settled, ready entity, but for what is given. */
export function statusOf(desired: ApplyMessage["desired"], given: Partial<EntityStatus> = {}): EntityStatus {
  return {
    format: "entity-status/1",
    kind: desired.kind,
    name: "it",
    owner: "tests/local",
    generation: 3,
    settled: 3,
    state: "ready",
    summary: "all is well",
    reasons: [],
    digest: "",
    desired,
    durations: {},
    ...given,
  };
}
