/**
 * What the compiler finds before anything runs.
 * @module
 */
import type { Malformed } from "../malformed.ts";

function typed(name: string, edit: readonly [string, string], says: readonly string[]): Malformed {
  return {
    name,
    typed: true,
    edits: [edit],
    codes: ["project-type-error"],
    line: edit[1].split("\n").at(-1) ?? "",
    says,
  };
}

export const types: readonly Malformed[] = [
  typed(
    "an owner that is a number",
    ['owner: "ops-data",', "owner: 42,"],
    ["'number' is not assignable to type 'string'"],
  ),
  typed("a misspelt option", ["license:", "licence:"], ["licence"]),
  typed("a column that does not exist, as the event time", ['eventTime: "date"', 'eventTime: "day"'], ["day"]),
  typed("a column that does not exist, in a feature", ["hour: row.date.hour()", "hour: row.day.hour()"], ["day"]),
  typed("the hour of a number", ["hour: row.date.hour()", "hour: row.distance.hour()"], ["hour"]),
  typed("a bare text as a feature", ["origin: row.origin.category()", "origin: row.origin"], ["origin"]),
  typed("an unknown level of risk", ['risk: "limited"', 'risk: "medium"'], ["medium"]),
  typed(
    "an unknown unit of time",
    ['split: { validation: "7 days", test: "14 days" }', 'split: { validation: "7 days", test: "14 fortnights" }'],
    ["14 fortnights"],
  ),
  typed("a metric of another task", ["metrics: [auc, logLoss]", "metrics: [rmse, auc]"], ["rmse"]),
  typed("an endpoint of a dataset", ["model: late,", "model: flights,"], ["'Dataset<", "'Model<"]),
  typed(
    "a call with nothing",
    ["rollout: allAtOnce(),", "rollout: allAtOnce,"],
    ["'() => Rollout' is not", "'Rollout'."],
  ),
  {
    name: "a patch of what may not differ",
    typed: true,
    edits: [['patch(flights, { source: csv("sample.csv") })', 'patch(flights, { owner: "others" })']],
    codes: ["project-type-error"],
    says: ["owner"],
  },
];
