/**
 * Tables of the online store in memory, for as long as somebody compares what is looked up with what it should be: rows are packed
 * and read as every store does it.
 * @module
 */
import { encodeKey, type KeyValue } from "./entity-key.ts";
import { absentRow, type RowTarget, readRow } from "./layout.ts";
import {
  latestOf,
  nowInMicroseconds,
  type OnlineStore,
  type OnlineTable,
  type TableRead,
  type TableWriter,
  toStoredRows,
  type WriteOptions,
} from "./online-store.ts";

interface Rows {
  readonly asOf: bigint;
  /** By the text of the key's bytes. */
  readonly byKey: Map<string, Buffer>;
}

const textOf = (key: Uint8Array): string => Buffer.from(key).toString("latin1");

/** Each table is written whole, and at once in force. */
export class MemoryTables implements Pick<OnlineStore, "begin" | "getMany"> {
  readonly #tables = new Map<string, Rows>();

  async begin(table: OnlineTable, { asOf, root }: WriteOptions): Promise<TableWriter> {
    const byKey = new Map<string, Buffer>();
    let latest: bigint | undefined;
    return {
      putRows: async (rows) => {
        latest = latestOf(latest, rows);
        for (const { key, row } of toStoredRows(table.layout, rows, asOf)) byKey.set(textOf(key), row);
      },
      commit: async () => {
        this.#tables.set(table.name, { asOf, byKey });
        return {
          table: table.name,
          generation: 1,
          layout: table.layout.digest,
          rows: byKey.size,
          ...(latest !== undefined && { eventTime: latest }),
          asOf,
          materialisedAt: nowInMicroseconds(),
          root,
        };
      },
      abandon: async () => undefined,
    };
  }

  async getMany(
    { name, layout }: OnlineTable,
    keys: readonly (readonly (KeyValue | null | undefined)[])[],
    targets?: readonly RowTarget[],
  ): Promise<TableRead> {
    const table = this.#tables.get(name);
    if (!table) return { rows: keys.map(() => absentRow) };
    return {
      asOf: table.asOf,
      rows: keys.map((values, i) => {
        const key = encodeKey(values);
        const row = key && table.byKey.get(textOf(key));
        return row ? readRow(layout, row, targets?.[i]) : absentRow;
      }),
    };
  }
}
