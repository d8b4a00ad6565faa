import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import {
  csv,
  dataset,
  endpoint,
  labels,
  logLoss,
  model,
  type Project,
  project,
  rmse,
  trainingJob,
  when,
} from "../../framework/index.ts";
import { definitions, late, routes, training } from "./flight-project.ts";

function problemsOf(given: Project) {
  try {
    resolveProject(given, "local");
  } catch (error) {
    if (error instanceof StewardError) return error.problems;
    throw error;
  }
  return [];
}

const arrivals = dataset("arrivals", {
  owner: "ops-data",
  schema: z.object({
    at: z.date(),
    inference: z.string(),
    delay: z.int(),
    sky: z.enum(["sun", "rain"]),
    place: z.int(),
    landed: z.date().nullable(),
  }),
  eventTime: "at",
  source: csv("arrivals.csv"),
});

const parts = { features: [routes], split: { test: "14 days" }, trainer: training.trainer } as const;
const minutesJob = trainingJob("minutes", { ...parts, label: (row) => row.delay });
const minutes = model("minutes", { owner: "o", risk: "low", training: minutesJob, metrics: [rmse], gates: [] });
const classesJob = trainingJob("classes", { ...parts, label: (row) => when(row.delay.gt(15), "late", "fine") });
const classes = model("classes", { owner: "o", risk: "low", training: classesJob, metrics: [logLoss], gates: [] });

const listed = [
  ...definitions.filter(({ kind }) => kind !== "endpoint"),
  minutesJob,
  minutes,
  classesJob,
  classes,
  arrivals,
];

/** The flights' project with what an endpoint of one of its models says of feedback. */
function declaring(feedback: object, change: object = {}) {
  return project("flights", {
    definitions: [...listed, { ...endpoint("desk", { model: late }), feedback: feedback as never, ...change }],
  });
}

function specOf(feedback: object, change: object = {}) {
  return resolveProject(declaring(feedback, change), "local").definitions.find(({ kind }) => kind === "endpoint");
}

describe("what an endpoint declares of feedback", () => {
  it("is kept with what is meant by what was left out", () => {
    expect(specOf({ label: z.boolean(), matures: "6 hours" })).toMatchObject({
      feedback: { label: { type: "boolean" }, matures: "6 hours" },
    });
    expect(specOf({ label: z.boolean(), matures: "1 day", observed: "always" })).not.toHaveProperty(
      "feedback.observed",
    );
    expect(specOf({ label: z.boolean(), matures: "1 day", observed: { when: false } })).toMatchObject({
      feedback: { observed: { when: false } },
    });
    expect(
      specOf({ label: z.int().min(0), matures: "1 day", observed: { below: 30 } }, { model: minutes }),
    ).toMatchObject({
      feedback: { label: { type: "integer", min: 0 }, observed: { below: 30 } },
    });
    expect(specOf({ label: z.enum(["fine", "late"]), matures: "1 day" }, { model: classes })).toMatchObject({
      feedback: { label: { type: "string", values: ["fine", "late"] } },
    });
    const [bare] = resolveProject(project("flights", { definitions }), "local").definitions.filter(
      ({ kind }) => kind === "endpoint",
    );
    expect(bare).not.toHaveProperty("feedback");
  });

  it("takes labels from a dataset, by expressions of its rows", () => {
    const from = labels(arrivals, (row) => ({
      id: row.inference,
      label: row.delay.gt(15),
      row: row.place,
      time: row.landed,
    }));
    expect(specOf({ label: z.boolean(), matures: "6 hours", from })).toMatchObject({
      feedback: {
        from: {
          dataset: "arrivals",
          id: { op: "column", name: "inference" },
          label: { op: "gt" },
          row: { op: "column", name: "place" },
          time: { op: "column", name: "landed" },
        },
      },
    });
  });

  it("has its dataset listed", () => {
    const from = labels({ ...arrivals, name: "others" }, (row) => ({ id: row.inference, label: row.delay.gt(15) }));
    expect(problemsOf(declaring({ label: z.boolean(), matures: "6 hours", from }))).toEqual([
      expect.objectContaining({ code: "definition-unlisted", at: "desk.feedback.from" }),
    ]);
  });

  it.each<[string, object, object, object?]>([
    [
      "labels of another type",
      { label: z.string(), matures: "1 day" },
      { code: "feedback-unfit", at: "desk.feedback.label", expected: "z.boolean()" },
    ],
    [
      "labels that lack a class of the model",
      { label: z.enum(["late"]), matures: "1 day" },
      { code: "feedback-unfit", at: "desk.feedback.label", expected: 'z.enum(["late", "fine"])' },
      { model: classes },
    ],
    [
      "labels that may be missing",
      { label: z.boolean().nullable(), matures: "1 day" },
      { code: "feedback-unfit", at: "desk.feedback.label", got: "a label that may be missing" },
    ],
    [
      "labels of a schema that no column has",
      { label: z.set(z.boolean()), matures: "1 day" },
      { code: "column-unsupported", at: "desk.feedback.label" },
    ],
    [
      "labels that count before they are known",
      { label: z.boolean(), matures: "5 hours" },
      { code: "feedback-immature", at: "desk.feedback.matures", got: "5 hours", expected: '"6 hours" or more' },
    ],
    ["a time to mature that is none", { label: z.boolean(), matures: "soon" }, { at: "desk.feedback.matures" }],
    ["labels without a time to mature", { label: z.boolean() }, { at: "desk.feedback.matures" }],
    [
      "labels of answers that nobody keeps",
      { label: z.boolean(), matures: "1 day" },
      { code: "feedback-unlogged", at: "desk.feedback" },
      { log: { requests: "none" } },
    ],
    [
      "a decision that is no answer",
      { label: z.boolean(), matures: "1 day", observed: { when: "late" } },
      { code: "feedback-unfit", at: "desk.feedback.observed", expected: "true or false" },
    ],
    [
      "a decision for a class that there is not",
      { label: z.enum(["late", "fine"]), matures: "1 day", observed: { when: "lost" } },
      { code: "feedback-unfit", at: "desk.feedback.observed", expected: "one of late, fine" },
      { model: classes },
    ],
    [
      "a probability beyond 1",
      { label: z.boolean(), matures: "1 day", observed: { below: 20 } },
      { code: "feedback-unfit", at: "desk.feedback.observed", got: "20" },
    ],
    [
      "a bound of what is no number",
      { label: z.enum(["late", "fine"]), matures: "1 day", observed: { atLeast: 0.5 } },
      { code: "feedback-unfit", at: "desk.feedback.observed", expected: "when" },
      { model: classes },
    ],
    [
      "a word for its decision",
      { label: z.boolean(), matures: "1 day", observed: "sometimes" },
      { at: "desk.feedback.observed" },
    ],
    [
      "ids that are no texts",
      {
        label: z.boolean(),
        matures: "1 day",
        from: labels(arrivals, (row) => ({ id: row.delay as never, label: row.delay.gt(15) })),
      },
      { code: "feedback-unfit", at: "desk.feedback.from.id", got: "a number", expected: "a string" },
    ],
    [
      "labels of another type from a dataset",
      {
        label: z.boolean(),
        matures: "1 day",
        from: labels(arrivals, (row) => ({ id: row.inference, label: row.delay })),
      },
      { code: "feedback-unfit", at: "desk.feedback.from.label", got: "a number", expected: "a boolean" },
    ],
    [
      "labels from a dataset that are no class of the model",
      {
        label: z.enum(["late", "fine"]),
        matures: "1 day",
        from: labels(arrivals, (row) => ({ id: row.inference, label: row.sky })),
      },
      { code: "feedback-unfit", at: "desk.feedback.from.label", got: "sun, rain" },
      { model: classes },
    ],
    [
      "a column that there is not",
      {
        label: z.boolean(),
        matures: "1 day",
        from: labels(arrivals, (row) => ({
          id: (row as never as Record<string, never>)["uid"] as never,
          label: row.delay.gt(1),
        })),
      },
      { code: "column-unknown", at: "desk.feedback.from.id" },
    ],
    [
      "labels from a window",
      {
        label: z.boolean(),
        matures: "1 day",
        from: labels(arrivals, (row) => ({
          id: row.inference,
          label: row.delay.mean({ by: row.inference, over: "7 days", lag: "1 day" }).gt(15),
        })),
      },
      { code: "feedback-unfit", at: "desk.feedback.from.label", got: "a window" },
    ],
    [
      "a dataset without what its rows say",
      { label: z.boolean(), matures: "1 day", from: arrivals },
      { code: "definition-invalid", at: "desk.feedback.from" },
    ],
    ["another option", { label: z.boolean(), matures: "1 day", delay: 1 }, { at: "desk.feedback.delay" }],
  ])("has no %s", (_name, feedback, problem, change = {}) => {
    expect(problemsOf(declaring(feedback, change))).toEqual([expect.objectContaining(problem)]);
  });
});
