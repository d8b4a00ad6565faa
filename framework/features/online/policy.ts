/**
 * What is served of a row that the online store has not, or has but too old. Never silently a zero: what is served is the
 * row, nothing, or what was declared of the features, and why is told. Pure.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import { formatLength, toMicroseconds } from "../microseconds.ts";
import type { OnlineValue, RowRead } from "./layout.ts";

/** What is declared of features that are looked up. */
export interface OnlinePolicy {
  /**
   * What is served when a row is absent or stale: nothing, which is what training knows; a refusal of the request; or
   * values by the names of features, where the features that it does not name are null. The names were checked when the
   * project was resolved.
   * @default "null"
   */
  readonly otherwise?: "null" | "error" | Readonly<Record<string, OnlineValue>> | undefined;
  /** How long ago the moment may lie as of which the table is. Beyond it every row is stale. @default any time */
  readonly maxAge?: string | undefined;
  /** How long ago a row may have happened, as the join of a training set says it; an older one is none. @default any time */
  readonly ttl?: string | undefined;
}

/**
 * Why something was served. `expired`: as in training, the row is too old to be one. `stale`: the table was not
 * materialised for too long. `stale-layout`: it was written for other features.
 */
export type ServingReason = "fresh" | "absent" | "expired" | "stale" | "stale-layout";

/** What to serve. */
export interface Served {
  /** `empty`: the values of windows without rows, which is what an entity without a row has. */
  readonly serve: "row" | "empty" | "null" | "error" | "default";
  /** For metrics. */
  readonly reason: ServingReason;
  /** How long ago the moment lies as of which the table is, in seconds. @default there is no table */
  readonly age?: number;
}

/** What is known when a row has been looked up. */
export interface LookedUp {
  readonly row: RowRead;
  /** The moment as of which the table is. @default there is no table */
  readonly asOf?: bigint | undefined;
  /** The moment of the request. All in microseconds since 1970. */
  readonly now: bigint;
  /** When the request's row happens, by which the age of a joined row is judged, as in training. @default now */
  readonly eventTime?: bigint;
  /** Whether the table is one of windows. @default false */
  readonly ofWindows?: boolean;
}

/** Decides what is served of a row. */
export function decideServing(lookedUp: LookedUp, policy: OnlinePolicy): Served {
  const { asOf, now, ofWindows = false } = lookedUp;
  const reason = findReason(lookedUp, policy);
  const age = asOf === undefined ? {} : { age: Number(now - asOf) / 1e6 };
  if (reason === "fresh") return { serve: "row", reason, ...age };
  // A model was trained with nothing in the place of what has expired.
  if (reason === "expired") return { serve: "null", reason, ...age };
  if (reason === "absent" && ofWindows && asOf !== undefined) return { serve: "empty", reason: "fresh", ...age };
  const { otherwise = "null" } = policy;
  return { serve: typeof otherwise === "string" ? otherwise : "default", reason, ...age };
}

function findReason({ row, asOf, now, eventTime = now }: LookedUp, { maxAge, ttl }: OnlinePolicy): ServingReason {
  if (asOf !== undefined && maxAge !== undefined && now - asOf > toMicroseconds(maxAge)) return "stale";
  if (row.state !== "found") return row.state;
  return ttl !== undefined && row.eventTime < eventTime - toMicroseconds(ttl) ? "expired" : "fresh";
}

/** What is served of a feature that is not computed: what was declared, or nothing. */
export function findDefault({ otherwise }: OnlinePolicy, feature: string): OnlineValue {
  return typeof otherwise === "object" && Object.hasOwn(otherwise, feature) ? (otherwise[feature] ?? null) : null;
}

/** What a refusal says of a table. */
export interface RefusedTable {
  readonly table: string;
  readonly maxAge?: string | undefined;
}

/** The refusal where that is declared: `online-row-absent` or `online-row-stale`. */
export function refuseServing({ reason, age }: Served, { table, maxAge }: RefusedTable): StewardError {
  if (reason === "absent")
    return new StewardError({
      code: "online-row-absent",
      at: table,
      what: "the online store has no row of this entity",
    });
  const what =
    reason === "stale"
      ? "the rows of the online store are too old to be served"
      : "the rows of the online store were written for other features";
  return new StewardError({
    code: "online-row-stale",
    at: table,
    what,
    ...(reason === "stale" && age !== undefined && { got: formatLength(BigInt(Math.round(age * 1e6))) }),
    ...(reason === "stale" && maxAge !== undefined && { expected: `at most ${maxAge}` }),
  });
}
