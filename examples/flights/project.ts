/**
 * Will a flight arrive more than 15 minutes late? It is asked before the departure, of a flight by its schedule, its airports
 * and how late flights on the same route were in the week before.
 *
 * The data are three million flights of the United States from January to June 2001, one row each, as a Parquet file of the
 * npm package `vega-datasets`. Airlines must report them to the Bureau of Transportation Statistics, which publishes them
 * without saying a license, hence `other-open`.
 *
 * What it shows:
 *
 * - A contract that sets bad rows apart. Eleven rows break the schema, and the ingest says so.
 * - A derived dataset. 191 flights stand in the file twice, and a plane that waited half a day says little about its route:
 *   `trips` has each flight once, and delays of five hours at most.
 * - Honest time. A delay is known six hours after the departure, so the windows of the past end twelve hours before it.
 * - Features that a request does not bring. The delays of the week before are looked up in the online store, where they are
 *   put when a version is released, as of the last flight there is.
 * - LightGBM, which reports while it grows how well it ranks the rows of a later week.
 * - Gates: a least AUC, no loss against the version in production, and a least AUC at each airport with 500 rows or more.
 * - An approval by `ops-lead`, by somebody other than who applied the change; `local` waives it.
 *
 * @module
 */
import { z } from "zod";
import {
  allAtOnce,
  auc,
  brier,
  bySlice,
  dataset,
  derived,
  endpoint,
  features,
  input,
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

const Trip = Flight.extend({ delay: Flight.shape.delay.min(-60).max(300) });

export const trips = dataset("trips", {
  owner: "ops-data",
  license: "other-open",
  schema: Trip,
  eventTime: "date",
  source: derived(flights, (rows) => rows.deduplicate().clip({ delay: [-60, 300] })),
});

export const routes = features("routes", trips, (row) => ({
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
  // The data end with June 2001, and questions are asked of the day after.
  online: { asOf: "latest-event" },
});

export default project("flights", {
  definitions: [flights, trips, routes, lateTraining, late, lateArrival],
  environments: {
    local: { approval: "waived", override: [patch(lateArrival, { rollout: allAtOnce() })] },
    /** The same flights as they come in, a file a week. */
    weekly: { approval: "waived", override: [patch(flights, { source: parquet(input("flights.weeks")) })] },
    staging: {},
  },
});
