/**
 * The right project, from which every malformed one is made.
 * @module
 */
import type { Malformed } from "./malformed.ts";

export const rightProject = `import { z } from "zod";
import {
  allAtOnce, auc, bySlice, csv, dataset, endpoint, features, input, json, logLoss, model, parquet, patch, project, python, rmse, trainingJob,
} from "steward";

const Flight = z.object({
  date: z.date(),
  origin: z.string().length(3).meta({ description: "where it leaves" }),
  distance: z.int().min(0).meta({ unit: "miles" }),
  delay: z.int().meta({ known: "6 hours" }),
});

export const flights = dataset("flights", {
  owner: "ops-data",
  license: "CC0-1.0",
  schema: Flight,
  eventTime: "date",
  source: parquet("flights.parquet"),
  contract: { violations: "quarantine", tolerance: 0.01 },
});

export const weather = dataset("weather", {
  owner: "ops-data",
  schema: z.object({ time: z.date(), airport: z.string(), wind: z.number() }),
  eventTime: "time",
  key: ["airport"],
  source: csv("weather.csv"),
});

export const routes = features("routes", flights, (row) => ({
  hour: row.date.hour(),
  origin: row.origin.category(),
  meanDelay: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
}));

export const winds = features("winds", weather, (row) => ({ wind: row.wind }));

export const training = trainingJob("late-training", {
  features: [routes, winds.by(flights, (row) => ({ airport: row.origin }))],
  label: (row) => row.delay.gt(15),
  split: { validation: "7 days", test: "14 days" },
  trainer: python("train.py", { lock: "requirements.lock" }),
  params: z.object({ leaves: z.int().default(31) }),
  seed: 7,
  resources: { cpu: 2, memory: "4 GiB" },
});

export const late = model("late-arrival", {
  owner: "ops-ml",
  risk: "limited",
  training,
  metrics: [auc, logLoss],
  baseline: "meanDelay",
  gates: [auc.atLeast(0.67), auc.noWorseThan("production", { by: 0.005 }), auc.atLeast(0.6).on(bySlice("origin", { min: 500 }))],
  approval: { from: ["ops-lead"], count: 1, notBy: "author" },
});

export const lateArrival = endpoint("late-arrival", {
  model: late,
  rollout: allAtOnce(),
  log: { requests: "all", durability: "disk" },
});

export default project("flights", {
  definitions: [flights, weather, routes, winds, training, late, lateArrival],
  environments: {
    local: { approval: "waived", override: [patch(flights, { source: csv("sample.csv") })] },
    production: {},
  },
});
`;

/** The text of a malformed project's file. */
export function writeSource({ name, edits = [], before, source, typed = false }: Malformed): string {
  const base = source ?? rightProject.replace("\nexport default", () => `${before ?? ""}\nexport default`);
  const edited = edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`"${name}" edits what is not there: ${from}`);
    return text.replace(from, () => to);
  }, base);
  // What gets past the types: \`as any\`, JavaScript, values that were read.
  return typed ? edited : `// @ts-nocheck\n${edited}`;
}
