/**
 * Which parameters tell best whether a flight arrives more than 15 minutes late? The flights of the first example, a sixteenth of
 * them, and thirty sets of parameters that a study tries.
 *
 * What it shows:
 *
 * - A study: thirty trials, two at a time, each judged on the rows of the last week but two. The test rows are read once, by the
 *   evaluation of the best.
 * - A space with a condition: how much is dropped is searched only where trees are dropped at all.
 * - A pruner: a trial that does worse than the median of those before it, at the same number of trees, is given up.
 * - A sample whose rows stay the same ones when others come: chance decides of each flight by itself.
 *
 * @module
 */
import { z } from "zod";
import {
  auc,
  choice,
  dataset,
  derived,
  features,
  float,
  int,
  logLoss,
  model,
  parquet,
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

const flights = dataset("flights", {
  owner: "ops-data",
  license: "other-open",
  schema: Flight,
  eventTime: "date",
  source: parquet("npm:vega-datasets/data/flights-3m.parquet"),
  contract: { violations: "quarantine", tolerance: 0.01 },
});

const some = dataset("some-flights", {
  owner: "ops-data",
  license: "other-open",
  schema: Flight,
  eventTime: "date",
  source: derived(flights, (rows) => rows.sample({ fraction: 1 / 16, seed: 2001 })),
});

const schedule = features("schedule", some, (row) => ({
  hour: row.date.hour(),
  weekday: row.date.dayOfWeek(),
  distance: row.distance,
  origin: row.origin.category(),
  destination: row.destination.category(),
  originDelay7d: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
}));

const search = trainingJob("late-search", {
  features: [schedule],
  label: (row) => row.delay.gt(15),
  split: { validation: "7 days", test: "14 days", gap: "12 hours" },
  trainer: python("train.py", { lock: "requirements.lock" }),
  params: z.object({
    boosting: z.enum(["gbdt", "dart"]).default("gbdt"),
    drop: z.number().default(0.1),
    leaves: z.int().default(31),
    rate: z.number().default(0.1),
    trees: z.int().default(120),
  }),
  tune: {
    objective: auc,
    trials: 30,
    parallel: 2,
    pruner: { kind: "median", startup: 5, warmup: 20 },
    space: {
      boosting: choice("gbdt", "dart"),
      drop: float(0.02, 0.4).when("boosting", "dart"),
      leaves: int(4, 128, "log"),
      rate: float(0.02, 0.3, "log"),
    },
  },
  resources: { cpu: 1, memory: "2 GiB" },
});

const late = model("late-tuned", {
  owner: "ops-ml",
  risk: "limited",
  training: search,
  metrics: [auc, logLoss],
  gates: [auc.atLeast(0.62), auc.betterThan("baseline", { by: 0.02 })],
  baseline: "originDelay7d",
  approval: "waived",
});

export default project("flights-tuned", {
  definitions: [flights, some, schedule, search, late],
  environments: { local: {} },
});
