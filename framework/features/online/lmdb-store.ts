/**
 * The online store in one LMDB environment, a folder on a local disk. Any number of processes may read it while one
 * writes; they see what is in force when a turn of their event loop begins to read. Keys, in the order of their first byte:
 *
 *     0 table        state of a table: generation (32 bits), zeros (32), as of (64), then JSON
 *     1 generation   key of an entity: its row
 *     2 generation   a generation that is being written, or whose rows are being removed: table
 *     3              the last generation there was
 *
 * @module
 */
import type { Database } from "lmdb";
import { StewardError } from "../../definitions/problem.ts";
import { encodeKey, type KeyValue } from "./entity-key.ts";
import { absentRow, eventTimeAt, type RowTarget, readRow } from "./layout.ts";
import {
  type Environment,
  type EnvironmentOptions,
  failed,
  openEnvironment,
  type Rows,
  requireRoom,
} from "./lmdb-environment.ts";
import {
  checkTableName,
  latestOf,
  nowInMicroseconds,
  type OnlineRow,
  type OnlineStore,
  type OnlineTable,
  readState,
  requireUpsertable,
  type StoredRow,
  superseded,
  type TableRead,
  type TableStatus,
  type TableWriter,
  toStoredRows,
  type WriteOptions,
  writeState,
} from "./online-store.ts";

const kinds = { state: 0, row: 1, unfinished: 2, counter: 3 } as const;
const counterKey = Buffer.of(kinds.counter);
/** A transaction blocks other writers, and holds its pages in memory. */
const rowsPerTransaction = 5000;
const stateHeader = 16;

interface TableState {
  readonly generation: number;
  /** The JSON. */
  readonly text: string;
}

/** Opens the store in a folder. A reader of a folder in which nothing is yet finds no tables. */
export function openLmdbStore(options: EnvironmentOptions): OnlineStore {
  return new LmdbStore(options);
}

class LmdbStore implements OnlineStore {
  readonly #options: EnvironmentOptions;
  #opening: Promise<Environment | undefined> | undefined;
  #environment: Environment | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
  }

  async getMany(
    table: OnlineTable,
    keys: readonly (readonly (KeyValue | null | undefined)[])[],
    targets?: readonly RowTarget[],
  ): Promise<TableRead> {
    const rows = await this.#open();
    const state = rows?.getBinaryFast(stateKey(table.name));
    if (!rows || !state) return { rows: keys.map(() => absentRow) };
    const generation = state.readUInt32LE(0);
    const asOf = state.readBigInt64LE(8);
    return {
      asOf,
      rows: keys.map((values, i) => {
        const key = encodeKey(values);
        // The memory is the same for every row: it is read before the next one is looked up.
        const row = key && rows.getBinaryFast(rowKey(generation, key));
        return row ? readRow(table.layout, row, targets?.[i]) : absentRow;
      }),
    };
  }

  async begin(table: OnlineTable, options: WriteOptions): Promise<TableWriter> {
    const rows = await this.#openToWrite();
    checkTableName(table.name);
    if (options.mode === "upsert") {
      const { generation } = requireUpsertable(await this.status(table.name), table);
      return createWriter({ rows, table, options, generation });
    }
    const generation = await write(rows, () => {
      const last = rows.get(counterKey)?.readUInt32LE(0) ?? 0;
      rows.putSync(counterKey, toUInt32(last + 1));
      // Whoever began before has lost its turn: what it has written is swept away below.
      for (const other of listUnfinished(rows)) {
        if (other.table === table.name) rows.putSync(unfinishedKey(other.generation), Buffer.alloc(0));
      }
      rows.putSync(unfinishedKey(last + 1), Buffer.from(table.name));
      return last + 1;
    });
    rows.readerCheck();
    await sweep(rows);
    return createWriter({ rows, table, options, generation });
  }

  async remove(table: string, keys: readonly (readonly KeyValue[])[]): Promise<number> {
    const rows = await this.#openToWrite();
    return write(rows, () => {
      const state = readTableState(rows, table);
      if (!state) return 0;
      let removed = 0;
      for (const values of keys) {
        const key = encodeKey(values);
        if (key && rows.doesExist(rowKey(state.generation, key))) {
          rows.removeSync(rowKey(state.generation, key));
          removed++;
        }
      }
      const status = readState(state.text, table);
      putState(rows, { ...status, rows: status.rows - removed });
      return removed;
    });
  }

  async drop(table: string): Promise<void> {
    const rows = await this.#openToWrite();
    await write(rows, () => {
      const state = readTableState(rows, table);
      if (state) rows.putSync(unfinishedKey(state.generation), Buffer.alloc(0));
      for (const other of listUnfinished(rows)) {
        if (other.table === table) rows.putSync(unfinishedKey(other.generation), Buffer.alloc(0));
      }
      rows.removeSync(stateKey(table));
    });
    await sweep(rows);
  }

  async list(): Promise<readonly string[]> {
    const rows = await this.#open();
    if (!rows) return [];
    const range = rows.getKeys({ start: Buffer.of(kinds.state), end: Buffer.of(kinds.state + 1) });
    return [...range].map((key) => Buffer.from(key).toString("utf8", 1)).sort();
  }

  async status(table: string): Promise<TableStatus | undefined> {
    const rows = await this.#open();
    const state = rows && readTableState(rows, table);
    return state && readState(state.text, table);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const environment = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    this.#environment = undefined;
    await environment?.close();
  }

  /** An environment that nobody has written yet cannot be opened for reading: it is looked for again. */
  async #open(): Promise<Rows | undefined> {
    if (this.#environment) return this.#environment.rows;
    this.#opening ??= openEnvironment(this.#options).then(
      (environment) => {
        this.#environment = environment;
        if (!environment) this.#opening = undefined;
        return environment;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return (await this.#opening)?.rows;
  }

  async #openToWrite(): Promise<Rows> {
    if (this.#options.readOnly) throw new TypeError("an online store that was opened to read was written to");
    const rows = await this.#open();
    if (!rows) throw new TypeError("a writer has an environment");
    return rows;
  }
}

/** Runs a change as one transaction, and waits until it is on the disk. */
async function write<T>(rows: Rows, change: () => T): Promise<T> {
  try {
    const result = await rows.transaction(change);
    await rows.flushed;
    return result;
  } catch (error) {
    throw error instanceof StewardError || error instanceof TypeError ? error : failed("", error);
  }
}

interface Writing {
  readonly rows: Rows;
  readonly table: OnlineTable;
  readonly options: WriteOptions;
  readonly generation: number;
}

function createWriter({ rows, table: { name, layout }, options, generation }: Writing): TableWriter {
  const { asOf, root } = options;
  const replaces = options.mode === "replace";
  let count = 0;
  let eventTime: bigint | undefined;

  /** What is in force, to be asked for within a transaction. */
  const requireTurn = (): TableState | undefined => {
    const state = readTableState(rows, name);
    const has = replaces ? rows.get(unfinishedKey(generation))?.toString() === name : state?.generation === generation;
    if (!has) throw superseded(name);
    return state;
  };
  const putBatch = (batch: readonly StoredRow[]) =>
    write(rows, () => {
      requireRoom(rows);
      const state = requireTurn();
      const added = batch.filter((row) => putNewer(rows, generation, row)).length;
      if (replaces) return added;
      if (!state) throw superseded(name);
      const status = readState(state.text, name);
      putState(rows, { ...status, rows: status.rows + added });
      return added;
    });
  return {
    putRows: async (given: readonly OnlineRow[]) => {
      const batch = toStoredRows(layout, given, asOf);
      count += await putBatch(batch);
      eventTime = latestOf(eventTime, given);
    },
    commit: async () => {
      const status = await write(rows, () => {
        const state = requireTurn();
        const before = state && readState(state.text, name);
        const base = replaces ? undefined : before;
        const latest = latestOf(base?.eventTime, eventTime === undefined ? [] : [{ eventTime }]);
        const next: TableStatus = {
          table: name,
          generation,
          layout: layout.digest,
          rows: base?.rows ?? count,
          ...(latest !== undefined && { eventTime: latest }),
          asOf,
          materialisedAt: nowInMicroseconds(),
          root,
        };
        putState(rows, next);
        if (replaces) {
          rows.removeSync(unfinishedKey(generation));
          if (state) rows.putSync(unfinishedKey(state.generation), Buffer.alloc(0));
        }
        return next;
      });
      await sweep(rows);
      return status;
    },
    abandon: async () => {
      if (!replaces) return;
      await write(rows, () => {
        if (rows.doesExist(unfinishedKey(generation))) rows.putSync(unfinishedKey(generation), Buffer.alloc(0));
      });
      await sweep(rows);
    },
  };
}

/** @returns whether the entity had no row */
function putNewer(rows: Rows, generation: number, { key, row, eventTime }: StoredRow): boolean {
  const at = rowKey(generation, key);
  const present = rows.getBinaryFast(at);
  if (present && present.readBigInt64LE(eventTimeAt) >= eventTime) return false;
  rows.putSync(at, row);
  return present === undefined;
}

/** Removes the rows of generations that are in force no more, a bounded number at once. */
async function sweep(rows: Rows): Promise<void> {
  for (const { generation, table } of listUnfinished(rows)) {
    if (table !== "") continue;
    const range = { start: rowKey(generation), end: rowKey(generation + 1), limit: rowsPerTransaction };
    for (;;) {
      const removed = await write(rows, () => {
        const keys = [...rows.getKeys(range)];
        for (const key of keys) rows.removeSync(key);
        if (keys.length < rowsPerTransaction) rows.removeSync(unfinishedKey(generation));
        return keys.length;
      });
      if (removed < rowsPerTransaction) break;
    }
  }
}

/** Generations that are being written, with their table; those to be swept away have none. */
function listUnfinished(rows: Database<Buffer, Uint8Array>): { generation: number; table: string }[] {
  const range = rows.getRange({ start: Buffer.of(kinds.unfinished), end: Buffer.of(kinds.unfinished + 1) });
  return [...range].map(({ key, value }) => ({
    generation: Buffer.from(key).readUInt32BE(1),
    table: value.toString(),
  }));
}

function readTableState(rows: Rows, table: string): TableState | undefined {
  const bytes = rows.get(stateKey(table));
  if (!bytes) return undefined;
  return {
    generation: bytes.readUInt32LE(0),
    text: bytes.toString("utf8", stateHeader),
  };
}

function putState(rows: Rows, status: TableStatus): void {
  const header = Buffer.alloc(stateHeader);
  header.writeUInt32LE(status.generation, 0);
  header.writeBigInt64LE(status.asOf, 8);
  rows.putSync(stateKey(status.table), Buffer.concat([header, Buffer.from(writeState(status))]));
}

function stateKey(table: string): Buffer {
  return Buffer.from(`\0${table}`);
}

function rowKey(generation: number, key: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.allocUnsafe(5 + key.length);
  bytes[0] = kinds.row;
  bytes.writeUInt32BE(generation, 1);
  bytes.set(key, 5);
  return bytes;
}

function unfinishedKey(generation: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = kinds.unfinished;
  bytes.writeUInt32BE(generation, 1);
  return bytes;
}

function toUInt32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
