/**
 * How a run is drawn wherever it is: known by its number on the page, the stronger the better it is, apart where it broke off. Pure.
 * @module
 */
import { escapeHtml } from "../page/html.ts";
import { type ComparedRun, type Comparison, hasValue, isBroken } from "./compared-run.ts";
import { formatValue } from "./number-text.ts";

/** A run as it is drawn. */
export interface DrawnRun {
  readonly run: ComparedRun;
  /** Its attributes, as HTML: the number by which it is the same in all parts of the page, and how strong it is. */
  readonly attributes: string;
  /** Words of its class. */
  readonly classes: string;
  /** What is said when a reader points at it. */
  readonly title: string;
}

/** Draws runs that are ranked from the best to the worst. Strength goes by rank, so that one far value leaves the others apart. */
export function drawRuns({ runs, objective }: Pick<Comparison, "runs" | "objective">): readonly DrawnRun[] {
  const judged = objective ? runs.filter((run) => hasValue(run, objective.metric)).length : 0;
  return runs.map((run, index) => {
    const isJudged = objective !== undefined && hasValue(run, objective.metric);
    const share = judged > 1 ? 1 - index / (judged - 1) : 1;
    const value = objective && run.metrics.get(objective.metric);
    const said = objective && value !== undefined ? `, ${objective.metric} ${formatValue(value)}` : "";
    return {
      run,
      attributes: `data-run="${index}" style="--t:${isJudged ? Math.round(share * 100) : 0}%"`,
      classes: ["run", ...(isBroken(run) ? ["broken"] : []), ...(isJudged ? [] : ["bare"])].join(" "),
      title: escapeHtml(`${run.label}: ${run.status}${said}`),
    };
  });
}
