/**
 * What a derivation needs of a program that makes rows of rows. How it is run is not the data's business.
 * @module
 */
import type { Digest } from "../../plan/digest.ts";

/** A program, ready to run. */
export interface DerivationProgram {
  /** Of its files, its locked environment among them: another digest, other rows. */
  readonly digest: Digest;
  /**
   * Runs it to its end.
   * @throws StewardError when it fails, or leaves no rows
   */
  readonly run: (work: ProgramWork) => Promise<void>;
}

export interface ProgramWork {
  /** An existing folder of its own, whatever is left in it. */
  readonly folder: string;
  /** The Parquet file of the rows that it is given, sorted by event time and then by all columns. */
  readonly input: string;
  /** Where it writes its rows, as Parquet. */
  readonly output: string;
  readonly signal?: AbortSignal | undefined;
}
