/**
 * The differences between two specs, as paths with what stood there and what will.
 * @module
 */
import type { Json } from "./canonical.ts";

export interface Difference {
  /** `gates[1].value`. */
  readonly path: string;
  /** @default nothing stood there */
  readonly before?: Json;
  /** @default nothing will stand there */
  readonly after?: Json;
}

/** Lists the smallest parts in which two JSON values differ, in the order of the second, then what only the first has. */
export function compareSpecs(before: Json | undefined, after: Json | undefined, path = ""): readonly Difference[] {
  if (before === after) return [];
  if (isList(before) && isList(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => compareSpecs(before[i], after[i], `${path}[${i}]`)).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return keys.flatMap((key) => compareSpecs(before[key], after[key], path ? `${path}.${key}` : key));
  }
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
