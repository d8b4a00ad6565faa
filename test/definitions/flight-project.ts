/**
 * A small project that is right in every way, and the means to make it wrong in one.
 * @module
 */
import { z } from "zod";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import {
  auc,
  csv,
  dataset,
  endpoint,
  features,
  model,
  type Project,
  parquet,
  project,
  python,
  trainingJob,
} from "../../framework/index.ts";

export const flights = dataset("flights", {
  owner: "ops-data",
  schema: z.object({
    date: z.date(),
    origin: z.string().length(3),
    distance: z.int().min(1),
    delay: z.int().meta({ known: "6 hours" }),
  }),
  eventTime: "date",
  source: parquet("flights.parquet"),
});

export const reports = dataset("reports", {
  owner: "weather",
  schema: z.object({
    time: z.date(),
    airport: z.string(),
    wind: z.number(),
    rain: z.number().meta({ known: "1 day" }),
  }),
  eventTime: "time",
  key: ["airport"],
  source: csv("reports.csv"),
});

export const routes = features("routes", flights, (row) => ({
  hour: row.date.hour(),
  origin: row.origin.category(),
  originDelay: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
}));

export const weather = features("weather", reports, (row) => ({ wind: row.wind }));

export const training = trainingJob("late-training", {
  features: [routes, weather.by(flights, (row) => ({ airport: row.origin }))],
  label: (row) => row.delay.gt(15),
  split: { test: "14 days" },
  trainer: python("train.py", { lock: "requirements.lock" }),
  params: z.object({ leaves: z.int().default(31) }),
});

export const late = model("late-arrival", {
  owner: "ops-ml",
  risk: "limited",
  training,
  metrics: [auc],
  gates: [auc.atLeast(0.6)],
  approval: { from: ["ops-lead"] },
});

export const lateArrival = endpoint("late-arrival", { model: late });

export const definitions = [flights, reports, routes, weather, training, late, lateArrival];

/** A problem by its code and place. */
export type Finding = readonly [code: string, at: string];

/** What is wrong with a project in an environment. */
export function findProblems(wrong: Project, environment = "local"): Finding[] {
  try {
    resolveProject(wrong, environment);
    return [];
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return error.problems.map(({ code, at }) => [code, at] as const);
  }
}

/** The flights' project with other definitions, each referring to the others' replacements. */
export function relist(changes: {
  flights?: typeof flights;
  routes?: object;
  training?: object;
  late?: object;
}): Project {
  const data = changes.flights ?? flights;
  const set = { ...routes, ...changes.routes, from: data };
  const job = { ...training, spine: set, ...changes.training };
  const judged = { ...late, training: job, ...changes.late };
  return project("flights", {
    definitions: [data, reports, set, weather, job, judged, { ...lateArrival, model: judged }],
  });
}
