/**
 * Scoring slices one after the other: rows are streamed from DuckDB in vectors, made into the model's matrix, answered, and written beside
 * what is kept of them. In memory is one batch of rows, and the answers of a slice.
 * @module
 */
import { DOUBLE, DuckDBDataChunk, type DuckDBDoubleVector } from "@duckdb/node-api";
import { copyToParquet, type DuckDb, openDuckDb } from "../data/duckdb.ts";
import { readDoubles } from "../data/profile/profile-numbers.ts";
import { streamChunks } from "../data/stream-chunks.ts";
import { openSharedTrees, type SharedTrees } from "../models/compiled-session.ts";
import { type ModelSession, openSession } from "../models/session.ts";
import { refusedCode } from "./encoded-inputs.ts";
import { answerColumn } from "./scored-columns.ts";
import type { ScorerSettings, SliceRequest } from "./scorer-message.ts";

/** Rows that are answered at once, and how many numbers they have at most: their matrix stays in the processor's memory. */
const mostBatchRows = 4096;
const batchNumbers = 2 ** 17;
/** DuckDB's step of rows. */
const chunkRows = 2048;
/** How many chunks there are between two collections, where the process lets itself be told. */
const collectedChunks = 8;
const answersTable = "answers";
const rowsView = "scored_rows";

export interface ScoredSlice {
  readonly rows: number;
  /** Rows that the model refuses, or has no finite answer for. */
  readonly refused: number;
}

/** What scores slices. Whoever opens it closes it. */
export interface SliceScorer {
  /** @param onRows told how many rows more are scored */
  score(slice: SliceRequest, onRows: (rows: number) => void): Promise<ScoredSlice>;
  close(): Promise<void>;
}

export interface SliceScorerOptions extends Omit<ScorerSettings, "threads"> {
  /** What answers. @default the runtime does */
  readonly trees?: SharedTrees | undefined;
}

/** Opens what answers, and a database. */
export async function openSliceScorer(options: SliceScorerOptions): Promise<SliceScorer> {
  const { onnx, width, answers, setup, folder, databaseBytes, trees } = options;
  const session = trees
    ? { ...openSharedTrees(trees), close: async () => undefined }
    : await openSession(onnx, width, answers);
  const db = await openDuckDb(folder, { memory: `${databaseBytes}B`, threads: 1 });
  for (const statement of setup) await db.run(statement);
  return {
    score: (slice, onRows) => scoreSlice({ db, session, options, onRows }, slice),
    close: async () => {
      await db.close();
      await session.close();
    },
  };
}

interface Scoring {
  readonly db: DuckDb;
  readonly session: ModelSession;
  readonly options: SliceScorerOptions;
  readonly onRows: (rows: number) => void;
}

async function scoreSlice(scoring: Scoring, slice: SliceRequest): Promise<ScoredSlice> {
  const { db, options } = scoring;
  const places = Array.from({ length: options.answers }, (_, place) => answerColumn(place));
  await db.run(`CREATE OR REPLACE TEMP VIEW ${rowsView} AS ${slice.rows}`);
  await db.run(`CREATE OR REPLACE TEMP TABLE ${answersTable} (${places.map((place) => `${place} DOUBLE`).join(", ")})`);
  const scored = await answerRows(scoring, slice);
  const from = slice.readsRows ? `${rowsView} POSITIONAL JOIN ${answersTable}` : answersTable;
  await db.run(copyToParquet(`SELECT ${slice.columns.join(", ")} FROM ${from}`, slice.path));
  await db.run(`DROP TABLE ${answersTable}`);
  return scored;
}

/** Answers the rows of the view, in their order. What is appended ends what is streamed: so it is appended when all is answered. */
async function answerRows(scoring: Scoring, { inputs, most }: SliceRequest): Promise<ScoredSlice> {
  const { db, session, options, onRows } = scoring;
  const { width, answers: count } = options;
  const batchRows = Math.min(mostBatchRows, Math.floor(batchNumbers / width));
  const matrix = new Float32Array((batchRows + chunkRows) * width);
  const answers = new Float32Array(most * count);
  const refused = new Uint8Array(most);
  let [held, rows, chunks] = [0, 0, 0];
  const answer = async (): Promise<void> => {
    if (held === 0) return;
    answers.set(await session.predict(matrix.subarray(0, held * width), held), rows * count);
    rows += held;
    onRows(held);
    held = 0;
  };
  const query = `SELECT ${inputs.join(", ")} FROM ${rowsView}`;
  for await (const chunk of streamChunks(db, query, undefined)) {
    fill(chunk, { matrix, first: held, refused: refused.subarray(rows + held) }, options);
    held += chunk.rowCount;
    chunks++;
    // The driver gives a chunk's memory back when what stands for it here is collected, which is too small to be missed soon.
    if (chunks % collectedChunks === 0) globalThis.gc?.({ type: "minor" });
    if (held >= batchRows) await answer();
  }
  await answer();
  const appender = await db.connection.createAppender(answersTable);
  try {
    const without = append(answers.subarray(0, rows * count), { appender, count, refused });
    appender.flushSync();
    return { rows, refused: without };
  } finally {
    appender.closeSync();
  }
}

/** Puts the rows of a chunk into a matrix. What is null is missing. */
function fill(
  chunk: DuckDBDataChunk,
  into: { readonly matrix: Float32Array; readonly refused: Uint8Array; readonly first: number },
  { width, refusing }: Pick<SliceScorerOptions, "width" | "refusing">,
): void {
  const { matrix, refused, first } = into;
  const rows = chunk.rowCount;
  for (let column = 0; column < width; column++) {
    const { items, validity } = readDoubles(chunk, column);
    let to = first * width + column;
    if (validity)
      for (let row = 0; row < rows; row++, to += width)
        matrix[to] = ((validity[row >>> 3] as number) >>> (row & 7)) & 1 ? (items[row] as number) : Number.NaN;
    else for (let row = 0; row < rows; row++, to += width) matrix[to] = items[row] as number;
    if (!refusing.includes(column)) continue;
    for (let row = 0; row < rows; row++) if (items[row] === refusedCode) refused[row] = 1;
  }
}

interface Appending {
  readonly appender: { appendDataChunk(chunk: DuckDBDataChunk): void };
  /** How many numbers a row is answered with. */
  readonly count: number;
  /** 1 for a row that is refused. */
  readonly refused: Uint8Array;
}

/** Appends answers. @returns how many rows have none */
function append(answers: Float32Array, { appender, count, refused }: Appending): number {
  const rows = answers.length / count;
  let without = 0;
  for (let first = 0; first < rows; first += chunkRows) {
    const some = Math.min(chunkRows, rows - first);
    const chunk = DuckDBDataChunk.create(
      Array.from({ length: count }, () => DOUBLE),
      some,
    );
    const vectors = Array.from({ length: count }, (_, place) => chunk.getColumnVector(place) as DuckDBDoubleVector);
    for (let row = 0; row < some; row++) {
      const at = (first + row) * count;
      const isAnswered = refused[first + row] === 0 && areFinite(answers, { at, count });
      if (!isAnswered) without++;
      for (let place = 0; place < count; place++)
        vectors[place]?.setItem(row, isAnswered ? (answers[at + place] as number) : null);
    }
    for (const vector of vectors) vector.flush();
    appender.appendDataChunk(chunk);
  }
  return without;
}

function areFinite(answers: Float32Array, { at, count }: { readonly at: number; readonly count: number }): boolean {
  for (let place = at; place < at + count; place++) if (!Number.isFinite(answers[place])) return false;
  return true;
}
