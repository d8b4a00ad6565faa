/**
 * The values of joined sets as a relation: a table function that gives DuckDB what stands in memory.
 * @module
 */
import { DOUBLE, DuckDBTableFunction } from "@duckdb/node-api";
import type { DuckDb } from "../../data/duckdb.ts";
import { itemsOf } from "./vectors.ts";

/** Names are never used again: a database keeps a function for as long as it is open. */
let registered = 0;

/** How many rows a chunk of DuckDB holds. */
const chunkRows = 2048;

/** Rows of numbers, one row after the other. */
export interface JoinedValues {
  readonly values: Float64Array;
  readonly rows: number;
}

/**
 * Registers a relation with the columns `v0`, `v1` … of DOUBLE. Each query that reads it reads, in their order, the rows
 * that `current` gives when it begins.
 * @returns how a query names it
 */
export function registerValues(db: DuckDb, width: number, current: () => JoinedValues): string {
  const name = `joined_values_${registered++}`;
  let next = 0;
  const relation = DuckDBTableFunction.create({
    name,
    bindFunction: (bind) => {
      for (let column = 0; column < width; column++) bind.addResultColumn(`v${column}`, DOUBLE);
    },
    initFunction: (init) => {
      init.setMaxThreads(1);
      next = 0;
    },
    mainFunction: (_, chunk) => {
      const { values, rows } = current();
      const count = Math.min(chunkRows, rows - next);
      chunk.rowCount = count;
      if (count === 0) return;
      for (let column = 0; column < width; column++) {
        const items = itemsOf(chunk, column, Float64Array);
        for (let i = 0, from = next * width + column; i < count; i++, from += width) items[i] = values[from] as number;
        chunk.getColumnVector(column).flush();
      }
      next += count;
    },
  });
  db.connection.registerTableFunction(relation);
  return `${name}()`;
}
