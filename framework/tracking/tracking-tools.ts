/**
 * What the routes of the tracking server stand on.
 * @module
 */
import type { Store } from "../store/store.ts";
import type { Sql } from "./database.ts";
import type { RunWriter } from "./runs/run-writer.ts";
import type { Sealer } from "./seal/sealer.ts";

/** What the tracking server needs of the store. */
export type TrackingStore = Pick<
  Store,
  | "putBytes"
  | "putFile"
  | "putJson"
  | "getBytes"
  | "getJson"
  | "fetchFile"
  | "has"
  | "stat"
  | "writeOnce"
  | "readName"
  | "listNames"
>;

export interface TrackingTools {
  /** Postgres, the truth of what is tracked. Tables are in the schema `tracking`, which need not be named. */
  readonly sql: Sql;
  /** The same, for statements that look up a few rows for each of many keys. */
  readonly lookups: Sql;
  readonly store: TrackingStore;
  /** Writes metrics, parameters and tags of runs, many requests in one commit. */
  readonly writer: RunWriter;
  /** Seals runs that are due; told whenever some may be. */
  readonly sealer: Sealer;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Told what fails, in one line each, for the program's own log. */
  readonly report: (line: string) => void;
}
