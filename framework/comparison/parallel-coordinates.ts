/**
 * Runs as lines across the axes of their parameters, and of what they came to. Pure.
 * @module
 */
import { escapeHidden } from "../definitions/hidden-text.ts";
import { escapeHtml } from "../page/html.ts";
import { type Comparison, differs, hasValue, listNames } from "./compared-run.ts";
import { formatParam } from "./number-text.ts";
import { makeAxis, makeScale, type ParamAxis } from "./param-axis.ts";
import type { DrawnRun } from "./run-marks.ts";

export interface ParallelCoordinates {
  /** As HTML. @default "" where no parameter differs */
  readonly svg: string;
  /** The parameters that differ and have no axis, since there are too many. */
  readonly left: readonly string[];
  /** What is the same in all runs. */
  readonly same: readonly (readonly [param: string, value: string])[];
}

const [width, height] = [1_000, 380];
const margin = { right: 64, top: 52, bottom: 40 };
/** How wide a character of a label is, and how much room the first axis has for its labels at least. */
const characterWidth = 6;
const leastLeft = 56;
/** From so many runs on, lines are thin, so that they can be told apart. */
const many = 100;
/** How far below the axis what has no value is. */
const nowhere = 22;
const mostAxes = 12;
const longestLabel = 24;
const labelWidth = 7.2;

/** @param first the parameters that get axes before others, such as those that say most */
export function drawParallelCoordinates(
  { runs, objective, logarithmic }: Comparison,
  drawn: readonly DrawnRun[],
  first: readonly string[],
): ParallelCoordinates {
  const names = listNames(runs.map(({ params }) => params));
  const differing = names.filter((param) => differs(runs, param));
  const ordered = [
    ...first.filter((param) => differing.includes(param)),
    ...differing.filter((param) => !first.includes(param)),
  ];
  const shown = new Set(ordered.slice(0, mostAxes));
  const axes = differing
    .filter((param) => shown.has(param))
    .map((param) => {
      const values = runs.flatMap(({ params }) => params.get(param) ?? []);
      return { of: "params" as const, axis: makeAxis(param, values, { logarithmic: logarithmic.has(param) }) };
    });
  const judged = objective && runs.some((run) => hasValue(run, objective.metric));
  const result = judged
    ? [
        {
          of: "metrics" as const,
          axis: makeScale(
            objective.metric,
            runs.map(({ metrics }) => metrics.get(objective.metric) ?? Number.NaN),
          ),
        },
      ]
    : [];
  const all = [...axes, ...result];
  const rest = {
    left: ordered.slice(mostAxes),
    same: names
      .filter((param) => !differs(runs, param))
      .map((param) => [param, runs[0]?.params.get(param) ?? ""] as const),
  };
  if (axes.length === 0) return { svg: "", ...rest };
  const longest = Math.max(0, ...(all[0]?.axis.ticks.map(({ text }) => escapeHidden(text).length) ?? []));
  const left = Math.max(leastLeft, 16 + longest * characterWidth);
  const step = all.length > 1 ? (width - left - margin.right) / (all.length - 1) : 0;
  const xOf = (index: number) => fix(left + index * step);
  // The best runs are drawn last, above the others.
  const lines = drawn.toReversed().map(({ run, attributes, classes, title }) => {
    const heights = all.map(({ of, axis }) => yOf(axis.place(run[of].get(axis.name))));
    const path = heights.map((y, index) => `${index === 0 ? "M" : "L"}${xOf(index)} ${y}`).join("");
    return `<path class="${classes}" ${attributes} data-at="${heights.join(" ")}" d="${path}"><title>${title}</title></path>`;
  });
  const bars = all.map(({ of, axis }, index) => {
    const isWhole = runs.every((run) => axis.place(run[of].get(axis.name)) !== undefined);
    return drawAxis(axis, { x: xOf(index), index, isLast: of === "metrics", isWhole, room: 2 * step });
  });
  const svg = `<svg class="parallel${runs.length >= many ? " many" : ""}" viewBox="0 0 ${width} ${height}" role="img" aria-label="each run as a line across its parameters">${lines.join("")}${bars.join("")}</svg>`;
  return { svg, ...rest };
}

function yOf(place: number | undefined): number {
  const bottom = height - margin.bottom;
  return fix(place === undefined ? bottom + nowhere : margin.top + (1 - place) * (bottom - margin.top));
}

interface AxisPlace {
  readonly x: number;
  readonly index: number;
  readonly isLast: boolean;
  /** Whether all runs have a value that lies on it. */
  readonly isWhole: boolean;
  /** How wide its name may be. */
  readonly room: number;
}

function drawAxis({ name, kind, ticks }: ParamAxis, { x, index, isLast, isWhole, room }: AxisPlace): string {
  const [top, bottom] = [margin.top, height - margin.bottom];
  // Names that stand side by side are at two heights, so that each has twice the room.
  const labelY = top - (index % 2 === 0 ? 14 : 30);
  const label = escapeHtml(formatParam(name, Math.min(longestLabel, Math.max(8, Math.floor(room / labelWidth) - 2))));
  const texts = ticks.map(
    ({ at, text }) =>
      `<line class="tick" x1="${x - 4}" x2="${x}" y1="${yOf(at)}" y2="${yOf(at)}"/><text x="${isLast ? x + 7 : x - 7}" y="${fix(yOf(at) + 3.5)}" text-anchor="${isLast ? "start" : "end"}">${escapeHtml(text)}</text>`,
  );
  const none = isWhole
    ? ""
    : `<text class="none" x="${x}" y="${bottom + nowhere + 12}" text-anchor="middle">none</text>`;
  const scale = kind === "log" ? ", log" : "";
  return `<g class="along${isLast ? " result" : ""}" data-axis="${index}"><line class="axis" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>${texts.join("")}<text class="label" x="${x}" y="${labelY}" text-anchor="middle">${label}${scale}<title>${escapeHtml(name)}</title></text>${none}<rect class="brush" x="${x - 7}" width="14" y="${top}" height="0"/><rect class="grip" x="${x - 12}" width="24" y="${top - 6}" height="${bottom - top + nowhere + 12}"/></g>`;
}

function fix(value: number): number {
  return Number(value.toFixed(1));
}
