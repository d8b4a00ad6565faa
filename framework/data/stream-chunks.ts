/**
 * The rows of a query as DuckDB has them: chunk by chunk, one in memory at a time.
 * @module
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { DuckDb } from "./duckdb.ts";

/** The chunks of a query's rows, in their order. @throws the signal's reason when it is aborted */
export async function* streamChunks(
  { connection }: DuckDb,
  query: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<DuckDBDataChunk> {
  try {
    const result = await connection.stream(query);
    for (;;) {
      signal?.throwIfAborted();
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
