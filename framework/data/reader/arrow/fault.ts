/**
 * What is wrong with an Arrow file.
 * @module
 */

/** An Arrow file that cannot be read; the message says why, to be read after "The source cannot be read in its format". */
export class ArrowFault extends Error {
  override readonly name = "ArrowFault";
}
