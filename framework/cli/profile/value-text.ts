/**
 * Values of a profile for people: short, and never more digits than are known. Pure.
 * @module
 */
import type { ColumnProfile } from "../../data/profile/profile.ts";
import type { Distinct } from "../../data/profile/read-column.ts";
import { escapeHidden } from "../../definitions/hidden-text.ts";

type ColumnType = ColumnProfile["type"];

/** A number of a column: `12,345`, `0.00123`, `1.2e+30`; a time as its date, with the time of day where there is one. */
export function formatValue(value: number, type: ColumnType): string {
  if (type === "timestamp") return formatTime(value);
  return type === "integer" ? formatNumber(Math.round(value)) : formatNumber(value);
}

/** At most six digits that say something, or all of a whole number below ten millions. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return value.toLocaleString("en");
  if (size >= 1e7 || (size > 0 && size < 1e-4)) return Number(value.toPrecision(3)).toExponential();
  return value.toLocaleString("en", { maximumSignificantDigits: size < 1 ? 3 : 5 });
}

/** A time in microseconds since 1970. */
export function formatTime(microseconds: number): string {
  const date = new Date(microseconds / 1000);
  if (Number.isNaN(date.getTime())) return formatNumber(microseconds);
  const text = date.toISOString().replace("T", " ").slice(0, 19);
  return text.endsWith(" 00:00:00") ? text.slice(0, -9) : text;
}

/** A count in at most five characters: `812`, `12.4k`, `3.1M`. */
export function formatShortCount(count: number): string {
  const units = ["", "k", "M", "G", "T"];
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)}${units[unit]}`;
}

export function formatDistinct({ count, isExact }: Distinct): string {
  return isExact ? formatShortCount(count) : `≈${formatShortCount(count)}`;
}

/** A share in percent; what is not nothing is not shown as nothing. */
export function formatShare(share: number): string {
  if (share === 0) return "0 %";
  if (share < 0.0005) return "<0.1 %";
  const percent = share * 100;
  // What is not all is not shown as all.
  return share < 1 && percent >= 99.95 ? ">99.9 %" : `${percent.toLocaleString("en", { maximumFractionDigits: 1 })} %`;
}

/** A text on one line, of so many characters at most, with whatever could not be seen made visible. */
export function formatText(text: string, most: number): string {
  const characters = [...escapeHidden(text).replaceAll(/\s/g, " ")];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : characters.join("");
}
