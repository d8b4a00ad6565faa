/**
 * The online store: tables of packed rows, one row per entity, for a server that answers a request now.
 *
 * The base operation is the replacement: a table is written whole, as a new generation beside the one in force, and
 * switched to at once, so that a reader sees the old one or the new one. The rows of an upsert go into the generation in
 * force, some at a time; of two rows of one entity the one with the later event time stays, so an upsert
 * that was cut short is done again without harm. It is for appends: rows that were corrected or removed need a
 * replacement. Wherever a writer ends, what was in force stays in force, and the next writer of the table takes away what
 * the other left. One writer at a time is enough for a table; of two replacements the one that began later wins, and the
 * other one is told.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { StewardError } from "../../definitions/problem.ts";
import { admitDocument, versioned } from "../../definitions/versioned.ts";
import { toCanonicalJson } from "../../plan/canonical.ts";
import type { Digest } from "../../plan/digest.ts";
import { encodeKey, type KeyValue } from "./entity-key.ts";
import { type OnlineValue, packRow, type RowLayout, type RowRead, type RowTarget } from "./layout.ts";

/** A table: its name says what its rows mean, its layout how they are read. */
export interface OnlineTable {
  /** Lower-case letters, digits, hyphens and dots. */
  readonly name: string;
  readonly layout: RowLayout;
}

/** A row to be written. */
export interface OnlineRow {
  readonly key: readonly KeyValue[];
  /** In the order of the layout's features. */
  readonly values: readonly OnlineValue[];
  /** When it happened, in microseconds since 1970. */
  readonly eventTime: bigint;
}

/** What is written, and from what. */
export interface WriteOptions {
  readonly mode: "replace" | "upsert";
  /** The moment as of which the rows are: what was known then is in them. Microseconds since 1970. */
  readonly asOf: bigint;
  /** The root of the dataset version that the rows come from. */
  readonly root: Digest;
}

/** A table that is being written. */
export interface TableWriter {
  /** Puts rows. Of rows with one key the one with the latest event time stays, of equal ones the first. */
  putRows(rows: readonly OnlineRow[]): Promise<void>;
  /** Puts the written rows in force, and the state of the table with them. */
  commit(): Promise<TableStatus>;
  /** Takes back a replacement. What an upsert has put stays. */
  abandon(): Promise<void>;
}

/** What is in force of a table. */
export interface TableStatus {
  readonly table: string;
  /** Rises with every replacement. */
  readonly generation: number;
  /** The digest of the layout. */
  readonly layout: Digest;
  readonly rows: number;
  /** The latest event time of its rows, in microseconds since 1970. @default there was no row */
  readonly eventTime?: bigint;
  /** The moment as of which its rows are, in microseconds since 1970. */
  readonly asOf: bigint;
  /** When it was written, in microseconds since 1970. */
  readonly materialisedAt: bigint;
  /** The root of the dataset version that its rows come from. */
  readonly root: Digest;
}

/** What was found in a table, all rows in one generation and at one moment. */
export interface TableRead {
  /** The moment as of which the table is, in microseconds since 1970. @default there is no such table */
  readonly asOf?: bigint;
  /** In the order of the keys. */
  readonly rows: readonly RowRead[];
}

/** An online store. */
export interface OnlineStore extends AsyncDisposable {
  /**
   * Looks up entities. Numbers are written into the target of each, where it has one.
   * @throws StewardError `online-row-damaged`, `online-store-unreachable`, …
   */
  getMany(
    table: OnlineTable,
    keys: readonly (readonly (KeyValue | null | undefined)[])[],
    targets?: readonly RowTarget[],
  ): Promise<TableRead>;
  /** @throws StewardError `online-table-unfit` for an upsert into what is not there or has another layout */
  begin(table: OnlineTable, options: WriteOptions): Promise<TableWriter>;
  /** Removes entities from what is in force; an upsert may bring them back. @returns how many there were */
  remove(table: string, keys: readonly (readonly KeyValue[])[]): Promise<number>;
  /** Removes a table with all its generations. */
  drop(table: string): Promise<void>;
  /** The names of the tables that are in force, sorted. */
  list(): Promise<readonly string[]>;
  /** @returns nothing where there is no such table */
  status(table: string): Promise<TableStatus | undefined>;
}

/** How long ago the moment lies as of which a table is, in seconds. */
export function freshnessOf({ asOf }: Pick<TableStatus, "asOf">, now: bigint): number {
  return Number(now - asOf) / 1e6;
}

const microseconds = z.string().regex(/^-?\d+$/);

/** The state of a table, as stores keep it; times are texts of microseconds. */
const stateSchema = versioned("online-table", {
  table: z.string(),
  generation: z.int(),
  layout: z.string(),
  rows: z.int(),
  /** @default there was no row */
  eventTime: microseconds.optional(),
  asOf: microseconds,
  materialisedAt: microseconds,
  root: z.string(),
});

/** The state of a table as a text. */
export function writeState(status: TableStatus): string {
  const { eventTime, asOf, materialisedAt, ...rest } = status;
  const state: z.output<typeof stateSchema> = {
    format: formatOf("online-table"),
    ...rest,
    ...(eventTime !== undefined && { eventTime: String(eventTime) }),
    asOf: String(asOf),
    materialisedAt: String(materialisedAt),
  };
  return toCanonicalJson(state);
}

/** @throws StewardError `format-newer` where a newer version wrote it */
export function readState(text: string, table: string): TableStatus {
  const {
    format: _format,
    eventTime,
    asOf,
    materialisedAt,
    ...rest
  } = stateSchema.parse(admitDocument(JSON.parse(text), { at: table, name: "online-table" }));
  return {
    ...rest,
    ...(eventTime !== undefined && { eventTime: BigInt(eventTime) }),
    asOf: BigInt(asOf),
    materialisedAt: BigInt(materialisedAt),
  };
}

/** A row as a store keeps it. */
export interface StoredRow {
  readonly key: Uint8Array;
  readonly row: Buffer;
  /** As the row has it. */
  readonly eventTime: bigint;
}

/** @throws StewardError `online-row-invalid` for a key that names no entity, or a value that no row can hold */
export function toStoredRows(layout: RowLayout, rows: readonly OnlineRow[], asOf: bigint): StoredRow[] {
  return rows.map(({ key, values, eventTime }) => {
    const encoded = encodeKey(key);
    if (encoded === undefined) {
      const what = "a row has a key that names no entity: one of its values is missing or no text of Unicode";
      throw new StewardError({ code: "online-row-invalid", at: "key", what });
    }
    return { key: encoded, row: packRow(layout, { values, eventTime, asOf }), eventTime };
  });
}

/** The latest of event times. */
export function latestOf(one: bigint | undefined, rows: readonly { readonly eventTime: bigint }[]): bigint | undefined {
  return rows.reduce((latest, { eventTime }) => (latest === undefined || eventTime > latest ? eventTime : latest), one);
}

/** The time now, in microseconds since 1970. */
export function nowInMicroseconds(): bigint {
  return BigInt(Date.now()) * 1000n;
}

/** @throws TypeError for a name that a key of a store could be broken out of with */
export function checkTableName(name: string): string {
  if (!/^[a-z0-9][-a-z0-9.]{0,200}$/.test(name)) throw new TypeError(`a table cannot be called "${name}"`);
  return name;
}

/** The error of a writer that has lost its turn. */
export function superseded(table: string): StewardError {
  const what = `table "${table}" was begun anew or dropped while it was being written`;
  return new StewardError({ code: "online-table-superseded", at: table, what });
}

/** @throws StewardError `online-table-unfit` where rows cannot be added to what is in force */
export function requireUpsertable(status: TableStatus | undefined, { name, layout }: OnlineTable): TableStatus {
  if (status && status.layout === layout.digest) return status;
  throw new StewardError({
    code: "online-table-unfit",
    at: name,
    what: status ? `table "${name}" has another layout` : `table "${name}" is not there`,
  });
}
