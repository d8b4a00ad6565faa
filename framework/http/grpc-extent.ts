/**
 * How much of a call's messages is held while it comes: what has come of a message that is not whole. Pure.
 * @module
 */

/** What stands before a message of gRPC: whether it is compressed, and its length in four bytes. */
const prefix = 5;

/** Follows the bytes of one call. */
export class MessageExtent {
  /** How many bytes of the message that is not whole have come. */
  held = 0;
  #length = 0;
  #seen = 0;

  /** Goes on with what came next. */
  read(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#seen < prefix) {
        if (this.#seen > 0) this.#length = (this.#length * 256 + (chunk[at] as number)) % 2 ** 32;
        this.#seen++;
        this.held++;
        at++;
        if (this.#seen < prefix || this.#length > 0) continue;
      }
      const part = Math.min(this.#length + prefix - this.#seen, chunk.length - at);
      this.#seen += part;
      this.held += part;
      at += part;
      if (this.#seen < this.#length + prefix) continue;
      this.held = 0;
      this.#seen = 0;
      this.#length = 0;
    }
  }
}
