/**
 * Columns of DuckDB's chunks as typed arrays. What is null has an arbitrary value there, so that queries leave no nulls.
 * @module
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";

type Items = Int32Array | BigInt64Array | Float64Array;

/**
 * The memory of a column: INTEGER as Int32Array, TIMESTAMP in microseconds as BigInt64Array (an infinity is the number
 * farthest out), DOUBLE as Float64Array. The driver reads and writes value by value, a hundred times slower, and keeps
 * this to itself.
 *
 * @throws TypeError when the column has another type, or a later driver keeps its values elsewhere
 */
export function itemsOf<I extends Items>(
  chunk: DuckDBDataChunk,
  column: number,
  type: abstract new (...args: never) => I,
): I {
  const vector = chunk.getColumnVector(column);
  const items: unknown = Reflect.get(vector, "items");
  if (items instanceof type) return items;
  throw new TypeError(`column ${column} is no ${type.name}: it came as ${vector.type}`);
}
