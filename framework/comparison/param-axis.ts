/**
 * The axis of a parameter or a metric: where each of its values lies between 0 and 1. Pure.
 * @module
 */
import { listEvenTicks } from "../page/even-ticks.ts";
import { formatParam, formatValue } from "./number-text.ts";

/** A value that is written at an axis. */
export interface AxisTick {
  readonly at: number;
  readonly text: string;
}

export interface ParamAxis {
  readonly name: string;
  readonly kind: "linear" | "log" | "category";
  /** Where a value lies, from 0 to 1. @returns nothing for one that is not there, or cannot be drawn */
  place(value: string | number | undefined): number | undefined;
  readonly ticks: readonly AxisTick[];
}

/** Values that span this factor, and lie mostly in so small a part of their range, are drawn on a scale of logarithms. */
const wideSpan = 100;
const lowMedian = 0.15;
const mostTicks = 5;
/** How many categories have their names written. */
const mostNamed = 14;

export interface AxisOptions {
  /** Whether its values were drawn on a scale of logarithms. @default by the span of its values */
  readonly logarithmic?: boolean;
}

/** The axis on which some values lie. Numbers make a scale; where any is none, each value is a category of its own. */
export function makeAxis(
  name: string,
  values: readonly string[],
  { logarithmic = false }: AxisOptions = {},
): ParamAxis {
  const numbers = values.map(readNumber);
  if (numbers.length > 0 && numbers.every((value) => value !== undefined))
    return makeScale(name, numbers as readonly number[], logarithmic);
  return makeCategories(name, values);
}

function readNumber(text: string): number | undefined {
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : undefined;
}

/** The axis of numbers, of which at least one is finite. */
export function makeScale(name: string, numbers: readonly number[], logarithmic = false): ParamAxis {
  const finite = numbers.filter(Number.isFinite);
  const from = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const to = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const isLog = from > 0 && from < to && (logarithmic || isCrowded(finite, from, to));
  const [low, high] = isLog ? [Math.log10(from), Math.log10(to)] : [from, to];
  const scale = (value: number) => (high > low ? ((isLog ? Math.log10(value) : value) - low) / (high - low) : 0.5);
  const ticks = to > from ? (isLog ? listLogTicks(from, to) : listEvenTicks({ from, to }, mostTicks)) : [from];
  return {
    name,
    kind: isLog ? "log" : "linear",
    place: (value) => {
      const number = typeof value === "string" ? readNumber(value) : value;
      return number === undefined || !Number.isFinite(number) ? undefined : Math.min(1, Math.max(0, scale(number)));
    },
    ticks: ticks.map((value) => ({ at: scale(value), text: formatValue(value) })),
  };
}

/** Whether values would lie on each other at the lower end of an even scale. */
function isCrowded(values: readonly number[], from: number, to: number): boolean {
  const median = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? to;
  return to / from >= wideSpan && (median - from) / (to - from) < lowMedian;
}

/** Powers of ten; where there is one at most, the ends and what lies between them in the middle of the scale. */
function listLogTicks(from: number, to: number): readonly number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const count = Math.max(0, Math.floor(Math.log10(to) + 1e-9) - first + 1);
  const every = Math.ceil(count / 6);
  const powers = Array.from({ length: count }, (_, i) => i).filter((i) => i % every === 0);
  if (powers.length > 1) return powers.map((i) => Number((10 ** (first + i)).toPrecision(12)));
  return [from, Math.sqrt(from * to), to].map((value) => Number(value.toPrecision(2)));
}

function makeCategories(name: string, values: readonly string[]): ParamAxis {
  const all = [...new Set(values)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const places = new Map(all.map((value, index) => [value, all.length > 1 ? index / (all.length - 1) : 0.5]));
  const every = Math.ceil(all.length / mostNamed);
  return {
    name,
    kind: "category",
    place: (value) => (value === undefined ? undefined : places.get(String(value))),
    ticks: all.flatMap((value, index) =>
      index % every === 0 ? [{ at: places.get(value) ?? 0, text: formatParam(value, 16) }] : [],
    ),
  };
}
