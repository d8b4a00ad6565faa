import { describe, expect, it } from "vitest";
import type { Comparison, ExperimentDecision } from "../../framework/experiments/experiment-decision.ts";
import { listLookNews } from "../../framework/experiments/look-news.ts";

const spec = { name: "trees", metric: "accuracy" };
const interval = { difference: -0.031, low: -0.05, high: -0.0123 };
const arm = (name: string, state: Comparison["state"]): Comparison => ({
  arm: name,
  units: 500,
  controlUnits: 500,
  value: 0.8,
  controlValue: 0.83,
  interval,
  alpha: 0.05,
  state,
});
const decided = (change: Partial<ExperimentDecision>): ExperimentDecision => ({
  format: "experiment-decision/1",
  endpoint: "desk",
  experiment: "trees",
  asOf: "2026-01-02T00:00:00.000Z",
  elapsed: 86_400,
  verdict: "continue",
  stopped: [],
  sentence: "",
  metric: "accuracy",
  units: {},
  crossed: 0,
  mismatch: { exposed: 1, labelled: 1, level: 0.0005 },
  comparisons: [],
  guardrails: [],
  ...change,
});
const worse = decided({ stopped: ["a"], comparisons: [arm("a", "worse"), arm("b", "running")] });

describe("what a look says that the one before did not", () => {
  it.each<[string, ExperimentDecision, ExperimentDecision | undefined, readonly string[]]>([
    ["nothing while nothing is certain", decided({}), undefined, []],
    ["that an arm is worse, by how much", worse, undefined, ['"trees": a is worse: accuracy −0.031 [−0.05, −0.0123]']],
    ["nothing once it was said", worse, worse, []],
    [
      "which guardrail stopped an arm, by its numbers",
      decided({
        stopped: ["a"],
        comparisons: [arm("a", "stopped")],
        guardrails: [
          { arm: "a", measure: "slow over 50 ms", units: 9000, harm: 0.03, atLeast: 0.0212, by: 0.01, crossed: true },
        ],
      }),
      decided({}),
      ['"trees": a is stopped: slow over 50 ms worse by at least 0.0212, 0.01 allowed'],
    ],
    [
      "the winner",
      decided({ verdict: "winner", winner: "b", comparisons: [arm("b", "better")] }),
      decided({}),
      ['"trees": winner, b is better: accuracy −0.031 [−0.05, −0.0123]'],
    ],
    ["that none wins", decided({ verdict: "no-winner" }), decided({}), ['"trees": no winner']],
    [
      "that nothing can be concluded",
      decided({ verdict: "invalid" }),
      decided({}),
      ['"trees": invalid, the arms do not have the units that they should'],
    ],
  ])("is %s", (_name, decision, before, lines) => {
    expect(listLookNews(spec, decision, before)).toEqual(lines);
    // A line of a history holds so much.
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });
});
