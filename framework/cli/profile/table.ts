/**
 * A profile as a table for a terminal, a hundred characters wide at most. Pure.
 * @module
 */
import type { ColumnProfile, Profile } from "../../data/profile/profile.ts";
import { readDistinctCount, readFrequent, readQuantile, readSpread } from "../../data/profile/read-column.ts";
import { formatTable } from "../table.ts";
import { chooseShown, drawBars } from "./scale.ts";
import { formatDistinct, formatShare, formatText, formatTime, formatValue } from "./value-text.ts";

const titles = ["column", "type", "nulls", "distinct", "min", "p50", "max", "histogram", "top value"];
/** The names of types, where there is little room. */
const types = {
  string: "text",
  integer: "int",
  number: "num",
  boolean: "bool",
  timestamp: "time",
  vector: "vec",
} as const;
const widest = 100;
const widths = { name: 16, value: 10, bars: 10 };
const ticks = "▁▂▃▄▅▆▇█";

export function formatProfileTable(profile: Profile): readonly string[] {
  // The last column takes what room there is.
  return formatTable([titles, ...profile.columns.map(formatColumn)]).map((line) => formatText(line, widest));
}

function formatColumn(column: ColumnProfile): string[] {
  const { name, type, count, nulls } = column;
  return [
    formatText(name, widths.name),
    types[type],
    formatShare(nulls / Math.max(1, count + nulls)).replace(" ", ""),
    formatDistinct(readDistinctCount(column)),
    ...formatRange(column),
    formatTop(column),
  ];
}

/** The most frequent value, where one is frequent at all. */
function formatTop(column: ColumnProfile): string {
  const [top] = readFrequent(column);
  const share = (top?.count ?? 0) / Math.max(1, column.count);
  if (!top || share < 0.001) return "";
  const value = typeof top.value === "number" ? formatShort(top.value, column.type) : formatText(top.value, widest);
  return `${formatShare(share).replace(" ", "")} ${value}`;
}

/** Least, middle and greatest value, and the picture of all. */
function formatRange(column: ColumnProfile): [string, string, string, string] {
  const { type, values } = column;
  switch (values.kind) {
    case "booleans":
      return ["", "", "", drawSparkline([values.false, values.true])];
    case "texts": {
      const { length } = values;
      return length
        ? [`${length.min} long`, "", `${length.max} long`, drawSparkline(values.top.map(([, n]) => n))]
        : ["", "", "", ""];
    }
    case "numbers": {
      const bins = readSpread(values);
      const middle = readQuantile(bins, 0.5);
      const { bins: shown, scale } = chooseShown(bins, type, widths.bars);
      if (values.min === undefined || values.max === undefined || middle === undefined || !scale)
        return ["", "", "", ""];
      const [min, median, max] = [values.min, middle, values.max].map((value) => formatShort(value, type));
      return [min ?? "", median ?? "", max ?? "", drawSparkline(drawBars(shown, scale).map(({ count }) => count))];
    }
  }
}

/** Of a time the date alone. */
function formatShort(value: number, type: ColumnProfile["type"]): string {
  return formatText(type === "timestamp" ? formatTime(value).slice(0, 10) : formatValue(value, type), widths.value);
}

/** Counts as bars of eight heights; one that is not nothing is seen. */
export function drawSparkline(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return counts
    .slice(0, widths.bars)
    .map((count) => (count < 0.5 ? " " : ticks[Math.min(7, Math.floor((count / most) * 8))]))
    .join("");
}
