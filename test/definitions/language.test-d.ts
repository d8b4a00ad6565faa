/**
 * What the language infers. Checked by `tsc`; nothing here runs. What must not compile is in `programs/`.
 * @module
 */
import { z } from "zod";
import type { inferred } from "../../framework/definitions/inferred.ts";
import {
  accuracy,
  allAtOnce,
  auc,
  bySlice,
  choice,
  csv,
  cyclical,
  type Dataset,
  dataset,
  derived,
  endpoint,
  experiment,
  features,
  float,
  int,
  type LabelOf,
  labels,
  logLoss,
  model,
  oneHot,
  parquet,
  patch,
  project,
  python,
  type RequestOf,
  rmse,
  topK,
  trainingJob,
  when,
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
  features: [
    routes,
    weather.by(flights, (row) => ({ airport: row.destination }), { ttl: "6 hours" }),
    market.by(flights, () => ({}), { ttl: "1 day" }),
  ],
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

// A label that is one of several classes has metrics of its own, and so has a text that a table or a condition gives.
const carriers = trainingJob("carriers", {
  features: [routes],
  label: (row) => when(row.delay.gt(15), "late", "fine"),
  split,
  trainer,
});
const carrier = model("carrier", {
  training: carriers,
  owner: "o",
  risk: "low",
  metrics: [logLoss, accuracy, topK(2)],
  gates: [topK(2).atLeast(0.9), logLoss.atMost(1)],
});
const carriersEndpoint = endpoint("carriers", { model: carrier });
holds<Same<LabelOf<typeof carriersEndpoint>, "late" | "fine">>();

// What a window reads of the row is its entity: no entity, nothing; and no expression widens to all columns.
const windows = features("windows", flights, (row) => ({
  all: row.delay
    .mean({ by: [], over: "7 days", lag: "12 hours" })
    .add(row.delay.max({ by: [], over: "1 day", lag: "1 day" })),
  route: row.distance.divide(row.delay.mean({ by: [row.origin, row.destination], over: "7 days", lag: "12 hours" })),
}));
const windowed = trainingJob("windowed", { features: [windows], label: (row) => row.delay, split, trainer });
const ofWindows = model("w", { training: windowed, owner: "o", risk: "low", metrics: [rmse], gates: [] });
const windowsEndpoint = endpoint("w", { model: ofWindows });
holds<Same<keyof RequestOf<typeof windowsEndpoint>, "origin" | "destination" | "distance">>();

// The arms of an experiment answer alike; its unit is a column of their request, its metric one of their label.
const tried = experiment("again", {
  arms: { today: late, again: late },
  control: "today",
  unit: "origin",
  metric: accuracy,
  minimum: 0.01,
  guardrails: [
    { metric: logLoss, by: 0.1 },
    { metric: "slow", over: 50, by: 0.01 },
  ],
  allocation: { today: 0.9, again: 0.1 },
});
holds<Same<(typeof tried)[typeof inferred]["label"], boolean>>();
endpoint("tried", { model: late, experiment: tried, feedback: { label: z.boolean(), matures: "6 hours" } });

// Labels have the type of the model's own; what decides whether they come to be known is one of its answers, or a bound of them.
const settled = labels(flights, (row) => ({ id: row.origin, label: row.delay.gt(15), time: row.date }));
holds<Same<(typeof settled)[typeof inferred]["label"], boolean>>();
const judgedLate = { label: z.boolean(), matures: "6 hours", observed: { when: true } } as const;
endpoint("fed", { model: late, feedback: { ...judgedLate, from: settled } });
endpoint("fed-minutes", { model: delay, feedback: { label: z.int(), matures: "6 hours", observed: { below: 30 } } });
endpoint("fed-carriers", {
  model: carrier,
  feedback: { label: z.enum(["late", "fine"]), matures: "6 hours", observed: { when: "fine" } },
});

patch(flights, { source: parquet("other.parquet") }) satisfies object;
patch(training, { resources: { memory: "1 GiB" } }) satisfies object;
flights satisfies Dataset;

// What is made of columns reads them, and what leaks through a choice or an encoding is still seen.
const made = features("made", flights, (row) => ({
  ...cyclical("hour", row.date.hour(), 24),
  ...oneHot("carrier", row.carrier, ["UA"]),
  size: when(row.diverted, 0, row.distance).imputed("median").scaled("robust"),
  group: row.origin.map({ SEA: "west" }, "east").category({ unseen: "other" }),
}));
const madeTraining = trainingJob("made", { features: [made], label: (row) => row.delay, split, trainer });
const ofMade = model("m", {
  training: madeTraining,
  owner: "o",
  risk: "low",
  metrics: [rmse],
  gates: [],
  baseline: "size",
});
const madeEndpoint = endpoint("m", { model: ofMade });
holds<Same<keyof RequestOf<typeof madeEndpoint>, "date" | "carrier" | "diverted" | "distance" | "origin">>();

// A vector is a column of its own kind: a feature for each of its numbers, and an array in a request.
const Article = z.object({
  at: z.date(),
  title: z.array(z.number()).length(3),
  body: z.array(z.number()).length(3).nullable(),
  clicks: z.number().meta({ known: "1 day" }),
});
const articles = dataset("articles", {
  owner: "news",
  schema: Article,
  source: parquet("articles.parquet"),
  eventTime: "at",
});
const embedded = features("embedded", articles, (row) => ({
  title: row.title,
  first: row.title.at(0).abs(),
  alike: row.title.cosine(row.body).add(row.title.dot(row.body)),
  long: row.body.norm().gt(1).and(row.body.isNull().not()),
}));
const byVector = trainingJob("clicks", { features: [embedded], label: (row) => row.clicks, split, trainer });
const clicks = model("clicks", { training: byVector, owner: "news", risk: "low", metrics: [rmse], gates: [] });
const clicksEndpoint = endpoint("clicks", { model: clicks, online: { otherwise: { title_0: 0, long: null } } });
holds<Same<RequestOf<typeof clicksEndpoint>, { title: number[]; body: number[] | null }>>();
const short = derived(articles, (rows) =>
  rows.derive((row) => ({ lead: row.title })).filter((row) => row.lead.at(0).gt(0)),
);
holds<Same<(typeof short)[typeof inferred]["values"]["lead"], readonly number[]>>();

// Each step knows the columns that the step before gives, with the kinds of their values.
const derivation = derived(flights, (rows) =>
  rows
    .derive((row) => ({ hour: row.date.hour(), route: row.origin.concat(row.destination), late: row.delay.gt(15) }))
    .cast({ hour: "string", late: "number" })
    .join(reports, { by: (row) => ({ airport: row.origin }), take: (report) => ({ wind: report.wind }) })
    .augment({ copies: 1, noise: { wind: 1 }, mark: "copy" })
    .filter((row) => row.copy.or(row.hour.eq("7")).and(row.late.add(row.wind).gt(0))),
);
type DerivedValues = (typeof derivation)[typeof inferred]["values"];
holds<Same<DerivedValues["hour"], string>>();
holds<Same<DerivedValues["late"] | DerivedValues["wind"], number>>();
holds<Same<DerivedValues["copy"], boolean>>();
holds<Same<DerivedValues["carrier"], string>>();
const scored = derived(flights, (rows) =>
  rows.python("score.py", { lock: "requirements.lock", gives: { date: "timestamp", score: "number" } }),
);
holds<Same<keyof (typeof scored)[typeof inferred]["values"], "date" | "score">>();

// What may be searched is what the job's parameters are; an objective is a metric of the label's task.
const searched = z.object({
  leaves: z.int().default(31),
  rate: z.number().default(0.1),
  boosting: z.enum(["gbdt", "dart"]).default("gbdt"),
  balanced: z.boolean().default(false),
});
const chosen = { test: "14 days", validation: "7 days" } as const;
trainingJob("searched", {
  features: [routes],
  label: (row) => row.delay.gt(15),
  split: chosen,
  trainer,
  params: searched,
  tune: {
    sampler: "tpe",
    pruner: { kind: "asha", minSteps: 5 },
    trials: 30,
    parallel: 2,
    objective: auc,
    budget: { time: "2 hours" },
    space: {
      boosting: choice("gbdt", "dart"),
      leaves: int(8, 256, "log"),
      rate: float(0.01, 0.3, "log").when("boosting", "dart"),
      balanced: choice(true, false),
    },
  },
});
trainingJob("searched-by-two", {
  features: [routes],
  label: (row) => row.delay.gt(15),
  split: { test: "14 days", validation: "7 days" },
  trainer,
  params: searched,
  tune: { trials: 3, objective: [auc, logLoss], space: { leaves: int(8, 64, { step: 8 }), rate: choice(0.1, 0.2) } },
});
trainingJob("searched-minutes", {
  features: [routes],
  label: (row) => row.delay,
  split: chosen,
  trainer,
  params: searched,
  tune: { trials: 3, objective: rmse, space: { leaves: choice(15, 31) } },
});
