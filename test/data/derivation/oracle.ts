/**
 * What the steps of a derivation mean, by brute force: for every row, a look at every other.
 * @module
 */
import { createHash } from "node:crypto";
import type { DerivationStep, StepOf } from "../../../framework/definitions/derivation-step.ts";

export type Value = number | string | boolean | null;
/** A row; `t`, its event time, and every other moment in microseconds. */
export type Row = Readonly<Record<string, Value>>;

/** What a step has besides the rows that it is done to. */
export interface Given {
  /** How many steps of chance came before. @default 0 */
  readonly turn?: number;
  /** The names of columns that hold whole numbers, and of those that hold moments. */
  readonly whole?: readonly string[];
  readonly moments?: readonly string[];
}

/** The rows that a step gives, in no order. Expressions are the test's own. */
export function applyStep(
  rows: readonly Row[],
  step: Exclude<DerivationStep, { readonly step: "filter" | "derive" | "cast" | "join" | "python" }>,
  given: Given = {},
): Row[] {
  switch (step.step) {
    case "clip":
      return rows.map((row) => change(row, step.columns, (value, column) => clip(rows, value, column)));
    case "impute":
      return rows.map((row) => change(row, step.columns, (value, column) => value ?? findFilling(rows, column)));
    case "deduplicate":
      return deduplicate(rows, step);
    case "sample":
      return numbered(rows, given).flatMap((one) => (draw(one, step, given) < step.fraction ? [one.row] : []));
    case "stratify":
      return groups(rows, step, given).flatMap((group) => {
        const { keep } = step;
        return group.slice(
          0,
          "perGroup" in keep ? keep.perGroup : Math.max(1, Math.round(group.length * keep.fraction)),
        );
      });
    case "oversample": {
      const all = groups(rows, step, given);
      const wanted = Math.round(Math.max(0, ...all.map((group) => group.length)) * step.ratio);
      return all.flatMap((group) =>
        Array.from({ length: Math.max(wanted, group.length) }, (_, i) => group[i % group.length] as Row),
      );
    }
    case "augment":
      return numbered(rows, given).flatMap((one) =>
        Array.from({ length: step.copies + 1 }, (_, copy) => shake(one, step, { ...given, copy })),
      );
  }
}

function change<C extends { readonly name: string }>(
  row: Row,
  columns: readonly C[],
  to: (value: Value, column: C) => Value,
): Row {
  return {
    ...row,
    ...Object.fromEntries(columns.map((column) => [column.name, to(row[column.name] ?? null, column)])),
  };
}

function clip(rows: readonly Row[], value: Value, column: StepOf<"clip">["columns"][number]): Value {
  if (typeof value !== "number") return value;
  const [low, high] =
    "low" in column ? [column.low, column.high] : column.quantiles.map((share) => quantile(rows, column.name, share));
  return Math.min(Math.max(value, low ?? 0), high ?? 0);
}

function present(rows: readonly Row[], name: string): NonNullable<Value>[] {
  return rows.flatMap((row) => row[name] ?? []).toSorted(compare);
}

function quantile(rows: readonly Row[], name: string, share: number): number {
  const values = present(rows, name) as number[];
  const at = share * (values.length - 1);
  const [low = 0, high = 0] = [values[Math.floor(at)], values[Math.ceil(at)]];
  const part = at - Math.floor(at);
  return Math.min(high, Math.max(low, low * (1 - part) + high * part));
}

function findFilling(rows: readonly Row[], column: StepOf<"impute">["columns"][number]): Value {
  if ("constant" in column) return column.constant;
  const values = present(rows, column.name);
  if (column.by === "median") return quantile(rows, column.name, 0.5);
  if (column.by === "mean") return (values as number[]).reduce((sum, value) => sum + value, 0) / values.length;
  const times = (value: Value) => values.filter((one) => one === value).length;
  return values.reduce((best, value) => (times(value) > times(best) ? value : best));
}

/** Nulls first, texts by their bytes in UTF-8, false before true. */
export function compare(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

function compareRows(a: Row, b: Row): number {
  const names = ["t", ...Object.keys(a).sort()];
  return names.map((name) => compare(a[name] ?? null, b[name] ?? null)).find((order) => order !== 0) ?? 0;
}

function groupOf(row: Row, by: readonly string[]): string {
  return JSON.stringify(by.map((name) => row[name]));
}

function deduplicate(rows: readonly Row[], { by, keep }: StepOf<"deduplicate">): Row[] {
  const kept = new Map<string, Row>();
  const sorted = rows.toSorted(compareRows);
  for (const row of keep === "first" ? sorted.toReversed() : sorted)
    kept.set(groupOf(row, by ?? Object.keys(row)), row);
  return [...kept.values()];
}

interface Numbered {
  readonly row: Row;
  readonly digest: string;
  /** Which it is among equal rows, from 1. */
  readonly nth: number;
}

function numbered(rows: readonly Row[], given: Given): Numbered[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const values = Object.keys(row)
      .sort()
      .map((name) => write(row[name] ?? null, name, given));
    const digest = md5(values.join(""));
    const nth = (seen.get(digest) ?? 0) + 1;
    seen.set(digest, nth);
    return { row, digest, nth };
  });
}

function write(value: Value, name: string, { moments = ["t"] }: Given): string {
  if (value === null) return "-";
  const isNumber = typeof value === "number" && Number.isInteger(value) && !moments.includes(name);
  const text = isNumber ? value.toFixed(1) : String(value);
  return `${[...text].length}:${text}`;
}

function draw({ digest, nth }: Numbered, { seed }: { readonly seed: number }, { turn = 0 }: Given, of = ""): number {
  return Number.parseInt(md5(`${seed}:${turn}:${digest}:${nth}:${of}`).slice(0, 13), 16) / 2 ** 52;
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** The rows of each group, in the order that chance gives them. */
function groups(
  rows: readonly Row[],
  step: { readonly by: readonly string[]; readonly seed: number },
  given: Given,
): Row[][] {
  const all = Map.groupBy(numbered(rows, given), ({ row }) => groupOf(row, step.by));
  return [...all.values()].map((group) =>
    group.toSorted((a, b) => draw(a, step, given) - draw(b, step, given)).map(({ row }) => row),
  );
}

function shake(one: Numbered, step: StepOf<"augment">, given: Given & { readonly copy: number }): Row {
  const { copy, whole = [] } = given;
  const moved = change(one.row, step.noise, (value, { name, amount }) => {
    if (copy === 0 || typeof value !== "number") return value;
    const noisy = value + amount * (draw(one, step, given, `${copy}:${name}`) * 2 - 1);
    // Halves go away from zero, as in SQL.
    return (whole.includes(name) ? Math.sign(noisy) * Math.round(Math.abs(noisy)) : noisy) + 0;
  });
  return step.mark === undefined ? moved : { ...moved, [step.mark]: copy > 0 };
}
