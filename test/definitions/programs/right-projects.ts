/**
 * Training jobs, models, endpoints and projects that compile and resolve, each program for one part of the language.
 * @module
 */
import { z } from "zod";
import {
  type Approval,
  accuracy,
  allAtOnce,
  auc,
  balancedAccuracy,
  brier,
  bySlice,
  canary,
  type Duration,
  disagreement,
  endpoint,
  errorRate,
  experiment,
  fairness,
  features,
  type Gate,
  input,
  kappa,
  labels,
  logLoss,
  type Model,
  type ModelOptions,
  macroAuc,
  macroF1,
  mae,
  mape,
  mase,
  model,
  ndcg,
  type Project,
  type ProjectOptions,
  parquet,
  patch,
  project,
  python,
  r2,
  responseTime,
  rmse,
  simplex,
  smape,
  topK,
  trainingJob,
} from "../../../framework/index.ts";
import {
  carrierTraining,
  flights,
  late,
  lateArrival,
  lateTraining,
  market,
  minutesTraining,
  reports,
  routes,
  sessions,
  split,
  trainer,
  weather,
} from "./shop.ts";

const data = [flights, reports, sessions, routes, weather, market];
const given = [...data, lateTraining, minutesTraining, carrierTraining];
const withModel = (one: Model): Project => project("shop", { definitions: [...given, one] });
const withEnvironment = (local: NonNullable<ProjectOptions["environments"]>[string]): Project =>
  project("shop", { definitions: [...given, late, lateArrival], environments: { local } });

const binary = { owner: "o", risk: "low", training: lateTraining, metrics: [auc, logLoss, brier, accuracy] } as const;
const regression = { owner: "o", risk: "low", training: minutesTraining, metrics: [rmse, mae, r2] } as const;
const leads: Approval = { from: ["ops-lead", "model-risk"], count: 2, notBy: "author" };

export const programs: Readonly<Record<string, () => Project>> = {
  "a job of one set": () =>
    project("shop", {
      definitions: [
        ...data,
        trainingJob("x", { features: [routes], label: (row) => row.delay.gt(15), split, trainer }),
      ],
    }),
  "a job of sets joined by key and by time": () =>
    project("shop", {
      definitions: [
        ...data,
        trainingJob("x", {
          features: [routes, weather.by(flights, (row) => ({ airport: row.origin })), market.by(() => ({}))],
          label: (row) => row.delay.gt(15).or(row.delay.lt(-60)),
          split: { validation: "7 days", test: "14 days", gap: "12 hours" },
          trainer: python("train.py", { lock: "requirements.lock" }),
          params: z.object({
            leaves: z.int().default(31),
            rate: z.number().default(0.1),
            kind: z.string().default("a"),
          }),
          seed: 7,
          resources: { cpu: 0.5, memory: "512 MiB" },
        }),
      ],
    }),
  "a job whose label is another column than its features read": () => {
    const eager = features("eager", flights, (row) => ({ now: row.distance.mean({ by: row.origin, over: "1 hour" }) }));
    return project("shop", {
      definitions: [
        flights,
        eager,
        trainingJob("x", { features: [eager], label: (row) => row.delay.divide(60), split, trainer }),
      ],
    });
  },
  "a job whose split is computed": () => {
    const weeks = (count: number): Duration => `${count * 7} days`;
    return project("shop", {
      definitions: [
        ...data,
        trainingJob("x", { features: [routes], label: (row) => row.delay, split: { test: weeks(2) }, trainer }),
      ],
    });
  },
  "a model with metrics of several classes": () =>
    withModel(
      model("x", {
        owner: "o",
        risk: "low",
        training: carrierTraining,
        metrics: [logLoss, accuracy, macroF1, balancedAccuracy, topK(2), macroAuc, kappa],
        gates: [
          macroF1.atLeast(0.5),
          topK(2).betterThan("baseline"),
          accuracy.atLeast(0.4).on(bySlice("origin", { min: 9 })),
        ],
        tests: [simplex()],
      }),
    ),
  "a model with metrics of rankings and forecasts": () =>
    withModel(
      model("x", {
        ...regression,
        metrics: [mape, smape, mase({ season: 7 }), mase({ season: 1, by: "origin" }), ndcg({ by: "origin", k: 10 })],
        gates: [mase({ season: 7 }).atMost(1), ndcg({ by: "origin", k: 10 }).betterThan("baseline")],
      }),
    ),
  "a model with every metric of a boolean": () =>
    withModel(
      model("x", {
        ...binary,
        gates: [auc.atLeast(0.6), logLoss.atMost(0.5), brier.atMost(0.2), accuracy.betterThan("baseline")],
      }),
    ),
  "a model with every metric of a number": () =>
    withModel(
      model("x", {
        ...regression,
        baseline: "originDelay7d",
        gates: [rmse.atMost(30), mae.betterThan("baseline", { by: 1 }), r2.atLeast(-1)],
      }),
    ),
  "every kind of gate": () =>
    withModel(
      model("x", {
        ...binary,
        gates: [
          auc.atLeast(0.6),
          auc.atMost(1),
          auc.noWorseThan("production"),
          auc.noWorseThan("production", { by: 0.01 }),
          auc.betterThan("baseline"),
          auc.betterThan("baseline", { by: 0.01 }),
        ],
      }),
    ),
  "gates on slices by texts, enums and truths": () =>
    withModel(
      model("x", {
        ...binary,
        gates: [
          auc.atLeast(0.6).on(bySlice("origin", { min: 500 })),
          auc.noWorseThan("production").on(bySlice("carrier", { min: 1 })),
          logLoss.atMost(0.6).on(bySlice("diverted", { min: 1 })),
        ],
      }),
    ),
  "fairness between groups": () =>
    withModel(
      model("x", {
        ...binary,
        gates: [
          fairness({ by: "carrier", metric: "equal-opportunity", maxGap: 0.1, min: 500 }),
          fairness({ by: "diverted", metric: "demographic-parity", maxGap: 1, min: 1 }),
          fairness({ by: "origin", metric: "calibration", maxGap: 0, min: 100 }),
        ],
      }),
    ),
  "gates made by a function": () => {
    const floor = (value: number): Gate<"auc">[] => [auc.atLeast(value), auc.noWorseThan("production")];
    return withModel(model("x", { ...binary, gates: floor(0.6) }));
  },
  "a baseline from a joined set": () => withModel(model("x", { ...binary, baseline: "wind", gates: [] })),
  "a baseline that is true or false": () => withModel(model("x", { ...binary, baseline: "viaUnited", gates: [] })),
  "a model of high risk": () =>
    withModel(
      model("x", {
        ...binary,
        risk: "high",
        retention: "3650 days",
        oversight: "A dispatcher reads every answer.",
        intendedUse: "Orders the queue.",
        approval: leads,
        gates: [],
      }),
    ),
  "models of low and limited risk, asked for and waived": () =>
    project("shop", {
      definitions: [
        ...given,
        model("a", { ...binary, risk: "limited", gates: [], approval: { from: ["ops-lead"] } }),
        model("b", { ...binary, gates: [], approval: "waived" }),
      ],
    }),
  "two models of one job": () =>
    project("shop", {
      definitions: [
        ...given,
        model("a", { ...binary, gates: [] }),
        model("b", { ...binary, metrics: [auc], gates: [] }),
      ],
    }),
  "options written apart, as const and with satisfies": () => {
    const common = { owner: "o", risk: "limited" } as const satisfies Partial<
      ModelOptions<boolean, unknown, string, string, [], "limited">
    >;
    return withModel(model("x", { ...common, training: lateTraining, metrics: [auc], gates: [] }));
  },
  "an endpoint with all its fields": () =>
    project("shop", {
      definitions: [
        ...given,
        late,
        endpoint("x", { model: late, rollout: allAtOnce(), log: { requests: "none", durability: "memory" } }),
      ],
    }),
  "an endpoint that takes labels of its answers": () =>
    project("shop", {
      definitions: [
        ...given,
        late,
        endpoint("x", {
          model: late,
          feedback: {
            label: z.boolean(),
            matures: "1 day",
            observed: { when: false },
            from: labels(flights, (row) => ({ id: row.origin, label: row.delay.gt(15), time: row.landed })),
          },
        }),
      ],
    }),
  "an endpoint that moves step by step": () =>
    project("shop", {
      definitions: [
        ...given,
        late,
        endpoint("x", {
          model: late,
          rollout: canary({
            steps: [0.5, 5, 25, 100],
            hold: "10 minutes",
            atLeast: 1000,
            abortOn: [
              errorRate.above(0.01).over(500),
              responseTime.above("50 ms"),
              responseTime.aboveChampion({ factor: 1.5 }),
              disagreement.above(0.05),
            ],
            mirror: 0.1,
          }),
        }),
      ],
    }),
  "an endpoint with shadows": () => {
    const asked = [
      model("a", { ...binary, metrics: [auc], gates: [] }),
      model("b", { ...binary, metrics: [auc], gates: [] }),
    ] as const;
    const [a, b] = asked;
    const serving = endpoint("x", { model: late, shadow: [a, { model: b, share: 0.1 }] });
    return project("shop", { definitions: [...given, late, ...asked, serving] });
  },
  "an endpoint with an experiment": () => {
    const bigger = model("bigger", { ...binary, metrics: [auc], gates: [] });
    const tried = experiment("trees", {
      arms: { today: late, bigger },
      control: "today",
      unit: "origin",
      metric: "label",
      better: "higher",
      minimum: 0.01,
      guardrails: [
        { metric: accuracy, by: 0.01 },
        { metric: "errors", by: 0.002 },
        { metric: "slow", over: 50, by: 0.01 },
      ],
      allocation: { today: 0.8, bigger: 0.2 },
      window: "7 days",
      atMost: "28 days",
      decide: "recommend",
    });
    const serving = endpoint("x", {
      model: late,
      experiment: tried,
      feedback: { label: z.boolean(), matures: "1 day" },
    });
    return project("shop", { definitions: [...given, late, bigger, serving] });
  },
  "two endpoints of one model": () =>
    project("shop", { definitions: [...given, late, endpoint("a", { model: late }), endpoint("b", { model: late })] }),
  "an environment that waives": () => withEnvironment({ approval: "waived" }),
  "an environment that asks": () => withEnvironment({ approval: leads }),
  "a patch of every field that may differ": () =>
    withEnvironment({
      override: [
        patch(flights, { source: parquet(input("flights.path")), contract: { violations: "accept" } }),
        patch(lateTraining, { resources: { memory: "1 GiB" } }),
        patch(late, { approval: "waived" }),
        patch(lateArrival, { rollout: allAtOnce(), log: { requests: "none" } }),
      ],
    }),
  "definitions in any order, from lists and functions": () => {
    const regional = (region: string) => {
      const job = trainingJob(`${region}-training`, { features: [routes], label: (row) => row.delay, split, trainer });
      return [
        job,
        model(`${region}-minutes`, { owner: region, risk: "low", training: job, metrics: [rmse], gates: [] }),
      ];
    };
    return project("shop", { definitions: [...["north", "south"].flatMap(regional), ...data.toReversed()] });
  },
};
