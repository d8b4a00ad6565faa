/**
 * The specs that have passed through this process, by digest. A preview uploads nothing, so this is where a model finds
 * the specs that its inputs refer to.
 * @module
 */
import { referTo } from "../plan/desired.ts";
import type { Reference } from "../store/reference.ts";

/** Specs by the digest of their canonical bytes. */
export class SeenSpecs {
  readonly #specs = new Map<string, unknown>();

  /** Keeps a spec. @returns how the store will know it */
  add(spec: unknown): Reference {
    const reference = referTo(spec);
    this.#specs.set(reference.sha256, spec);
    return reference;
  }

  /** The spec of a reference. @returns nothing when it has not passed through here */
  find(reference: Reference): unknown {
    return this.#specs.get(reference.sha256);
  }
}
