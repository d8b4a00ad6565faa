/**
 * The picture of a column as SVG without scripts: bars of numbers and times, rows of frequent values. Pure.
 * @module
 */
import type { Bin } from "../../data/profile/histogram.ts";
import type { ColumnProfile, NumbersProfile } from "../../data/profile/profile.ts";
import {
  type FrequentValue,
  readDistinctCount,
  readFrequent,
  readQuantile,
  readSpread,
} from "../../data/profile/read-column.ts";
import { escapeHtml } from "../../page/html.ts";
import { chooseShown, drawBars, findOnScale, type Scale, tail } from "./scale.ts";
import { chooseTicks } from "./ticks.ts";
import { formatShare, formatShortCount, formatText, formatValue } from "./value-text.ts";

const width = 360;
const height = 120;
const axis = 18;
const mostBars = 60;
const mostTicks = 5;
const mostRows = 8;
/** The share of all values that is as wide as the card, at least. */
const leastWide = 0.1;

/** The picture of a column's values; "" where there are none. */
export function drawColumn(column: ColumnProfile): string {
  if (column.count === 0) return `<p class="empty">no values</p>`;
  return column.values.kind === "numbers" ? drawNumbers(column, column.values) : drawFrequent(column);
}

function drawNumbers({ name, type, count }: ColumnProfile, values: NumbersProfile): string {
  const all = readSpread(values);
  const { bins, scale, zeros } = chooseShown(all, type, mostBars);
  if (!scale) return `<p class="empty">no finite values</p>`;
  const bars = drawBars(bins, scale);
  const most = Math.max(...bars.map((bar) => bar.count));
  const step = width / bars.length;
  const gap = Math.min(1, step / 6);
  const shapes = bars.map((bar, index) => {
    if (bar.count < 0.5) return "";
    const size = Math.max(1.5, (bar.count / most) * (height - 6));
    const label = `${formatValue(bar.from, type)} to ${formatValue(bar.to, type)}: ${formatShortCount(bar.count)} (${formatShare(bar.count / count)})`;
    return `<rect x="${fix(index * step + gap / 2)}" y="${fix(height - size)}" width="${fix(step - gap)}" height="${fix(size)}"><title>${escapeHtml(label)}</title></rect>`;
  });
  const middle = readQuantile(all, 0.5);
  const at = middle === undefined ? Number.NaN : findOnScale(scale, middle) * width;
  const mark =
    at >= 0 && at <= width && bars.length > 2
      ? `<line class="median" x1="${fix(at)}" x2="${fix(at)}" y1="0" y2="${height}"/>`
      : "";
  const svg = `<svg viewBox="0 0 ${width} ${height + axis}" role="img" aria-label="${escapeHtml(`histogram of ${name}`)}">${shapes.join("")}${mark}${drawAxis(scale, type)}</svg>`;
  return `${svg}${describeScale(scale, bins, zeros / count)}`;
}

function drawAxis(scale: Scale, type: ColumnProfile["type"]): string {
  const ticks = chooseTicks(scale, type, mostTicks).map(({ at, text }) => {
    const x = findOnScale(scale, at) * width;
    const anchor = x < 18 ? "start" : x > width - 18 ? "end" : "middle";
    return `<line class="tick" x1="${fix(x)}" x2="${fix(x)}" y1="${height}" y2="${height + 4}"/><text x="${fix(x)}" y="${height + 15}" text-anchor="${anchor}">${escapeHtml(text)}</text>`;
  });
  return `<line class="axis" x1="0" x2="${width}" y1="${height}" y2="${height}"/>${ticks.join("")}`;
}

/** What a reader would not see: that a scale is none of equal steps, or that values lie beyond it. */
function describeScale(scale: Scale, bins: readonly Bin[], zeros: number): string {
  const notes = [
    ...(scale.kind === "magnitudes" ? ["logarithmic scale"] : []),
    ...(zeros > 0 ? [`without the zeros (${formatShare(zeros)})`] : []),
    ...((bins.at(-1)?.upper ?? 0) > scale.to || (bins[0]?.lower ?? 0) < scale.from
      ? [`without the ${formatShare(tail)} farthest out at either end`]
      : []),
  ];
  return notes.length > 0 ? `<p class="note">${escapeHtml(notes.join(", "))}</p>` : "";
}

function drawFrequent(column: ColumnProfile): string {
  const frequent = readFrequent(column).slice(0, mostRows);
  const { count: distinct } = readDistinctCount(column);
  const [first] = frequent;
  if (!first)
    return `<p class="empty">no value is frequent: the ${formatShortCount(column.count)} values are ${formatShortCount(distinct)} different ones</p>`;
  // Where none is frequent, bars as wide as the card would say otherwise.
  const most = Math.max(first.count, leastWide * column.count);
  const rows = frequent.map((value) => drawRow(value, most, column.count));
  const left = Math.max(0, distinct - frequent.length);
  const more = left > 0 ? `<p class="note">and ${formatShortCount(left)} other values</p>` : "";
  return `<div class="rows">${rows.join("")}</div>${more}`;
}

function drawRow({ value, count, isExact }: FrequentValue, most: number, total: number): string {
  const share = fix((count / Math.max(1, most)) * 100);
  const text = value === "" ? `<i>empty</i>` : escapeHtml(formatText(String(value), 60));
  const bound = isExact ? "" : "≥";
  return `<div class="row"><span class="bar" style="width:${share}%"></span><span class="value">${text}</span><span class="share">${escapeHtml(bound + formatShare(count / total))}</span></div>`;
}

function fix(value: number): string {
  return String(Number(value.toFixed(2)));
}
