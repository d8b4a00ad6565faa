/**
 * A ranking as SVG without scripts: for each name a bar, and beside it points on one axis that all names share, coloured from
 * low to high. Pure.
 * @module
 */
import { listEvenTicks } from "./even-ticks.ts";
import { escapeHtml } from "./html.ts";

/** One name of a ranking. */
export interface Ranked {
  readonly name: string;
  /** How long its bar is; below 0 it has none. */
  readonly size: number;
  /** What stands behind the bar. */
  readonly text: string;
  /** How far `size` may be off: a line over the end of the bar. @default nothing is said of it */
  readonly spread?: number;
  /** Points: their colour from 0 to 1, -1 for none, and where they are on the axis. @default none */
  readonly points?: readonly (readonly [colour: number, at: number])[];
}

export interface Ranking {
  /** What it shows, for whoever cannot see it. */
  readonly label: string;
  /** What the axis of the points says. */
  readonly axis: string;
  readonly rows: readonly Ranked[];
}

const [rowHeight, footHeight] = [26, 38];
const [nameEnd, barStart, barEnd, textEnd, stripStart, stripEnd] = [190, 200, 330, 400, 420, 880];
const width = 900;
const longestName = 30;
const mostTicks = 7;
const radius = 2.4;
const tones = 5;

export function drawRanking({ label, axis, rows }: Ranking): string {
  const strips = rows.some(({ points }) => points !== undefined);
  const height = rows.length * rowHeight + (strips ? footHeight : 4);
  const longest = Math.max(0, ...rows.map(({ size, spread = 0 }) => size + spread)) || 1;
  const bars = rows.map((row, at) => drawBar(row, at * rowHeight, longest));
  const wide = strips ? width : textEnd + 10;
  return `<div class="wide"><svg class="ranking" style="max-width:${wide}px" viewBox="0 0 ${wide} ${height}" role="img" aria-label="${escapeHtml(label)}">${bars.join("")}${strips ? drawStrips(rows, axis) : ""}</svg></div>`;
}

function drawBar({ name, size, text, spread = 0 }: Ranked, top: number, longest: number): string {
  const middle = top + rowHeight / 2;
  const place = (value: number) => fix(barStart + (Math.max(0, value) / longest) * (barEnd - barStart));
  const end = place(size);
  const whisker =
    spread > 0
      ? `<line class="whisker" x1="${place(size - spread)}" x2="${place(size + spread)}" y1="${middle}" y2="${middle}"/>`
      : "";
  const shown = name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
  return `<g><title>${escapeHtml(name)}</title><text class="named" x="${nameEnd}" y="${middle + 4}" text-anchor="end">${escapeHtml(shown)}</text><rect x="${barStart}" y="${top + 7}" width="${fix(Math.max(0.5, end - barStart))}" height="${rowHeight - 14}"/>${whisker}<text x="${fix(place(size + spread) + 6)}" y="${middle + 4}">${escapeHtml(text)}</text></g>`;
}

function drawStrips(rows: readonly Ranked[], axis: string): string {
  const values = rows.flatMap(({ points = [] }) => points.map(([, at]) => at));
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const place = (value: number) => stripStart + ((value / reach + 1) / 2) * (stripEnd - stripStart);
  const bottom = rows.length * rowHeight;
  const middle = (stripStart + stripEnd) / 2;
  const ticks = listEvenTicks({ from: -reach, to: reach }, mostTicks).map((at) => {
    const x = fix(place(at));
    const number = at.toLocaleString("en", { maximumSignificantDigits: 6 });
    return `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${bottom}"/><text x="${x}" y="${bottom + 14}" text-anchor="middle">${number}</text>`;
  });
  const dots = rows.flatMap(({ points = [] }, row) => spreadOut(points, place, row * rowHeight + rowHeight / 2));
  return `${ticks.join("")}<text class="label" x="${middle}" y="${bottom + 32}" text-anchor="middle">${escapeHtml(axis)}</text>${dots.join("")}`;
}

/** Points that would lie on one another stand above and below each other, as far as there is room. */
function spreadOut(points: NonNullable<Ranked["points"]>, place: (value: number) => number, middle: number): string[] {
  const taken = new Map<number, number>();
  return points.map(([colour, at]) => {
    const x = place(at);
    const slot = Math.round(x / radius);
    const before = taken.get(slot) ?? 0;
    taken.set(slot, before + 1);
    const away = (((before + 1) >> 1) * (before % 2 === 0 ? 1 : -1) * radius * 0.8) % (rowHeight / 2 - radius);
    const tone = colour < 0 ? "none" : Math.min(tones - 1, Math.floor(colour * tones));
    return `<circle class="tone-${tone}" cx="${fix(x)}" cy="${fix(middle + away)}" r="${radius}"/>`;
  });
}

/** The rules of a page with a ranking. */
export const rankingStyle = `
.ranking { min-width: 420px; }
.ranking .named { fill: var(--text); font-size: 12px; }
.ranking .grid { stroke: var(--line); }
.ranking .whisker { stroke: var(--text); stroke-width: 1.2; }
.ranking circle, .key.low::before, .key.high::before { fill-opacity: 0.85; }
.tone-0 { fill: var(--bar); }
.tone-1 { fill: color-mix(in srgb, var(--bar) 75%, var(--mark)); }
.tone-2 { fill: color-mix(in srgb, var(--bar) 50%, var(--mark)); }
.tone-3 { fill: color-mix(in srgb, var(--bar) 25%, var(--mark)); }
.tone-4 { fill: var(--mark); }
.tone-none { fill: var(--quiet); }
`;

function fix(value: number): number {
  return Number(value.toFixed(2));
}
