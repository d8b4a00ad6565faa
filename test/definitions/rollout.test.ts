import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { sayRollout } from "../../framework/definitions/rollout-text.ts";
import { endpointSpec } from "../../framework/definitions/spec.ts";
import {
  accuracy,
  auc,
  canary,
  disagreement,
  endpoint,
  errorRate,
  features,
  logLoss,
  mae,
  model,
  patch,
  project,
  responseTime,
  rmse,
  trainingJob,
} from "../../framework/index.ts";
import { flights, late, reports, routes, training, weather } from "./flight-project.ts";

const feedback = { label: z.boolean(), matures: "1 day" };

/** A rollout that is right in every way. */
const right = { steps: [5, 25, 100], hold: "10 minutes", abortOn: [errorRate.above(0.01)] } as const;
const judged = { owner: "ops-ml", risk: "low", gates: [] } as const;
const challenger = model("challenger", { ...judged, training, metrics: [auc] });
const minutesTraining = trainingJob("minutes-training", {
  features: [routes],
  label: (row) => row.delay,
  split: training.split,
  trainer: training.trainer,
});
const minutes = model("minutes", { ...judged, training: minutesTraining, metrics: [mae] });
const far = features("far", flights, (row) => ({ far: row.distance.gt(1000) }));
const farTraining = trainingJob("far-training", {
  features: [far],
  label: (row) => row.delay.gt(15),
  split: training.split,
  trainer: training.trainer,
});
const farLate = model("far-late", { ...judged, training: farTraining, metrics: [auc] });

/** The flights' project with an endpoint of which something is said, whatever its types. */
function listing(said: object) {
  const desk = { ...endpoint("desk", { model: late }), ...said };
  const all = [flights, reports, routes, weather, far, training, minutesTraining, farTraining];
  return project("flights", { definitions: [...all, late, challenger, minutes, farLate, desk] });
}

function specOf(said: object) {
  return resolveProject(listing(said), "local").definitions.find(({ kind }) => kind === "endpoint");
}

function problemsOf(said: object) {
  try {
    specOf(said);
  } catch (error) {
    if (error instanceof StewardError) return error.problems;
    throw error;
  }
  return [];
}

const going = (change: object) => ({ rollout: canary({ ...right, ...change } as Parameters<typeof canary>[0]) });

describe("a canary", () => {
  it("is kept as data with its defaults, in one unit each", () => {
    expect(specOf({ rollout: canary(right) })).toMatchObject({
      rollout: {
        kind: "canary",
        steps: [5, 25, 100],
        hold: "10 minutes",
        atLeast: 100,
        mirror: 0,
        abortOn: [{ kind: "errorRate", above: 0.01, over: 100 }],
      },
    });
    const abortOn = [
      errorRate.above(0.01).over(500),
      responseTime.above("50 ms"),
      responseTime.above("1.5 seconds"),
      responseTime.aboveChampion({ factor: 1.5 }).over(2000),
      disagreement.above(0.05),
    ];
    expect(specOf(going({ atLeast: 300, mirror: 0.1, abortOn }))).toMatchObject({
      rollout: {
        atLeast: 300,
        mirror: 0.1,
        abortOn: [
          { kind: "errorRate", above: 0.01, over: 500 },
          { kind: "responseTime", above: 50, over: 300 },
          { kind: "responseTime", above: 1500, over: 300 },
          { kind: "responseTimeOfChampion", factor: 1.5, over: 2000 },
          { kind: "disagreement", above: 0.05, over: 300 },
        ],
      },
    });
  });

  it("is judged by metrics of matured labels, where the endpoint says how labels come to be known", () => {
    const abortOn = [
      accuracy.below(0.8).over(500),
      auc.belowChampion({ by: 0.02 }),
      logLoss.above(0.5),
      logLoss.aboveChampion({ by: 0.01 }).over(2000),
    ];
    expect(specOf({ feedback, ...going({ hold: "40 days", abortOn }) })).toMatchObject({
      rollout: {
        hold: "40 days",
        matures: "1 day",
        abortOn: [
          { kind: "metricBelow", metric: "accuracy", below: 0.8, over: 500 },
          { kind: "metricBelowChampion", metric: "auc", by: 0.02, over: 100 },
          { kind: "metricAbove", metric: "log-loss", above: 0.5, over: 100 },
          { kind: "metricAboveChampion", metric: "log-loss", by: 0.01, over: 2000 },
        ],
      },
    });
    expect(specOf({ feedback, ...going({}) })).not.toHaveProperty("rollout.matures");
  });

  it("is judged by labels that are hashed in the log too: the worker has the key", () => {
    const hashed = { feedback: { ...feedback, label: z.boolean().meta({ pii: "hash" }) } };
    expect(specOf({ ...hashed, ...going({ hold: "2 days", abortOn: [accuracy.below(0.8)] }) })).toMatchObject({
      pii: { label: "hash" },
      rollout: { matures: "1 day", abortOn: [{ kind: "metricBelow" }] },
    });
  });

  it.each<[string, object, object, object]>([
    [
      "which it takes none of",
      {},
      { abortOn: [errorRate.above(0.1), accuracy.below(0.8)] },
      { at: "desk.rollout.abortOn[1]", fix: expect.stringContaining('say in "feedback"') },
    ],
    [
      "that are not final before a step is over",
      { feedback },
      { hold: "23 hours" },
      { at: "desk.rollout.hold", got: '"23 hours"', expected: '"1 day" or more, "matures" of the feedback' },
    ],
    [
      "of answers that the version itself chose",
      { feedback: { ...feedback, observed: { when: false } } },
      {},
      { at: "desk.rollout.abortOn[0]", what: expect.stringContaining("on rows that it chose") },
    ],
    [
      "of another task",
      { feedback },
      { abortOn: [rmse.above(3)] },
      {
        code: "metric-unfit",
        at: "desk.rollout.abortOn[0]",
        what: expect.stringContaining("is for regression labels"),
      },
    ],
    [
      "that need groups of rows",
      { feedback },
      { abortOn: [{ kind: "condition", rule: { kind: "metricBelow", metric: "ndcg by origin", below: 0.5 } }] },
      { code: "metric-unfit", at: "desk.rollout.abortOn[0]" },
    ],
  ])("whose condition is of labels %s is a located problem", (_title, said, change, expected) => {
    const byLabels = { hold: "2 days", abortOn: [accuracy.below(0.8)] };
    expect(problemsOf({ ...said, ...going({ ...byLabels, ...change }) })).toEqual([
      expect.objectContaining({ code: "rollout-undecidable", ...expected }),
    ]);
  });

  it("may be what an environment alone does", () => {
    const desk = endpoint("desk", { model: late });
    const definitions = [flights, reports, routes, weather, training, late, desk];
    const environments = { local: {}, production: { override: [patch(desk, { rollout: canary(right) })] } };
    const rolloutIn = (environment: string) =>
      resolveProject(project("flights", { definitions, environments }), environment).definitions.flatMap((spec) =>
        spec.kind === "endpoint" ? [spec.rollout.kind] : [],
      );
    expect([rolloutIn("local"), rolloutIn("production")]).toEqual([["allAtOnce"], ["canary"]]);
  });

  const rising = "per cents that rise and end in 100, two at least, such as [5, 25, 100]";
  it.each<[string, object, object]>([
    ["steps that fall", { steps: [25, 5, 100] }, { at: "desk.rollout.steps", expected: rising }],
    ["steps that stay", { steps: [5, 5, 100] }, { at: "desk.rollout.steps", expected: rising }],
    ["steps that do not come to all", { steps: [5, 50] }, { at: "desk.rollout.steps", expected: rising }],
    ["one step", { steps: [100] }, { at: "desk.rollout.steps", expected: rising }],
    ["no list of steps", { steps: 5 }, { at: "desk.rollout.steps", expected: rising }],
    ["a step of nobody", { steps: [0, 100] }, { at: "desk.rollout.steps[0]", what: '"steps[0]" is out of range' }],
    ["a step beyond all", { steps: [5, 101] }, { at: "desk.rollout.steps[1]" }],
    [
      "a step that is too fine",
      { steps: [0.125, 100] },
      { at: "desk.rollout.steps", expected: "per cents with two decimals at most" },
    ],
    ["no hold", { hold: undefined }, { at: "desk.rollout.hold", what: '"hold" is missing' }],
    ["a hold of nothing", { hold: "0 seconds" }, { at: "desk.rollout.hold", expected: 'more than "0 seconds"' }],
    ["a hold without its unit", { hold: 10 }, { at: "desk.rollout.hold" }],
    ["a least number of none", { atLeast: 0 }, { at: "desk.rollout.atLeast" }],
    ["a part of a request", { atLeast: 1.5 }, { at: "desk.rollout.atLeast" }],
    ["more than is there to be mirrored", { mirror: 1.5 }, { at: "desk.rollout.mirror" }],
    ["nothing that takes it back", { abortOn: [] }, { at: "desk.rollout.abortOn", what: '"abortOn" is empty' }],
    [
      "a gate as a condition",
      { abortOn: [auc.atLeast(0.6)] },
      { at: "desk.rollout.abortOn[0]", expected: "a condition, such as errorRate.above(0.01)" },
    ],
    ["a rate above one", { abortOn: [errorRate.above(2)] }, { at: "desk.rollout.abortOn[0].above" }],
    [
      "a time without its unit",
      { abortOn: [responseTime.above("50" as "50 ms")] },
      {
        at: "desk.rollout.abortOn[0].above",
        expected: 'a time such as "50 ms" or "2 seconds", above 0 and at most 10 seconds',
      },
    ],
    [
      "a time that is not measured",
      { abortOn: [responseTime.above("11 seconds")] },
      { at: "desk.rollout.abortOn[0].above" },
    ],
    [
      "a factor of less than one",
      { abortOn: [responseTime.aboveChampion({ factor: 0.5 })] },
      { at: "desk.rollout.abortOn[0].factor" },
    ],
    [
      "a comparison without its factor",
      { abortOn: [responseTime.aboveChampion({} as { factor: number })] },
      { at: "desk.rollout.abortOn[0].factor", what: '"factor" is missing' },
    ],
    [
      "a value that a metric never has",
      { abortOn: [accuracy.below(1.5)] },
      { at: "desk.rollout.abortOn[0].below", expected: "a number from 0 to 1" },
    ],
    [
      "an error below none",
      { abortOn: [mae.above(-1)] },
      { at: "desk.rollout.abortOn[0].above", expected: "0 or more" },
    ],
    ["a champion to be beaten", { abortOn: [auc.belowChampion({ by: 0 })] }, { at: "desk.rollout.abortOn[0].by" }],
    [
      "a champion without a margin",
      { abortOn: [auc.belowChampion({} as { by: number })] },
      { at: "desk.rollout.abortOn[0].by", what: '"by" is missing' },
    ],
    ["a sample of none", { abortOn: [errorRate.above(0.1).over(0)] }, { at: "desk.rollout.abortOn[0].over" }],
    [
      "an option that there is not",
      { pause: "1 minute" },
      { code: "option-unknown", at: "desk.rollout.pause", what: '"rollout" has no option "pause"' },
    ],
  ])("with %s is a located problem", (_title, change, expected) => {
    expect(problemsOf(going(change))).toEqual([expect.objectContaining({ code: "definition-invalid", ...expected })]);
  });

  it.each<[string, unknown, string]>([
    ["a text", "canary", "allAtOnce() or canary(…)"],
    ["another kind", { kind: "blueGreen" }, "allAtOnce() or canary(…)"],
  ])("that is %s is a located problem", (_title, rollout, expected) => {
    expect(problemsOf({ rollout })).toMatchObject([{ code: "definition-invalid", at: "desk.rollout", expected }]);
  });

  it("whose condition is of what it never sees is a located problem", () => {
    expect(problemsOf(going({ abortOn: [errorRate.above(0.1), disagreement.above(0.1)] }))).toEqual([
      expect.objectContaining({ code: "rollout-undecidable", at: "desk.rollout.abortOn[1]" }),
    ]);
  });

  it("is given no options without failing", () => {
    const rollout = canary(undefined as unknown as Parameters<typeof canary>[0]);
    expect(problemsOf({ rollout })).toMatchObject([
      {
        at: "desk.rollout",
        what: '"rollout" is given no options',
        expected: "{ steps, hold, atLeast, abortOn, mirror }",
      },
    ]);
  });
});

describe("a shadow", () => {
  it("is asked for all answers, or for its share", () => {
    expect(specOf({ shadow: [challenger] })).toMatchObject({ shadow: [{ model: "challenger", share: 1 }] });
    expect(specOf({ shadow: [{ model: challenger, share: 0.1 }] })).toMatchObject({
      shadow: [{ model: "challenger", share: 0.1 }],
    });
    expect(specOf({ shadow: [] })).not.toHaveProperty("shadow");
    // One that reads less is brought more than it needs.
    const desk = { ...endpoint("desk", { model: farLate }), shadow: [] };
    expect(specOf(desk)).not.toHaveProperty("shadow");
  });

  it.each<[string, unknown, object]>([
    ["no list", challenger, { at: "desk.shadow", expected: "a list of models" }],
    ["a name", ["challenger"], { at: "desk.shadow[0]", expected: "a model, or { model, share }" }],
    ["a training job", [training], { at: "desk.shadow[0]" }],
    ["a share of nothing", [{ model: challenger, share: 0 }], { at: "desk.shadow[0].share" }],
    ["more than all", [{ model: challenger, share: 2 }], { at: "desk.shadow[0].share" }],
    [
      "an option that there is not",
      [{ model: challenger, weight: 1 }],
      { code: "option-unknown", at: "desk.shadow[0].weight" },
    ],
    ["the endpoint's own model", [late], { code: "shadow-unfit", at: "desk.shadow[0]", fix: "name another model" }],
    [
      "a model named twice",
      [challenger, { model: challenger, share: 0.1 }],
      { code: "shadow-unfit", at: "desk.shadow[1]", what: 'model "challenger" is named twice' },
    ],
    [
      "a model of another label",
      [minutes],
      { code: "shadow-unfit", at: "desk.shadow[0]", got: "a number", expected: "a boolean" },
    ],
    [
      "a model that reads what no request brings",
      [farLate],
      { code: "shadow-unfit", at: "desk.shadow[0]", got: "distance", expected: "date, origin" },
    ],
    [
      "a model that the project does not list",
      [model("unlisted", { ...judged, training, metrics: [auc] })],
      { code: "definition-unlisted", at: "desk.shadow[0]" },
    ],
  ])("that is %s is a located problem", (_title, shadow, expected) => {
    expect(problemsOf({ shadow })).toEqual([expect.objectContaining({ code: "definition-invalid", ...expected })]);
  });
});

describe("a rollout in words", () => {
  it.each<[object, string]>([
    [{ abortOn: [errorRate.above(0.01)] }, "in steps of 5, 25 and 100 %"],
    [
      {
        hold: "2 days",
        abortOn: [accuracy.below(0.8), auc.belowChampion({ by: 0.1 }), accuracy.belowChampion({ by: 0.1 })],
      },
      "in steps of 5, 25 and 100 %, judged by accuracy and auc of labels after 1 day",
    ],
  ])("says what labels decide of %o", (change, expected) => {
    const spec = specOf({ feedback, ...going(change) });
    const { rollout } = endpointSpec.parse(spec);
    expect(rollout.kind === "canary" && sayRollout(rollout)).toBe(expected);
  });
});
