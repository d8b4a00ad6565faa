/**
 * The features of rows: computed, and looked up where a request does not bring them. A feature of which something is
 * missing or stale is never computed from a made-up value: it is what was declared, or null.
 * @module
 */

import type { ValueKind } from "../../definitions/expression-kind.ts";
import type { EndpointSpec } from "../../definitions/spec.ts";
import type { Scalar } from "../../features/compile-function.ts";
import type { OnlineValue, RowTarget } from "../../features/online/layout.ts";
import type { OnlineStore, OnlineTable } from "../../features/online/online-store.ts";
import {
  decideServing,
  findDefault,
  refuseServing,
  type Served,
  type ServingReason,
} from "../../features/online/policy.ts";
import type { CompiledFeatures, KeyOf } from "./compile-features.ts";
import type { RequestRow } from "./request-rows.ts";

export interface FeatureOptions {
  /** Where features are looked up. @default nowhere, for features that need no look-up */
  readonly online?: Pick<OnlineStore, "getMany"> | undefined;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly policy?: EndpointSpec["online"];
  /** The moment of the request, in microseconds since 1970. */
  readonly now: bigint;
}

/** What was looked up in a table. */
export interface TableUse {
  readonly table: string;
  /** The moment as of which it is, in microseconds since 1970. @default there is no such table */
  readonly asOf?: bigint;
  /** How many rows were served for what reason. */
  readonly reasons: Readonly<Partial<Record<ServingReason, number>>>;
}

/** The features of rows, by column. */
export interface FeatureRows {
  readonly columns: Readonly<Record<string, readonly OnlineValue[]>>;
  readonly tables: readonly TableUse[];
}

/** Finds the features of rows. @throws StewardError `online-row-absent`, `online-row-stale` where that is declared, as looking up */
export async function findFeatures(
  compiled: CompiledFeatures,
  rows: readonly RequestRow[],
  options: FeatureOptions,
): Promise<FeatureRows> {
  const { policy = {} } = options;
  const windows: Scalar[][] = rows.map(() => []);
  const tables: TableUse[] = [];
  const ofWindows: LookedUpRows[] = [];
  for (const { table, keyOf, offset, empty, kinds } of compiled.windows) {
    const found = await lookUp({ table, keyOf, rows, windows, ofWindows: true }, options);
    for (const [i, { serve }] of found.served.entries()) {
      const values =
        serve === "row" ? kinds.map((kind, at) => found.valueAt(i, at, kind)) : serve === "empty" ? empty : [];
      for (const [at, value] of values.entries()) (windows[i] ?? [])[offset + at] = value;
    }
    ofWindows.push(found);
    tables.push(found.use);
  }
  const columns: Record<string, OnlineValue[]> = {};
  const isMissing = (reads: readonly number[], row: number) => reads.some((at) => !isThere(ofWindows[at]?.served[row]));
  for (const { name, compute, reads } of compiled.computed) {
    columns[name] = rows.map(({ values }, i) =>
      // The kinds of features are numbers, truths and texts: no feature is a time.
      isMissing(reads, i) ? findDefault(policy, name) : (compute(values, windows[i] ?? []) as OnlineValue),
    );
  }
  for (const { table, keyOf, reads, ttl } of compiled.sets) {
    const found = await lookUp({ table, keyOf, rows, windows, ttl }, options);
    tables.push(found.use);
    for (const [at, { name, type }] of table.layout.features.entries()) {
      columns[name] = found.served.map(({ serve }, i) => {
        if (isMissing(reads, i) || serve === "default") return findDefault(policy, name);
        return serve === "row" ? (found.valueAt(i, at, type) as OnlineValue) : null;
      });
    }
  }
  return { columns, tables };
}

function isThere(served: Served | undefined): boolean {
  return served?.serve === "row" || served?.serve === "empty";
}

interface LookUp {
  readonly table: OnlineTable;
  readonly keyOf: KeyOf;
  readonly rows: readonly RequestRow[];
  readonly windows: readonly (readonly Scalar[])[];
  /** @default false */
  readonly ofWindows?: boolean;
  readonly ttl?: string | undefined;
}

interface LookedUpRows {
  readonly served: readonly Served[];
  readonly use: TableUse;
  /** The value of a feature of the table, of a row that was found. */
  readonly valueAt: (row: number, feature: number, kind: ValueKind) => Scalar;
}

async function lookUp(
  { table, keyOf, rows, windows, ofWindows = false, ttl }: LookUp,
  { online, policy = {}, now }: FeatureOptions,
): Promise<LookedUpRows> {
  if (!online) throw new TypeError("features are to be looked up, and there is no online store");
  const { features, categories: ofText } = table.layout;
  const numbers = new Float64Array(features.length * rows.length);
  const targets = rows.map((_, i): RowTarget & { readonly categories: (string | null)[] } => {
    return { numbers, at: i * features.length, categories: [] };
  });
  const keys = rows.map((row, i) => keyOf(row, windows[i] ?? []));
  const { asOf, rows: found } = await online.getMany(table, keys, targets);
  const declared = { ...policy, ...(ttl !== undefined && { ttl }) };
  const reasons: Partial<Record<ServingReason, number>> = {};
  const served = rows.map(({ eventTime }, i) => {
    const row = found[i] ?? { state: "absent" };
    const decided = decideServing({ row, asOf, now, eventTime, ofWindows }, declared);
    reasons[decided.reason] = (reasons[decided.reason] ?? 0) + 1;
    return decided;
  });
  const refused = served.find(({ serve }) => serve === "error");
  if (refused) throw refuseServing(refused, { table: table.name, maxAge: policy.maxAge });
  return {
    served,
    use: { table: table.name, ...(asOf !== undefined && { asOf }), reasons },
    valueAt: (row, feature, kind) => {
      if (kind === "string" || kind === "category") return targets[row]?.categories[ofText.indexOf(feature)] ?? null;
      return toScalar(numbers[row * features.length + feature] ?? Number.NaN, kind);
    },
  };
}

/** A number as it was kept, as what it stands for. */
function toScalar(number: number, kind: ValueKind): Scalar {
  if (Number.isNaN(number)) return null;
  if (kind === "boolean") return number !== 0;
  return kind === "timestamp" ? new Date(number) : number;
}
