/**
 * Fitting: what steps of a derivation find in the rows that they are given. The same rows have the same values, bit by bit,
 * and no more than a chunk of them is in memory.
 * @module
 */
import { z } from "zod";
import type { StepOf } from "../../definitions/derivation-step.ts";
import type { DuckDb } from "../duckdb.ts";
import { quoteName } from "../sql.ts";
import { streamChunks } from "../stream-chunks.ts";
import { type FittedValue, fittedValue } from "./fitted-value.ts";
import type { Flow } from "./flow.ts";

/** What is to be found for a column. */
export type Fit =
  | { readonly column: string; readonly by: "mean" | "median" | "most-frequent"; readonly of?: never }
  | { readonly column: string; readonly by: "quantiles"; readonly of: readonly [number, number] };

/** What a step has to find before it can be done. */
export function listFits(step: StepOf<"clip"> | StepOf<"impute">): Fit[] {
  if (step.step === "clip")
    return step.columns.flatMap((column) =>
      "quantiles" in column ? [{ column: column.name, by: "quantiles", of: column.quantiles } as const] : [],
    );
  return step.columns.flatMap((column) => ("by" in column ? [{ column: column.name, by: column.by } as const] : []));
}

/** Finds what is to be found for a column. @returns nothing when the column has no value */
export async function fitValues(
  db: DuckDb,
  flow: Pick<Flow, "relation">,
  { fit, signal }: { readonly fit: Fit; readonly signal: AbortSignal | undefined },
): Promise<FittedValue["values"] | undefined> {
  const column = quoteName(fit.column);
  const groups = `SELECT ${column} AS value, count(*) AS times FROM ${flow.relation} WHERE ${column} IS NOT NULL GROUP BY ${column}`;
  if (fit.by === "most-frequent") {
    const query = `SELECT value FROM (${groups}) ORDER BY times DESC, value LIMIT 1`;
    const [first] = await db.rows(query, z.object({ value: fittedValue.shape.values.element }));
    return first && [first.value];
  }
  const counted = `SELECT count(${column}) AS total FROM ${flow.relation}`;
  const [{ total } = { total: 0 }] = await db.rows(counted, z.object({ total: z.coerce.number() }));
  if (total === 0) return undefined;
  const sorted = streamGroups(db, `SELECT value, CAST(times AS DOUBLE) FROM (${groups}) ORDER BY value`, signal);
  if (fit.by === "mean") return [await findMean(sorted, total)];
  const found = await findQuantiles(sorted, { total, of: fit.of ?? [0.5] });
  return found.map((quantile) => quantile + 0);
}

/** A number, and how often it is there. */
type Group = readonly [value: number, times: number];
type Groups = AsyncIterable<readonly Group[]>;

async function* streamGroups(db: DuckDb, query: string, signal: AbortSignal | undefined): Groups {
  for await (const chunk of streamChunks(db, query, signal)) yield chunk.getRows() as unknown as Group[];
}

/** The mean of numbers that ascend: added up in this order, the same numbers always have the same one. */
async function findMean(groups: Groups, total: number): Promise<number> {
  let [sum, shares] = [0, 0];
  for await (const some of groups) {
    for (const [value, times] of some) {
      sum += value * times;
      shares += (value / total) * times;
    }
  }
  // The shares do not overflow, but are less exact.
  return Number.isFinite(sum) ? sum / total : shares;
}

/**
 * Quantiles of numbers that ascend. One lies where its share of the way from the first number to the last is; between two of
 * them in proportion.
 */
async function findQuantiles(
  groups: Groups,
  { total, of }: { readonly total: number; readonly of: readonly number[] },
): Promise<number[]> {
  const places = of.map((share) => {
    const at = share * (total - 1);
    return { below: Math.floor(at), above: Math.ceil(at), part: at - Math.floor(at), ends: [0, 0] as [number, number] };
  });
  let passed = 0;
  for await (const some of groups) {
    for (const [value, times] of some) {
      const next = passed + times;
      for (const place of places) {
        if (place.below >= passed && place.below < next) place.ends[0] = value;
        if (place.above >= passed && place.above < next) place.ends[1] = value;
      }
      passed = next;
    }
  }
  // Rounding leads no further than to the two that it lies between.
  return places.map(({ part, ends: [low, high] }) => Math.min(high, Math.max(low, low * (1 - part) + high * part)));
}
