/**
 * What the language infers, and what must not compile. Checked by `tsc`; nothing here runs.
 * @module
 */
import { z } from "zod";
import {
  allAtOnce,
  auc,
  bySlice,
  csv,
  type Dataset,
  dataset,
  endpoint,
  features,
  type LabelOf,
  logLoss,
  mae,
  model,
  parquet,
  patch,
  project,
  python,
  type RequestOf,
  rmse,
  trainingJob,
} from "../../framework/index.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

const Flight = z.object({
  date: z.date(),
  origin: z.string().length(3),
  destination: z.string().length(3),
  distance: z.int().min(1),
  delay: z.int().min(-120).max(1440).meta({ known: "6 hours" }),
  carrier: z.enum(["AA", "UA"]).optional(),
  diverted: z.boolean(),
});
const flights = dataset("flights", {
  owner: "ops-data",
  schema: Flight,
  source: parquet("f.parquet"),
  eventTime: "date",
});
const Report = z.object({ time: z.date(), airport: z.string(), wind: z.number(), cloudy: z.boolean() });
const reports = dataset("reports", {
  owner: "w",
  schema: Report,
  source: csv("w.csv"),
  eventTime: "time",
  key: ["airport"],
});
const Session = z.object({ day: z.date(), close: z.number().meta({ known: "1 day" }) });
const sessions = dataset("sessions", { owner: "m", schema: Session, source: csv("m.csv"), eventTime: "day" });

const routes = features("routes", flights, (row) => ({
  hour: row.date.hour(),
  longHaul: row.distance.gte(1500).and(row.diverted.not()),
  originDelay7d: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
  originTraffic: row.distance.count({ by: row.origin, over: "1 hour" }),
  lastDestination: row.destination.last({ by: [row.origin], over: "1 day" }).category(),
  viaUnited: row.carrier.eq("UA"),
}));
const weather = features("weather", reports, (row) => ({
  wind: row.wind.log1p(),
  cloudy: row.cloudy,
  place: row.airport.category(),
}));
const market = features("market", sessions, (row) => ({
  close: row.close.last({ by: [], over: "5 days", lag: "1 day" }),
}));

const trainer = python("train.py", { lock: "requirements.lock" });
const split = { test: "14 days" } as const;
const training = trainingJob("late-training", {
  features: [routes, weather.by(flights, (row) => ({ airport: row.destination })), market.by(() => ({}))],
  label: (row) => row.delay.gt(15),
  split: { validation: "7 days", test: "14 days" },
  trainer,
  params: z.object({ leaves: z.int().default(31) }),
});
const late = model("late-arrival", {
  training,
  owner: "ops-ml",
  risk: "limited",
  metrics: [auc, logLoss],
  baseline: "wind",
  gates: [
    auc.atLeast(0.68),
    auc.noWorseThan("production", { by: 0.005 }),
    logLoss.atMost(0.5).on(bySlice("origin", { min: 500 })),
  ],
});
const lateArrival = endpoint("late-arrival", { model: late });
project("flights", {
  definitions: [flights, reports, sessions, routes, weather, market, training, late, lateArrival],
  environments: { local: { approval: "waived", override: [patch(lateArrival, { rollout: allAtOnce() })] } },
});

// The request is what the features and joins read at the event: destination for the join, origin as the windows' entity.
type Request = RequestOf<typeof lateArrival>;
holds<Same<keyof Request, "date" | "distance" | "origin" | "carrier" | "diverted" | "destination">>();
holds<Same<Request["distance"], number>>();
holds<Same<Request["carrier"], "AA" | "UA" | undefined>>();
holds<Same<LabelOf<typeof lateArrival>, boolean>>();

const minutes = trainingJob("minutes", { features: [routes], label: (row) => row.delay, split, trainer });
const delay = model("delay", { training: minutes, owner: "o", risk: "low", metrics: [rmse], gates: [rmse.atMost(30)] });
const delays = endpoint("delays", { model: delay });
holds<Same<LabelOf<typeof delays>, number>>();
holds<Same<keyof RequestOf<typeof delays>, "date" | "distance" | "origin" | "carrier" | "diverted">>();

// --- datasets
const whole = { owner: "o", schema: Flight, source: parquet("x"), eventTime: "date" } as const;
// @ts-expect-error the time of an event is a date column
dataset("x", { ...whole, eventTime: "origin" });
// @ts-expect-error a key column that does not exist
dataset("x", { ...whole, key: ["airport"] });
// @ts-expect-error no such violation
dataset("x", { ...whole, contract: { violations: "ignore" } });
// @ts-expect-error a duration without a unit
z.int().meta({ known: "6" });

// --- features
// @ts-expect-error no such column
features("x", flights, (row) => ({ a: row.dealy.abs() }));
// @ts-expect-error a mean of words
features("x", flights, (row) => ({ a: row.origin.mean({ by: row.origin, over: "7 days" }) }));
// @ts-expect-error a duration without a unit
features("x", flights, (row) => ({ a: row.delay.mean({ by: row.origin, over: "7" }) }));
// @ts-expect-error a window without its entity
features("x", flights, (row) => ({ a: row.delay.mean({ over: "7 days", lag: "1 day" }) }));
// @ts-expect-error not one of the values
features("x", flights, (row) => ({ a: row.carrier.eq("DL") }));
// @ts-expect-error a bare string is no feature
features("x", flights, (row) => ({ a: row.origin }));
// @ts-expect-error a bare time is no feature
features("x", flights, (row) => ({ a: row.date }));
// @ts-expect-error the hour of a number
features("x", flights, (row) => ({ a: row.distance.hour() }));
// @ts-expect-error a sum of a number and a truth
features("x", flights, (row) => ({ a: row.distance.add(row.diverted) }));
// @ts-expect-error the category of a number
features("x", flights, (row) => ({ a: row.distance.category() }));

// --- training jobs
const half = features("half", flights, (row) => ({ half: row.delay.add(1) }));
// @ts-expect-error the label leaks through feature "half"
trainingJob("x", { trainer, split, features: [half], label: (row) => row.delay.gt(15) });
const eager = features("eager", flights, (row) => ({ now: row.delay.mean({ by: row.origin, over: "1 hour" }) }));
// @ts-expect-error the label leaks through feature "now": delays of the last hour are not known yet
trainingJob("x", { trainer, split, features: [eager], label: (row) => row.delay.gt(15) });
trainingJob("fine", { trainer, split, features: [eager], label: (row) => row.distance.gt(15) });
// @ts-expect-error a label that is text
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.destination });
// @ts-expect-error a label over a column that the spine lacks
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.wind.gt(1) });
// @ts-expect-error no test rows
trainingJob("x", { trainer, split: { validation: "1 day" }, features: [routes], label: (row) => row.delay.gt(15) });
// @ts-expect-error a second set that is not joined
trainingJob("x", { trainer, split, features: [routes, weather], label: (row) => row.delay.gt(15) });
// @ts-expect-error no feature set
trainingJob("x", { trainer, split, features: [], label: () => 1 });
// @ts-expect-error a join without the key of its dataset
weather.by(flights, (row) => ({ place: row.origin }));
// @ts-expect-error a join on a value of another kind
weather.by(flights, (row) => ({ airport: row.distance }));
// @ts-expect-error a dataset with a key is not joined by time alone
weather.by(() => ({}));
const elsewhere = weather.by(reports, (row) => ({ airport: row.airport }));
// @ts-expect-error a join to the examples of another dataset
trainingJob("x", { trainer, split, features: [routes, elsewhere], label: (row) => row.delay.gt(15) });

// --- models
const judged = { training, owner: "o", risk: "low", metrics: [auc], gates: [] } as const;
// @ts-expect-error a regression metric on a binary label
model("x", { ...judged, metrics: [rmse] });
// @ts-expect-error a binary metric on a number
model("x", { ...judged, training: minutes, metrics: [auc] });
// @ts-expect-error a gate on a metric that is not computed
model("x", { ...judged, metrics: [logLoss], gates: [auc.atLeast(0.6)] });
// @ts-expect-error a gate on the slices of a metric that is not computed
model("x", { ...judged, gates: [mae.atMost(1).on(bySlice("origin", { min: 1 }))] });
// @ts-expect-error a slice by a number
model("x", { ...judged, gates: [auc.atLeast(0.6).on(bySlice("distance", { min: 1 }))] });
// @ts-expect-error a slice by a column that the spine lacks
model("x", { ...judged, gates: [auc.atLeast(0.6).on(bySlice("airport", { min: 1 }))] });
// @ts-expect-error a baseline that is no feature
model("x", { ...judged, baseline: "delay" });
// @ts-expect-error a baseline that has no numbers
model("x", { ...judged, baseline: "place" });
// @ts-expect-error high risk without retention, oversight, intended use and approval
model("x", { ...judged, risk: "high" });
// @ts-expect-error high risk that nobody approves
model("x", { ...judged, risk: "high", retention: "3650 days", oversight: "a", intendedUse: "b", approval: "waived" });
// @ts-expect-error production is the only stage to compare with
auc.noWorseThan("staging");

// --- endpoints, environments
// @ts-expect-error a training job is no model
endpoint("x", { model: training });
// @ts-expect-error no such durability
endpoint("x", { model: late, log: { durability: "tape" } });
// @ts-expect-error environments do not differ in the label
patch(training, { label: 1 });
// @ts-expect-error environments do not differ in features
patch(routes, { columns: [] });
// @ts-expect-error environments do not differ in the schema
patch(flights, { schema: Flight });
// @ts-expect-error an endpoint has no resources
patch(lateArrival, { resources: { cpu: 1 } });
patch(flights, { source: parquet("other.parquet") }) satisfies object;
patch(training, { resources: { memory: "1 GiB" } }) satisfies object;
flights satisfies Dataset;
