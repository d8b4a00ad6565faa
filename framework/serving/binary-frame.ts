/**
 * The binary tensor extension: JSON first, then the bytes of the tensors one after the other; a header says how long the JSON
 * is. As Triton's protocol has it: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md.
 * Pure.
 * @module
 */
import { Refusal } from "../http/refusal.ts";

/** Says how many bytes of a body, before any compression, are JSON. */
export const frameHeader = "inference-header-content-length";

export interface Frame {
  readonly json: Buffer;
  /** The bytes of the tensors. Empty where all is JSON. */
  readonly raw: Uint8Array;
}

/**
 * Takes a body apart.
 * @param header what the header says; without it all is JSON
 * @throws Refusal 400 for a header that is no length of it
 */
export function splitFrame(body: Buffer, header: string | readonly string[] | undefined): Frame {
  if (header === undefined) return { json: body, raw: new Uint8Array() };
  const length = typeof header === "string" && /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN;
  if (!(length <= body.length)) {
    throw new Refusal(400, `Inference-Header-Content-Length is no length of the body, which has ${body.length} bytes`);
  }
  return { json: body.subarray(0, length), raw: body.subarray(length) };
}

/** Hands out the bytes of the tensors, each as many as the tensor says. */
export class RawParts {
  readonly #raw: Uint8Array;
  #at = 0;

  constructor(raw: Uint8Array) {
    this.#raw = raw;
  }

  /** The next bytes. @default undefined where there are not so many */
  take(size: number): Uint8Array | undefined {
    const end = this.#at + size;
    if (!Number.isSafeInteger(size) || size < 0 || end > this.#raw.length) return undefined;
    const part = this.#raw.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** How many bytes no tensor has taken. */
  get rest(): number {
    return this.#raw.length - this.#at;
  }
}
