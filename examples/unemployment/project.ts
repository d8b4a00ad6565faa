/**
 * What share of an industry's workers will be without work this month? It is asked on the first of the month, when the month
 * before the last is the latest that is published.
 *
 * The data are fourteen industries of the United States, monthly from 2000 to 2010, by the Bureau of Labor Statistics and in
 * the public domain; and the closing prices of the S&P 500, daily from 2000 to 2020, by Yahoo Finance, for which no license is
 * known. Both are files of the npm package `vega-datasets`, one JSON, one CSV.
 *
 * What it shows:
 *
 * - Two datasets joined by time alone: each month gets the latest price that was known then.
 * - Arithmetic on windows: the change between two months of the year before.
 * - A trainer that logs to MLflow and knows nothing of Steward.
 * - A regression with scikit-learn, whose gates are an upper bound and being better than the latest rate that is known.
 * - A second stack beside another project's in one checkout: this one is `labour`.
 *
 * @module
 */
import { z } from "zod";
import {
  csv,
  dataset,
  endpoint,
  features,
  json,
  mae,
  mlflowScript,
  model,
  project,
  r2,
  rmse,
  trainingJob,
} from "../../framework/index.ts";

const Industry = z.object({
  date: z.date().meta({ description: "the first day of the month" }),
  series: z.string().min(1).meta({ description: "the industry" }),
  count: z.int().min(0).meta({ unit: "thousand people", description: "people without work", known: "35 days" }),
  rate: z.number().min(0).max(100).meta({ unit: "%", description: "people without work", known: "35 days" }),
});

export const unemployment = dataset("unemployment", {
  owner: "labour-statistics",
  license: "LicenseRef-US-government-work",
  schema: Industry,
  eventTime: "date",
  source: json("npm:vega-datasets/data/unemployment-across-industries.json"),
});

const Session = z.object({
  date: z.date(),
  close: z.number().min(0).meta({ unit: "points", known: "1 day" }),
});

export const market = dataset("market", {
  owner: "finance-data",
  schema: Session,
  eventTime: "date",
  source: csv("npm:vega-datasets/data/sp500-2000.csv"),
});

// A month's rate is published early in the next: on the first of May, March is the latest that is known.
export const industries = features("industries", unemployment, (row) => {
  const yearAgo = row.rate.mean({ by: row.series, over: "31 days", lag: "350 days" });
  const latestYearAgo = row.rate.mean({ by: row.series, over: "31 days", lag: "411 days" });
  return {
    month: row.date.month(),
    latestRate: row.rate.last({ by: row.series, over: "70 days", lag: "36 days" }),
    seasonalStep: yearAgo.subtract(latestYearAgo),
  };
});

export const prices = features("prices", market, (row) => {
  const latest = row.close.last({ by: [], over: "10 days", lag: "1 day" });
  const halfYearAgo = row.close.last({ by: [], over: "10 days", lag: "182 days" });
  return { halfYearReturn: latest.divide(halfYearAgo).subtract(1) };
});

export const rateTraining = trainingJob("rate-training", {
  features: [industries, prices.by(() => ({}))],
  label: (row) => row.rate,
  split: { validation: "180 days", test: "360 days" },
  trainer: mlflowScript("train.py", { lock: "requirements.lock", label: "rate" }),
  params: z.object({ alpha: z.number().default(1) }),
});

export const rate = model("unemployment-rate", {
  owner: "labour-ml",
  risk: "low",
  training: rateTraining,
  metrics: [rmse, mae, r2],
  baseline: "latestRate",
  gates: [rmse.atMost(1.8), mae.betterThan("baseline", { by: 0 })],
  approval: { from: ["labour-lead"] },
});

export const unemploymentRate = endpoint("unemployment-rate", { model: rate });

export default project("labour", {
  definitions: [unemployment, market, industries, prices, rateTraining, rate, unemploymentRate],
  environments: { local: { approval: "waived" } },
});
