/**
 * Tables for a terminal.
 * @module
 */
import { escapeHidden } from "../definitions/hidden-text.ts";

/**
 * Rows of cells in columns, each as wide as its widest cell; two spaces before the first column and between columns. Data and
 * names of files may hold what a terminal would obey, which is shown instead.
 */
export function formatTable(table: readonly (readonly string[])[]): readonly string[] {
  const rows = table.map((row) => row.map((cell) => escapeHidden(cell.replaceAll(/\s/g, " "))));
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
}

/** A value of a row for a cell: one line, of 40 characters at most. */
export function showCell(value: unknown): string {
  if (value === null || value === undefined) return "null";
  const text = (typeof value === "string" ? value : JSON.stringify(value)).replaceAll(/\s+/g, " ");
  // Not within a surrogate pair, of which one half alone would be shown as such.
  return text.length > 40 ? `${text.slice(0, 39).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

const byteUnits = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes for people: `812 bytes`, `1.4 MiB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < byteUnits.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value.toLocaleString("en") : value.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ${byteUnits[unit]}`;
}

/** `1 row`, `12,000 rows`. */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
