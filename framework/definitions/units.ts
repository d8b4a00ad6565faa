/**
 * Quantities as strings with units, and their values in one base unit each.
 * @module
 */
import { z } from "zod";

type TimeUnit = "second" | "minute" | "hour" | "day";

/** A length of time with its unit: `"15 minutes"`, `"1 day"`. */
export type Duration = `${number} ${TimeUnit}` | `${number} ${TimeUnit}s`;

/** An amount of memory or disk with its unit: `"4 GiB"`. */
export type Size = `${number} ${"MiB" | "GiB" | "TiB"}`;

const secondsPer: Readonly<Record<TimeUnit, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
const bytesPer = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** Bounded by its digits: what is longer than any history overflows the dates and SQL intervals that are made of it. */
export const durationPattern =
  /^(\d{1,10}(\.\d+)? seconds?|\d{1,8}(\.\d+)? minutes?|\d{1,7}(\.\d+)? hours?|\d{1,5}(\.\d+)? days?)$/;
const durationForm = 'a duration with its unit, such as "7 days", of at most 99999 days';
const sizeForm = 'a size with its unit, such as "4 GiB", above 0 and below 1000 TiB';
const sizePattern = /^(?=.*[1-9])(\d{1,9}(\.\d+)? MiB|\d{1,6}(\.\d+)? GiB|\d{1,3}(\.\d+)? TiB)$/;

/** A duration, as a spec has it. */
export const duration = z.string(durationForm).regex(durationPattern, durationForm);
/** A size, as a spec has it. */
export const size = z.string(sizeForm).regex(sizePattern, sizeForm);

/** A duration in seconds. The text has been validated by `durationPattern`. */
export function toSeconds(duration: string): number {
  const [amount, unit] = duration.split(" ") as [string, string];
  return Number(amount) * secondsPer[unit.replace(/s$/, "") as TimeUnit];
}

/** A size in bytes. The text has been validated by `sizePattern`. */
export function toBytes(size: string): number {
  const [amount, unit] = size.split(" ") as [string, keyof typeof bytesPer];
  return Number(amount) * bytesPer[unit];
}

/** Seconds for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const tenths = Math.round(seconds * 10) / 10;
  if (tenths < 10) return `${tenths} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joinUnits([Math.floor(whole / 60), "min"], [whole % 60, "s"]);
  const minutes = Math.round(seconds / 60);
  const hours = Math.round(minutes / 60);
  // Of what has lasted for days, the minutes tell nothing.
  if (minutes >= 72 * 60) return joinUnits([Math.floor(hours / 24), "days"], [hours % 24, "h"]);
  return joinUnits([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
}

function joinUnits(
  [large, largeUnit]: readonly [number, string],
  [small, smallUnit]: readonly [number, string],
): string {
  return small > 0 ? `${large} ${largeUnit} ${small} ${smallUnit}` : `${large} ${largeUnit}`;
}
