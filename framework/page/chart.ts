/**
 * Charts as SVG without scripts: lines, points and bars on two even axes. Pure.
 * @module
 */
import { listEvenTicks } from "./even-ticks.ts";
import { escapeHtml } from "./html.ts";

/** An axis: what it says, and from where to where it goes. */
export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

export type Point = readonly [x: number, y: number];

/** What is drawn, in this order. Colours go by `tone`: the subject of the page, what it is compared with, what would be ideal. */
export interface Mark {
  readonly kind: "line" | "points" | "bars";
  readonly tone: "own" | "other" | "ideal";
  /** For the legend. @default it stands in none */
  readonly name?: string;
  /** Bars stand on 0; each is as wide as it is to the next one. */
  readonly points: readonly Point[];
  /** What is said of each point when a reader points at it, in their order. @default nothing */
  readonly titles?: readonly string[];
  /** Attributes of a line, as HTML: what is no markup in it came through `escapeHtml`. @default none */
  readonly attributes?: string;
}

export interface Chart {
  /** What it shows, for whoever cannot see it. */
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
}

const [width, height] = [360, 240];
const margin = { left: 44, right: 10, top: 8, bottom: 34 };
const mostTicks = 5;

export function drawChart({ label, x, y, marks }: Chart): string {
  const place = createPlace(x, y);
  const shapes = marks.map((mark) => drawMark(mark, { place, x }));
  const legend = marks.flatMap(({ name, tone }) =>
    name === undefined ? [] : [`<span class="key ${tone}">${escapeHtml(name)}</span>`],
  );
  const svg = `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">${drawAxes(x, y, place)}${shapes.join("")}</svg>`;
  return `${svg}${legend.length > 0 ? `<p class="legend">${legend.join("")}</p>` : ""}`;
}

type Place = (point: Point) => Point;

function createPlace(x: Axis, y: Axis): Place {
  const share = ({ from, to }: Axis, value: number) => Math.min(Math.max((value - from) / (to - from || 1), 0), 1);
  const [wide, high] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  return ([a, b]) => [margin.left + share(x, a) * wide, margin.top + (1 - share(y, b)) * high];
}

function drawMark(
  { kind, tone, points, titles = [], attributes = "" }: Mark,
  { place, x }: { place: Place; x: Axis },
): string {
  switch (kind) {
    case "line":
      return `<polyline class="${tone}" points="${points.map((point) => place(point).map(fix).join(",")).join(" ")}"${attributes && ` ${attributes}`}/>`;
    case "points":
      return points
        .map((point, index) => {
          const [cx, cy] = place(point).map(fix);
          return `<circle class="${tone}" cx="${cx}" cy="${cy}" r="3">${titleOf(titles[index])}</circle>`;
        })
        .join("");
    case "bars":
      return points
        .map(([from, size], index) => {
          const [left, top] = place([from, size]);
          const [right, bottom] = place([points[index + 1]?.[0] ?? x.to, 0]);
          const high = Math.max(0, bottom - top);
          return `<rect class="${tone}" x="${fix(left)}" y="${fix(top)}" width="${fix(Math.max(0.5, right - left - 0.6))}" height="${fix(high)}">${titleOf(titles[index])}</rect>`;
        })
        .join("");
  }
}

function titleOf(text: string | undefined): string {
  return text === undefined ? "" : `<title>${escapeHtml(text)}</title>`;
}

function drawAxes(x: Axis, y: Axis, place: Place): string {
  const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom];
  const across = listEvenTicks(x, mostTicks).map((at) => {
    const [tick] = place([at, y.from]);
    return `<line class="tick" x1="${fix(tick)}" x2="${fix(tick)}" y1="${bottom}" y2="${bottom + 4}"/><text x="${fix(tick)}" y="${bottom + 15}" text-anchor="middle">${formatTick(at)}</text>`;
  });
  const up = listEvenTicks(y, mostTicks).map((at) => {
    const [, tick] = place([x.from, at]);
    return `<line class="grid" x1="${left}" x2="${right}" y1="${fix(tick)}" y2="${fix(tick)}"/><text x="${left - 6}" y="${fix(tick + 3.5)}" text-anchor="end">${formatTick(at)}</text>`;
  });
  const middle = fix((left + right) / 2);
  const half = fix((margin.top + bottom) / 2);
  return `${up.join("")}<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${across.join("")}<text class="label" x="${middle}" y="${height - 4}" text-anchor="middle">${escapeHtml(x.label)}</text><text class="label" x="11" y="${half}" text-anchor="middle" transform="rotate(-90 11 ${half})">${escapeHtml(y.label)}</text>`;
}

/** With the minus sign that the texts of pages have. */
function formatTick(value: number): string {
  const isFar = value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6);
  const text = isFar
    ? value.toExponential(0).replace("+", "")
    : value.toLocaleString("en", { maximumFractionDigits: 6 });
  return text.replaceAll("-", "−");
}

function fix(value: number): number {
  return Number(value.toFixed(2));
}
