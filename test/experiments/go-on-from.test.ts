import { describe, expect, it } from "vitest";
import type { Comparison } from "../../framework/experiments/experiment-decision.ts";
import type { ExperimentLook } from "../../framework/experiments/experiment-look.ts";
import { type GoingOn, goOnFrom } from "../../framework/experiments/go-on-from.ts";

const hour = 3_600_000;
const began = Date.UTC(2026, 0, 1);
const moment = (hours: number) => new Date(began + hours * hour).toISOString();

const running: Comparison = {
  arm: "other",
  units: 0,
  controlUnits: 0,
  value: null,
  controlValue: null,
  alpha: 0.025,
  state: "running",
};
const stopped: Comparison = { ...running, arm: "treatment", state: "stopped", since: moment(1) };

/** A look two hours after the experiment began, which an arm was stopped by then. */
function lookOf(begun: string): Pick<ExperimentLook, "summary" | "decision" | "at"> {
  const summary = { begun, asOf: moment(2), cohorts: [] };
  const decision = { asOf: moment(2), comparisons: [stopped, running] };
  return { at: moment(2), summary, decision } as never;
}

describe("whoever goes on from a look that was kept", () => {
  it.each<[string, string, number, GoingOn]>([
    [
      "knows when it began, and what ended",
      moment(0),
      3,
      { begun: began, known: { until: moment(2), ended: [stopped] } },
    ],
    [
      "reads nothing from before it while no unit had come",
      moment(2),
      3,
      { since: began + 2 * hour, known: { until: "", ended: [stopped] } },
    ],
    ["reads all as of a moment before it began", moment(0), -1, {}],
  ])("%s", (_title, begun, asOf, expected) => {
    expect(goOnFrom(lookOf(begun), began + asOf * hour)).toEqual(expected);
  });
});
