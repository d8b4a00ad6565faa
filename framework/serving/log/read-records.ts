/**
 * The newest records of a log, filtered: from the parts in the store, the newest first until there are enough, and from what is not
 * a part yet: segments of this machine, and entries of the journal.
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { mapConcurrently } from "../../data/concurrency.ts";
import { type DuckDb, withDuckDb } from "../../data/duckdb.ts";
import { quotePath, quoteText } from "../../data/sql.ts";
import { StewardError } from "../../definitions/problem.ts";
import { listProcessFolders } from "../processes/process-folder.ts";
import { readLines, selectLines } from "./convert-segment.ts";
import { type LogReadingStore, listDays, listParts } from "./list-parts.ts";
import { type LogAddress, logName, logPartSchema } from "./log-part.ts";
import { type RecordRow, readColumns, sameRecord } from "./record-columns.ts";
import { compileFilter, listRowNames, type RecordFilter, type RowName } from "./record-filter.ts";
import { readReplica } from "./replica.ts";
import { listSegments } from "./segment-target.ts";

export interface ReadOptions {
  readonly store: LogReadingStore;
  readonly address: LogAddress;
  /** The folder of segments on this machine. @default there is none here */
  readonly folder?: string | undefined;
  readonly filter: RecordFilter;
  /** How many at most. */
  readonly limit: number;
  /** Whether what is in the store as parts is left out. @default false */
  readonly onlyUnshipped?: boolean;
  /** The places of parts that were read already and are not read again: those that are read are added. @default all are read */
  readonly seenParts?: Set<string>;
}

/** As many entries are read at once. */
const readAtOnce = 16;

const row = z.record(z.string(), z.unknown()).transform((value) => value as RecordRow);

/** Reads the newest records that a filter lets through, the oldest of them first; each once, however often it is there. */
export async function readNewest(options: ReadOptions): Promise<RecordRow[]> {
  return await withDuckDb(tmpdir(), async (db) => {
    const newest = new NewestRows(options.limit);
    const reading = new Reading(db, options);
    newest.take(await reading.readUnshipped());
    if (!options.onlyUnshipped) await reading.readParts(newest);
    return newest.list();
  });
}

/** The newest rows, as they are found: the parts of a replica come the newest first. */
class NewestRows {
  readonly #limit: number;
  readonly #rows = new Map<string, RecordRow>();
  readonly #counts = new Map<unknown, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(rows: readonly RecordRow[]): void {
    for (const row of rows) {
      const key = sameRecord(row);
      if (!this.#rows.has(key)) this.#counts.set(row.replica, (this.#counts.get(row.replica) ?? 0) + 1);
      this.#rows.set(key, row);
    }
  }

  /** Whether there are enough of a replica, whatever it has beside. */
  hasEnoughOf(replica: string): boolean {
    return (this.#counts.get(replica) ?? 0) >= this.#limit;
  }

  get hasEnough(): boolean {
    return this.#rows.size >= this.#limit;
  }

  list(): RecordRow[] {
    return [...this.#rows.values()].sort(byTime).slice(-this.#limit);
  }
}

function byTime(a: RecordRow, b: RecordRow): number {
  const [x, y] = [String(a.time ?? ""), String(b.time ?? "")];
  if (x !== y) return x < y ? -1 : 1;
  return Number(a.sequence) - Number(b.sequence);
}

class Reading {
  readonly #db: DuckDb;
  readonly #options: ReadOptions;
  #names: readonly RowName[] | undefined;
  #files = 0;

  constructor(db: DuckDb, options: ReadOptions) {
    this.#db = db;
    this.#options = options;
  }

  async readUnshipped(): Promise<RecordRow[]> {
    const { store, address, folder: parent } = this.#options;
    const rows: RecordRow[] = [];
    for (const folder of parent === undefined ? [] : await listProcessFolders(parent))
      for (const { path } of await listSegments({ folder, stream: address.stream })) {
        // A segment that was shipped a moment ago is gone.
        const bytes = await readFile(path).catch(() => undefined);
        if (bytes) rows.push(...(await this.#readText(bytes, readReplica(folder) ?? "here")));
      }
    // A query for each of thousands of entries would take minutes.
    const root = `${logName(address)}/`;
    const entries = new Map<string, string[]>();
    for await (const { name } of store.entries.list(root)) {
      const [replica = "", numbers = ""] = name.slice(root.length).split("/");
      if (this.#isKnown(replica, Number(numbers.split("-")[1]))) continue;
      const names = entries.get(replica) ?? [];
      names.push(name);
      entries.set(replica, names);
    }
    for (const [replica, names] of entries) {
      const found = await mapConcurrently(names, readAtOnce, (name) => store.entries.read(name));
      rows.push(...(await this.#readText(Buffer.concat(found.flatMap((bytes) => bytes ?? [])), replica)));
    }
    return rows;
  }

  /** Whether the filter is of later records of a replica than those up to a number. */
  #isKnown(replica: string, last: number): boolean {
    return last <= (this.#options.filter.after?.get(replica) ?? 0);
  }

  /** Reads parts, the newest day first, for as long as there is not enough of their replica. */
  async readParts(newest: NewestRows): Promise<void> {
    const { store, address, filter, seenParts } = this.#options;
    // A replica's parts come the newest first: behind one that is too old all are.
    const done = new Set<string>();
    for (const day of await listDays(store, address, filter.since)) {
      if (newest.hasEnough) return;
      for (const { place, replica, last } of await listParts(store, address, day)) {
        if (seenParts?.has(place) || done.has(replica) || this.#isKnown(replica, last)) continue;
        if (newest.hasEnoughOf(replica)) continue;
        const part = logPartSchema.optional().parse(await store.readName(`${logName(address)}/${place}`));
        if (isBefore(part?.span?.to, filter.since, slack)) done.add(replica);
        if (!part || isBefore(part.span?.to, filter.since)) continue;
        const path = await store.fetchFile(part.object);
        newest.take(await this.#query(`SELECT ${readColumns} FROM read_parquet(${quotePath(path)})`));
        seenParts?.add(place);
      }
    }
  }

  async #readText(bytes: Buffer, replica: string): Promise<RecordRow[]> {
    const lines = readLines(bytes);
    if (lines.length === 0) return [];
    const path = join(this.#db.folder, `lines-${this.#files++}.jsonl`);
    await writeFile(path, `${lines.map((line) => line.bytes.toString("utf8")).join("\n")}\n`);
    const longest = lines.reduce((most, line) => Math.max(most, line.bytes.length), 0);
    return await this.#query(selectLines({ path, longest, replica: quoteText(replica) }));
  }

  async #query(records: string): Promise<RecordRow[]> {
    const { filter, limit } = this.#options;
    if (filter.where !== undefined && !this.#names?.length)
      this.#names = listRowNames(await this.#db.rows(`${records} LIMIT 1`, row));
    const newest = (from: string) => `SELECT * FROM (${from}) ORDER BY time DESC, sequence DESC LIMIT ${limit}`;
    const query = newest(compileFilter(records, filter, this.#names ?? []));
    try {
      return await this.#db.rows(query, row);
    } catch (error) {
      if (filter.where === undefined) throw error;
      throw refuseWhere(filter.where, { error, names: this.#names ?? [] });
    }
  }
}

/** Records are written in the order in which they were answered, and some were asked so much earlier than others, in milliseconds. */
const slack = 60_000;

function isBefore(to: string | undefined, since: Date | undefined, margin = 0): boolean {
  return since !== undefined && to !== undefined && Date.parse(to) < since.getTime() - margin;
}

function refuseWhere(
  where: string,
  { error, names }: { readonly error: unknown; readonly names: readonly RowName[] },
): StewardError {
  const [said = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  return new StewardError({
    code: "command-misused",
    at: "",
    what: `"--where" is no condition on records: ${said}`,
    got: where,
    expected: `SQL over ${[...names.map(({ name }) => name), "id", "time", "variant", "version", "unit", "caller", "latencyMicroseconds"].join(", ")}`,
  });
}
