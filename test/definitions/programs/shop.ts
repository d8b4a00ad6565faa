/**
 * What the right and the wrong programs share: flights, the weather at airports and the sessions of a market.
 * @module
 */
import { z } from "zod";
import {
  auc,
  csv,
  dataset,
  endpoint,
  features,
  logLoss,
  model,
  parquet,
  python,
  rmse,
  trainingJob,
} from "../../../framework/index.ts";

export const Flight = z.object({
  date: z.date(),
  origin: z.string().length(3),
  destination: z.string().length(3),
  distance: z.int().min(1),
  delay: z.int().min(-120).max(1440).meta({ known: "6 hours" }),
  carrier: z.enum(["AA", "UA"]).optional(),
  diverted: z.boolean(),
  landing: z.enum(["smooth", "rough", "diverted"]).meta({ known: "6 hours" }),
  landed: z.date().nullable().meta({ known: "6 hours" }),
});
export const flights = dataset("flights", {
  owner: "ops-data",
  schema: Flight,
  source: parquet("f.parquet"),
  eventTime: "date",
});
export const reports = dataset("reports", {
  owner: "weather",
  schema: z.object({ time: z.date(), airport: z.string(), wind: z.number(), cloudy: z.boolean() }),
  source: csv("w.csv"),
  eventTime: "time",
  key: ["airport"],
});
export const sessions = dataset("sessions", {
  owner: "market",
  schema: z.object({ day: z.date(), close: z.number().meta({ known: "1 day" }) }),
  source: csv("m.csv"),
  eventTime: "day",
});

export const visits = dataset("visits", {
  owner: "shop",
  schema: z.object({
    at: z.date(),
    user: z.string(),
    taste: z.array(z.number()).length(8),
    page: z.array(z.number()).length(8).optional(),
    score: z.number(),
  }),
  source: parquet("visits.parquet"),
  eventTime: "at",
});

export const routes = features("routes", flights, (row) => ({
  hour: row.date.hour(),
  longHaul: row.distance.gte(1500).and(row.diverted.not()),
  originDelay7d: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
  viaUnited: row.carrier.eq("UA"),
}));
export const weather = features("weather", reports, (row) => ({
  wind: row.wind.log1p(),
  cloudy: row.cloudy,
  place: row.airport.category(),
}));
export const market = features("market", sessions, (row) => ({
  close: row.close.last({ by: [], over: "5 days", lag: "1 day" }),
}));
/** A feature that reads the label's column at the event. */
export const half = features("half", flights, (row) => ({ half: row.delay.divide(2) }));
/** A feature that reads the label's column up to the event. */
export const eager = features("eager", flights, (row) => ({
  now: row.delay.mean({ by: row.origin, over: "1 hour" }),
}));
/** A feature whose lag is none. */
export const zeroLag = features("zero-lag", flights, (row) => ({
  zero: row.delay.mean({ by: row.origin, over: "1 hour", lag: "0 seconds" }),
}));

export const trainer = python("train.py", { lock: "requirements.lock" });
export const split = { test: "14 days" } as const;
export const lateTraining = trainingJob("late-training", {
  features: [routes, weather.by(flights, (row) => ({ airport: row.destination }))],
  label: (row) => row.delay.gt(15),
  split,
  trainer,
});
export const carrierTraining = trainingJob("carrier-training", {
  features: [routes],
  label: (row) => row.landing,
  split,
  trainer,
});
export const minutesTraining = trainingJob("minutes-training", {
  features: [routes],
  label: (row) => row.delay,
  split,
  trainer,
});
export const late = model("late", {
  training: lateTraining,
  owner: "ops-ml",
  risk: "limited",
  metrics: [auc, logLoss],
  gates: [auc.atLeast(0.6)],
});
export const minutes = model("minutes", {
  training: minutesTraining,
  owner: "ops-ml",
  risk: "low",
  metrics: [rmse],
  gates: [],
});
export const lateArrival = endpoint("late-arrival", { model: late });
