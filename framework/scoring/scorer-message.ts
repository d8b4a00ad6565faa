/**
 * What a scorer and whoever started it say to each other: lines of JSON on a socket of their own. Slices are told one by one, a few at a
 * time, so that neither side holds them all.
 * @module
 */
import { z } from "zod";

/** The descriptor of the socket in the child. */
export const channelDescriptor = 3;

/** What a scorer is started with, as its one argument. */
export const scorerSettings = z.strictObject({
  /** The path of a model that has passed admission. */
  onnx: z.string(),
  /** How many inputs it has, and how many numbers it answers a row with. */
  width: z.int(),
  answers: z.int(),
  /** Statements that each thread runs first. */
  setup: z.array(z.string()),
  /** The places of inputs that refuse rows, by `refusedCode`. */
  refusing: z.array(z.int()),
  /** How many slices are scored at once. */
  threads: z.int().min(1),
  /** What the database of a thread may hold before it spills, in bytes. */
  databaseBytes: z.int(),
  /** An existing folder for what is spilled. */
  folder: z.string(),
});
export type ScorerSettings = z.output<typeof scorerSettings>;

export const sliceRequest = z.strictObject({
  /** By which its answer is known. */
  id: z.int(),
  /** How many rows it has at most. */
  most: z.int(),
  /** The query of its rows: features under their names, and what is kept. */
  rows: z.string(),
  /** SQL of each input of the model over these rows. */
  inputs: z.array(z.string()),
  /** SQL of each column that is written, over these rows and their answers. */
  columns: z.array(z.string()),
  /** Whether a column is one of the rows'. */
  readsRows: z.boolean(),
  /** The Parquet file to write. */
  path: z.string(),
});
export type SliceRequest = z.output<typeof sliceRequest>;

export const scorerMessage = z.union([
  /** So many rows more are scored. */
  z.strictObject({ scored: z.int() }),
  /** A slice is written: its rows, and those without an answer. */
  z.strictObject({ slice: z.int(), rows: z.int(), refused: z.int() }),
  /** What answers, once the model is loaded. */
  z.strictObject({ engine: z.enum(["onnxruntime", "trees"]) }),
  z.strictObject({ failure: z.string() }),
]);
export type ScorerMessage = z.output<typeof scorerMessage>;
