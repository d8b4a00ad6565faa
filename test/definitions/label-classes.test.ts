import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ExpressionTree } from "../../framework/definitions/expression-tree.ts";
import { features } from "../../framework/definitions/features.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { python } from "../../framework/definitions/trainer.ts";
import { trainingJob } from "../../framework/definitions/training-job.ts";
import {
  accuracy,
  auc,
  dataset,
  endpoint,
  fairness,
  golden,
  inRange,
  logLoss,
  mase,
  model,
  monotone,
  ndcg,
  type Project,
  parquet,
  project,
  simplex,
  topK,
} from "../../framework/index.ts";
import { type Finding, findProblems } from "./flight-project.ts";

const known = { known: "1 hour" } as const;
const Day = z.object({
  date: z.date(),
  place: z.string(),
  warm: z.number(),
  sky: z.enum(["sun", "rain", "snow"]).meta(known),
  words: z.string().meta(known),
  single: z.enum(["sun"]).meta(known),
  many: z.enum(Array.from({ length: 1001 }, (_, i) => `c${i}`) as [string]).meta(known),
  late: z.number().meta(known),
});
const days = dataset("days", { owner: "o", schema: Day, source: parquet("d.parquet"), eventTime: "date" });
const set = features("weather", days, (row) => ({ warm: row.warm }));
const training = trainingJob("sky-training", {
  features: [set],
  label: (row) => row.sky,
  split: { test: "14 days" },
  trainer: python("train.py", { lock: "requirements.lock" }),
});
const sky = model("sky", {
  owner: "o",
  risk: "low",
  training,
  metrics: [logLoss, accuracy, topK(2)],
  gates: [topK(2).atLeast(0.9)],
  tests: [simplex(), inRange(0, 1)],
});

/** The project with parts that differ, whatever the types would say. */
function relist({ label, ...late }: { readonly label?: ExpressionTree; readonly [field: string]: unknown }): Project {
  const job = { ...training, ...(label && { label }) };
  const judged = { ...sky, ...late, training: job } as unknown as typeof sky;
  return project("weather", { definitions: [days, set, job, judged, endpoint("skies", { model: judged })] });
}

function specOf(label: ExpressionTree) {
  const { definitions } = resolveProject(relist({ label }), "local");
  const spec = definitions.find(({ kind }) => kind === "training-job");
  return spec?.kind === "training-job" ? [spec.task, spec.classes] : [];
}

const column = (name: string): ExpressionTree => ({ op: "column", name });
const literal = (value: string): ExpressionTree => ({ op: "literal", value });

describe("a label that is one of several classes", () => {
  it.each<[string, ExpressionTree, string[]]>([
    ["a column's values in the schema's order", column("sky"), ["sun", "rain", "snow"]],
    [
      "what a table gives, each once",
      {
        op: "map",
        of: column("sky"),
        cases: [
          { is: "sun", gives: "dry" },
          { is: "rain", gives: "wet" },
          { is: "snow", gives: "wet" },
        ],
        otherwise: "odd",
      },
      ["dry", "wet", "odd"],
    ],
    [
      "both outcomes of a condition",
      {
        op: "when",
        condition: { op: "gt", left: column("late"), right: { op: "literal", value: 1 } },
        value: literal("late"),
        otherwise: column("sky"),
      },
      ["late", "sun", "rain", "snow"],
    ],
    [
      "what stands for a missing one",
      { op: "orElse", left: column("sky"), right: literal("none") },
      ["sun", "rain", "snow", "none"],
    ],
  ])("has for its classes %s", (_, label, classes) => {
    expect(specOf(label)).toEqual(["multiclass", classes]);
  });

  it("leaves the spec of another label as it was", () => {
    const label: ExpressionTree = { op: "eq", left: column("sky"), right: literal("sun") };
    const { definitions } = resolveProject(relist({ label, metrics: [auc], gates: [], tests: [] }), "local");
    const spec = definitions.find(({ kind }) => kind === "training-job");
    expect(spec).toMatchObject({ task: "binary" });
    expect(spec).not.toHaveProperty("classes");
  });

  it("says of a text that may be anything what to write", () => {
    const wrong = relist({ label: column("words") });
    expect(() => resolveProject(wrong, "local")).toThrow(
      /"label" is a text that may be anything.*write z\.enum\(\["…", "…"\]\) for days\.schema\.words.*row\.words\.eq\("…"\)/s,
    );
    expect(findProblems(wrong)).toEqual([["label-invalid", "sky-training.label"]]);
  });

  it.each<[string, Parameters<typeof relist>[0], Finding[]]>([
    ["a single class", { label: column("single") }, [["label-invalid", "sky-training.label"]]],
    ["more than a thousand classes", { label: column("many") }, [["label-invalid", "sky-training.label"]]],
    ["a category", { label: { op: "category", of: column("sky") } }, [["label-invalid", "sky-training.label"]]],
    ["a metric of truths", { metrics: [auc], gates: [] }, [["metric-unfit", "sky.metrics[0]"]]],
    ["a metric that counts every class", { metrics: [topK(3)], gates: [] }, [["metric-unfit", "sky.metrics[0]"]]],
    ["a feature for a baseline", { baseline: "warm" }, [["baseline-unfit", "sky.baseline"]]],
    [
      "a gate on fairness",
      { gates: [fairness({ by: "place", metric: "equal-opportunity", maxGap: 0.1, min: 10 })] },
      [["metric-unfit", "sky.gates[0]"]],
    ],
    [
      "tests of a single number",
      { tests: [monotone("warm", { direction: "up" }), golden([{ features: { warm: 1 }, answer: 1 }])] },
      [
        ["model-test-unfit", "sky.tests[0]"],
        ["model-test-unfit", "sky.tests[1]"],
      ],
    ],
  ])("is refused %s", (_, change, problems) => {
    expect(findProblems(relist(change))).toEqual(problems);
  });
});

describe("a metric that is told something", () => {
  const number = { label: column("late"), gates: [], tests: [] } as const;

  it.each<[string, unknown, Finding[]]>([
    ["groups by a text", ndcg({ by: "place", k: 3 }), []],
    ["a season and series", mase({ season: 7, by: "place" }), []],
    ["groups by what is no column", ndcg({ by: "city" }), [["metric-unfit", "sky.metrics[0]"]]],
    ["groups by a number", ndcg({ by: "warm" }), [["metric-unfit", "sky.metrics[0]"]]],
    ["series by what is no column", mase({ season: 7, by: "city" }), [["metric-unfit", "sky.metrics[0]"]]],
    ["no rank", ndcg({ by: "place", k: 0 }), [["definition-invalid", "sky.metrics[0]"]]],
    ["half a season", mase({ season: 0.5 }), [["definition-invalid", "sky.metrics[0]"]]],
    [
      "an option that there is not",
      ndcg({ by: "place", top: 3 } as { by: "place" }),
      [["definition-invalid", "sky.metrics[0]"]],
    ],
    ["no options", ndcg(undefined as never), [["definition-invalid", "sky.metrics[0]"]]],
  ])("takes or refuses %s", (_, metric, problems) => {
    expect(findProblems(relist({ ...number, metrics: [metric] }))).toEqual(problems);
  });
});
