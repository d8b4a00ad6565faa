/**
 * Rows of a PostgreSQL database, and rows that are pushed.
 * @module
 */
import type { Input } from "./input.ts";
import { readOptions } from "./options.ts";
import { referTo } from "./remote-files.ts";
import type { SourceSpec } from "./spec.ts";
import type { Duration } from "./units.ts";

/** What is read of a database. */
export interface PostgresOptions {
  /**
   * Where the database is and who reads it, as an input of the stack, which should hold it as a secret:
   * `postgres://user:password@host:5432/database`, with `?sslmode=verify-full` for a connection that is encrypted and whose
   * server is checked. PostgreSQL 14 or newer. Nothing is written, whatever the user may do.
   * @example input("warehouse.url")
   */
  readonly url: Input;
  /**
   * One SELECT whose columns are those of the schema, or more. It gives the same rows each time while the tables are the same.
   * @example "SELECT date, origin, delay, changed FROM flights"
   */
  readonly query: string;
  /**
   * A column of the query that is larger in every row that is added or changed than it was in all rows before: then only
   * such rows are read, and a version has them as one file more. It is a number or a time (without an offset it is UTC), and
   * never null; an index on it makes this cheap. A row whose time has not come waits, and of a date all rows until the day is
   * over. A row that has changed is there twice, as it was and as it is: `unique` of the contract would refuse that, until what
   * is old is read again.
   * @default all rows are read again when one of them has changed
   * @example "changed"
   */
  readonly cursor?: string;
  /**
   * How long it may take until a row with a time in its cursor can be seen, because its transaction is still open: younger
   * rows wait for the next time. Only with a cursor of times.
   * @default "0 seconds"
   * @example "5 minutes"
   */
  readonly lag?: Duration;
}

/**
 * The rows that a query gives, read in one snapshot of the database. It stands in `source` of a dataset.
 *
 * @example
 * postgres({ url: input("warehouse.url"), query: "SELECT * FROM flights", cursor: "changed", lag: "5 minutes" })
 */
export function postgres(options: PostgresOptions): Extract<SourceSpec, { readonly kind: "postgres" }> {
  const { url, ...others } = readOptions(options);
  return { kind: "postgres", url: referTo(url), ...others };
}

/**
 * Rows that others send to the stack over HTTP, in batches. It stands in `source` of a dataset. `npx steward status` shows where
 * they are sent to; docs/operations.md says how. A row is a JSON object; what it leaves out is null, and whether it keeps the
 * contract is judged when it is ingested.
 *
 * @example
 * dataset("clicks", { owner: "web", schema: Click, eventTime: "at", source: push(), schedule: every("10 minutes") })
 */
export function push(): Extract<SourceSpec, { readonly kind: "push" }> {
  return { kind: "push" };
}
