/**
 * What a look at an experiment decided that the one before had not, line by line, for the endpoint's history. Pure.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import type { ExperimentDecision } from "./experiment-decision.ts";
import { sayEnd } from "./say-decision.ts";

/**
 * The arms that have ended, each with its numbers, and the verdict where there is one.
 *
 * @param before what the look before decided. @default it is the first
 */
export function listLookNews(
  spec: Pick<ExperimentSpec, "name" | "metric">,
  decision: ExperimentDecision,
  before?: ExperimentDecision,
): readonly string[] {
  const { comparisons, stopped, verdict, winner } = decision;
  const ended = comparisons.filter(({ arm }) => stopped.includes(arm) && !before?.stopped.includes(arm));
  const lines = ended.map((one) => `"${spec.name}": ${sayEnd(spec, one, decision)}`);
  if (verdict === before?.verdict) return lines;
  const won = comparisons.find(({ arm }) => arm === winner);
  switch (verdict) {
    case "continue":
      return lines;
    case "winner":
      return [...lines, `"${spec.name}": winner, ${won ? sayEnd(spec, won, decision) : winner}`];
    case "no-winner":
      return [...lines, `"${spec.name}": no winner`];
    case "invalid":
      return [...lines, `"${spec.name}": invalid, the arms do not have the units that they should`];
  }
}
