/**
 * Event times in microseconds since 1970 in UTC: the precision of DuckDB's TIMESTAMP, which a JavaScript Date lacks.
 * @module
 */
import { toSeconds } from "../definitions/units.ts";

/** A duration in microseconds. The text has been validated by `durationPattern`. */
export function toMicroseconds(duration: string): bigint {
  return BigInt(Math.round(toSeconds(duration) * 1e6));
}

/** A time as RFC 3339, with six digits of a second where three do not tell it. */
export function formatTime(microseconds: bigint): string {
  const rest = ((microseconds % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((microseconds - rest) / 1000n)).toISOString();
  return rest === 0n ? text : text.replace("Z", `${String(rest).padStart(3, "0")}Z`);
}

/** The time that `formatTime` and versions of datasets write, in UTC with up to six digits of a second. */
export function parseTime(text: string): bigint {
  const [, whole = "", fraction = ""] = /^([^.]*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  return BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

/** A length of time for people, in the largest unit that is not a small fraction: `26.5 days`. */
export function formatLength(microseconds: bigint): string {
  const seconds = Number(microseconds) / 1e6;
  const [unit, size] = (
    [
      ["days", 86_400],
      ["hours", 3600],
      ["minutes", 60],
    ] as const
  ).find(([, size]) => seconds >= size) ?? ["seconds", 1];
  return `${Number((seconds / size).toFixed(1))} ${unit}`;
}
