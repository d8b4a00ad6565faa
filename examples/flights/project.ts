/**
 * Will a flight arrive more than 15 minutes late? Three million flights of the United States, January to June 2001.
 * @module
 */
import { z } from "zod";
import {
  allAtOnce,
  auc,
  brier,
  bySlice,
  dataset,
  endpoint,
  features,
  logLoss,
  model,
  parquet,
  patch,
  project,
  python,
  trainingJob,
} from "../../framework/index.ts";

const Flight = z.object({
  date: z.date().meta({ description: "scheduled departure" }),
  origin: z.string().length(3),
  destination: z.string().length(3),
  distance: z.int().min(1).meta({ unit: "mi" }),
  delay: z.int().min(-120).max(1440).meta({ unit: "min", description: "arrival delay", known: "6 hours" }),
});

export const flights = dataset("flights", {
  owner: "ops-data",
  license: "other-open",
  schema: Flight,
  eventTime: "date",
  source: parquet("npm:vega-datasets/data/flights-3m.parquet"),
  contract: { violations: "quarantine", tolerance: 0.01 },
});

export const routes = features("routes", flights, (row) => ({
  hour: row.date.hour(),
  weekday: row.date.dayOfWeek(),
  distance: row.distance,
  origin: row.origin.category(),
  destination: row.destination.category(),
  originDelay7d: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
  routeDelay7d: row.delay.mean({ by: [row.origin, row.destination], over: "7 days", lag: "12 hours" }),
}));

export const lateTraining = trainingJob("late-training", {
  features: [routes],
  label: (row) => row.delay.gt(15),
  split: { validation: "7 days", test: "14 days", gap: "12 hours" },
  trainer: python("train.py", { lock: "requirements.lock" }),
  params: z.object({
    leaves: z.int().default(31),
    rate: z.number().default(0.1),
    trees: z.int().default(200),
  }),
  resources: { cpu: 2, memory: "4 GiB" },
});

export const late = model("late-arrival", {
  owner: "ops-ml",
  risk: "limited",
  training: lateTraining,
  metrics: [auc, logLoss, brier],
  baseline: "routeDelay7d",
  gates: [
    auc.atLeast(0.67),
    auc.noWorseThan("production", { by: 0.005 }),
    auc.atLeast(0.6).on(bySlice("origin", { min: 500 })),
  ],
  approval: { from: ["ops-lead"], count: 1, notBy: "author" },
});

export const lateArrival = endpoint("late-arrival", {
  model: late,
  rollout: allAtOnce(),
  log: { requests: "all", durability: "disk" },
});

export default project("flights", {
  definitions: [flights, routes, lateTraining, late, lateArrival],
  environments: {
    local: { approval: "waived", override: [patch(lateArrival, { rollout: allAtOnce() })] },
    staging: {},
  },
});
