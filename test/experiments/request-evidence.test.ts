import { expect, it } from "vitest";
import type { ExperimentSummary } from "../../framework/experiments/experiment-summary.ts";
import { followExperiment } from "../../framework/experiments/follow-experiment.ts";
import { addEvidence, addReading } from "../../framework/experiments/request-evidence.ts";
import { nothingSeen } from "../../framework/serving/variants/evidence-window.ts";
import { specOf } from "../campaigns/experiments/simulation.ts";

const spec = specOf({
  guardrails: [
    { metric: "errors", better: "lower", by: 0.01 },
    { metric: "slow", over: 50, better: "lower", by: 0.01 },
  ],
});
const at = (hour: number) => Date.UTC(2026, 0, 1) + hour * 3_600_000;
const summary: ExperimentSummary = {
  format: "experiment-summary/1",
  endpoint: "desk",
  experiment: spec.name,
  begun: new Date(at(0)).toISOString(),
  asOf: new Date(at(3)).toISOString(),
  crossed: 0,
  cohorts: [1, 2].map((hour) => ({
    until: new Date(at(hour)).toISOString(),
    arms: { control: { exposed: 1, matured: 0, measures: {} } },
  })),
};
const seen = (answered: number, failed: number, slow: number) => ({
  ...nothingSeen,
  answered,
  failed,
  bounds: [10, 50, 100],
  counts: [0, answered - slow, answered, answered],
});
const readings = [
  { at: at(0.5), arms: { control: seen(990, 10, 20) } },
  { at: at(1), arms: { control: seen(1000, 0, 0), treatment: seen(900, 100, 30) } },
  { at: at(1.5), arms: { treatment: seen(100, 900, 0) } },
  { at: at(2.5), arms: { treatment: seen(5000, 0, 0) } },
];

it("puts what a server saw into the cohorts in which it saw it, and leaves the rest for the next", () => {
  const { cohorts } = addEvidence(summary, spec, readings);
  const [first, second] = cohorts.map(({ arms }) => arms);
  expect(first?.["control"]).toMatchObject({
    exposed: 1,
    measures: {
      errors: { units: 2000, x: expect.closeTo(0.005, 9) },
      "slow over 50 ms": { units: 1990, x: expect.closeTo(20 / 1990, 9) },
    },
  });
  expect(first?.["treatment"]?.measures["errors"]).toMatchObject({ units: 1000, x: 0.1, xx: expect.closeTo(90, 9) });
  expect(second?.["treatment"]?.measures["errors"]).toMatchObject({ units: 1000, x: 0.9 });
  expect(second?.["control"]).toEqual({ exposed: 1, matured: 0, measures: {} });
  // The summary that was given is as it was.
  expect(summary.cohorts[0]?.arms["control"]?.measures).toEqual({});
});

it("lets guardrails of requests stop an arm before any label is known", () => {
  const { decision } = followExperiment(spec, addEvidence(summary, spec, readings));
  expect(decision).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
  expect(decision.guardrails.map(({ measure, crossed }) => [measure, crossed])).toEqual([
    ["errors", true],
    ["slow over 50 ms", false],
  ]);
});

it("takes what a server has counted by now as of the last cohort, and says of what it says nothing", () => {
  const saw = (name: string, answered: number, failed: number) => ({
    ...{ name, model: "m", version: 1, package: "p", weight: 5000, answered, failed },
    latency: { bounds: [10, 50, 100], counts: [0, answered - 30, answered, answered] },
  });
  const { summary: read, unseen } = addReading(summary, spec, [
    saw("control", 1000, 0),
    saw("treatment", 900, 100),
    saw("shadow-other", 7, 7),
  ]);
  expect(unseen).toEqual([]);
  expect(read.cohorts[0]).toEqual(summary.cohorts[0]);
  expect(Object.keys(read.cohorts[1]?.arms ?? {})).toEqual(["control", "treatment"]);
  expect(read.cohorts[1]?.arms["treatment"]?.measures).toMatchObject({
    errors: { units: 1000, x: 0.1 },
    "slow over 50 ms": { units: 900, x: expect.closeTo(30 / 900, 9) },
  });
  expect(followExperiment(spec, read).decision.stopped).toEqual(["treatment"]);
  for (const silent of [undefined, [], [saw("champion", 5, 5)]])
    expect(addReading(summary, spec, silent)).toEqual({ summary, unseen: ["errors", "slow over 50 ms"] });
  expect(addReading({ ...summary, cohorts: [] }, spec, [saw("control", 1, 0)]).unseen).toHaveLength(2);
  expect(addReading(summary, { ...spec, guardrails: [] }).unseen).toEqual([]);
});
