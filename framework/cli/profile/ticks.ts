/**
 * Where a scale has its ticks, and what stands at them. Pure.
 * @module
 */
import type { ColumnProfile } from "../../data/profile/profile.ts";
import { listEvenTicks } from "../../page/even-ticks.ts";
import type { Scale } from "./scale.ts";
import { formatNumber } from "./value-text.ts";

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Ticks of a scale, about as many as asked for. */
export function chooseTicks(scale: Scale, type: ColumnProfile["type"], most: number): Tick[] {
  if (type === "timestamp") return chooseTimes(scale, most);
  return scale.kind === "even" ? chooseEven(scale, type, most) : chooseMagnitudes(scale, most);
}

function chooseEven(scale: Scale, type: ColumnProfile["type"], most: number): Tick[] {
  return listEvenTicks(scale, most, type === "integer" ? 1 : 0).map((at) => ({ at, text: formatNumber(at) }));
}

function chooseMagnitudes({ from, to }: Scale, most: number): Tick[] {
  const [first, last] = [Math.ceil(Math.log10(from)), Math.floor(Math.log10(to))];
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks: Tick[] = [];
  for (let power = first; power <= last; power += step)
    ticks.push({ at: 10 ** power, text: formatNumber(10 ** power) });
  return ticks;
}

const second = 1e6;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** Steps of the same length; longer ones are months and years. */
const steps = [1, 5, 15, 30]
  .flatMap((n) => n * second)
  .concat(
    [1, 5, 15, 30].map((n) => n * minute),
    [1, 3, 6, 12].map((n) => n * hour),
    [1, 2, 7, 14].map((n) => n * day),
  );
const months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400];

function chooseTimes({ from, to }: Scale, most: number): Tick[] {
  const least = (to - from) / most;
  const step = steps.find((step) => step >= least);
  if (step === undefined) return chooseMonths({ from, to }, least);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, index) => {
    const at = (first + index) * step;
    const iso = new Date(at / 1000).toISOString();
    const text = step >= day ? iso.slice(5, 10) : step >= minute ? iso.slice(11, 16) : iso.slice(11, 19);
    // Where days change, the day stands.
    return { at, text: step < day && at % day === 0 ? iso.slice(5, 10) : text };
  });
}

function chooseMonths({ from, to }: Pick<Scale, "from" | "to">, least: number): Tick[] {
  const step = months.find((count) => count * 30 * day >= least) ?? 12_000;
  const ticks: Tick[] = [];
  const begin = new Date(from / 1000);
  const first = Math.floor((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / step) * step;
  for (let month = first; ; month += step) {
    const date = new Date(0);
    date.setUTCFullYear(Math.floor(month / 12), month % 12, 1);
    const at = date.getTime() * 1000;
    if (!(at <= to)) return ticks;
    const iso = date.toISOString();
    if (at >= from) ticks.push({ at, text: step >= 12 ? iso.slice(0, 4) : iso.slice(0, 7) });
  }
}
