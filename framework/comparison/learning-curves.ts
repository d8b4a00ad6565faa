/**
 * Metrics by steps, the runs over each other. Pure.
 * @module
 */
import { drawChart, type Mark, type Point } from "../page/chart.ts";
import { type Comparison, listNames } from "./compared-run.ts";
import type { DrawnRun } from "./run-marks.ts";

export interface LearningCurves {
  readonly metric: string;
  /** As HTML. */
  readonly chart: string;
  /** How many runs have a curve of it. */
  readonly runs: number;
  /** How many values cannot be drawn: NaN, and infinities. */
  readonly undrawn: number;
  /** How many values lie so far off that they are drawn at the edge. */
  readonly beyond: number;
}

const mostCharts = 4;
/** How many points of a curve are drawn. */
const mostPoints = 150;
/** Values this much further off than nearly all others would press those into one line. */
const farOff = 20;

interface CurvesOfRuns extends Pick<Comparison, "objective"> {
  readonly runs: readonly { readonly curves: ReadonlyMap<string, unknown> }[];
}

/** The metrics that have curves: the objective first. */
export function listCurveMetrics({ runs, objective }: CurvesOfRuns): readonly string[] {
  const names = listNames(runs.map(({ curves }) => curves));
  const first = objective && names.includes(objective.metric) ? [objective.metric] : [];
  return [...first, ...names.filter((name) => name !== objective?.metric)].slice(0, mostCharts);
}

export function drawLearningCurves(drawn: readonly DrawnRun[], metric: string): LearningCurves | undefined {
  let undrawn = 0;
  const curves = drawn.flatMap(({ run, ...look }) => {
    const all = run.curves.get(metric) ?? [];
    const finite = all.filter(({ value }) => Number.isFinite(value));
    undrawn += all.length - finite.length;
    return finite.length > 1 ? [{ ...look, points: thin(finite.map(({ step, value }): Point => [step, value])) }] : [];
  });
  if (curves.length === 0) return undefined;
  const steps = curves.flatMap(({ points }) => points.map(([step]) => step));
  const values = curves.flatMap(({ points }) => points.map(([, value]) => value)).sort((a, b) => a - b);
  const range = chooseRange(values);
  const pad = (range.to - range.from || Math.abs(range.to) || 1) * 0.04;
  const marks = curves.toReversed().map(
    ({ points, attributes, classes }): Mark => ({
      kind: "line",
      tone: "own",
      points,
      attributes: `data-class="${classes}" ${attributes}`,
    }),
  );
  const chart = drawChart({
    label: `${metric} by steps, one line for each run`,
    x: { label: "step", from: steps.reduce((a, b) => Math.min(a, b)), to: steps.reduce((a, b) => Math.max(a, b)) },
    y: { label: metric.length > 28 ? `${metric.slice(0, 27)}…` : metric, from: range.from - pad, to: range.to + pad },
    marks,
  });
  const beyond = values.filter((value) => value < range.from || value > range.to).length;
  return { metric, chart, runs: curves.length, undrawn, beyond };
}

/** From where to where sorted values are drawn: all, unless a few lie far off. */
function chooseRange(sorted: readonly number[]): { readonly from: number; readonly to: number } {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const most = at(0.9) - at(0.1);
  if (most <= 0 || at(1) - at(0) <= farOff * most) return { from: at(0), to: at(1) };
  return { from: Math.max(at(0), at(0.1) - most), to: Math.min(at(1), at(0.9) + most) };
}

/** Some points of a curve, its ends among them. */
function thin(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostPoints) return points;
  const every = (points.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, index) => points[Math.round(index * every)] as Point);
}
