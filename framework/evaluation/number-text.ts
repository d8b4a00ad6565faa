/**
 * How numbers of an evaluation are written for people: three digits that say something, more where fewer would mislead.
 * @module
 */
import type { Measurement } from "./evaluation.ts";

/** Decimals that leave at least three significant digits: 0.641, 0.0413, 35.21, 1,204. */
function usualDecimals(value: number): number {
  if (value === 0) return 3;
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return magnitude < -1 ? Math.min(2 - magnitude, 12) : Math.max(3 - Math.max(magnitude, 0), 0);
}

/** The usual decimals, or as many as it takes until a value no longer looks like a different limit: 0.6697 beside 0.67. */
export function tellingDecimals(value: number, ...limits: readonly number[]): number {
  let decimals = usualDecimals(value);
  const looksAlike = (limit: number) => limit !== value && limit.toFixed(decimals) === value.toFixed(decimals);
  while (decimals < 12 && limits.some(looksAlike)) decimals++;
  return decimals;
}

/** `0.641`, `1,204`. */
export function formatNumber(value: number, decimals: number = usualDecimals(value)): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** `0.641 [0.638, 0.645]`. */
export function formatMeasurement({ value, low, high }: Measurement, decimals: number = usualDecimals(value)): string {
  return `${formatNumber(value, decimals)} [${formatNumber(low, decimals)}, ${formatNumber(high, decimals)}]`;
}

/** `1 row`, `213,004 rows`. */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
