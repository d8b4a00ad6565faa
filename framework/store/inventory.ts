/**
 * The inventory of a store: every object and every upload that was begun, and how they are removed. Whether something may
 * be removed is decided elsewhere.
 * @module
 */
import { type Digest, digestPattern } from "../plan/digest.ts";
import type { Bucket, ListedUpload } from "./bucket.ts";
import { objectKey } from "./keys.ts";
import type { Reference } from "./reference.ts";

/** An object as the store lists it. */
export interface StoredObject extends Reference {
  /** When it was written last, RFC 3339. */
  readonly modified: string;
}

/** What one bucket holds under a prefix that is empty or ends with a slash. */
export class Inventory {
  readonly #bucket: Bucket;
  readonly #prefix: string;

  constructor(bucket: Bucket, prefix: string) {
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  /** All objects, in the order of their digests. */
  async *objects(): AsyncGenerator<StoredObject> {
    for await (const { key, size, modified } of this.#bucket.list(this.#root)) {
      const sha256 = key.slice(key.lastIndexOf("/") + 1);
      if (digestPattern.test(sha256)) yield { sha256, size, modified };
    }
  }

  /**
   * The first bytes of an object, or nothing when it is not there. They are not held against its digest.
   * @param start where they begin. @default 0
   */
  peek(digest: Digest, length: number, start = 0): Promise<Buffer | undefined> {
    return this.#bucket.peek(objectKey(this.#prefix, digest), length, start);
  }

  /** Removes objects; one that is not there is no error. */
  remove(digests: readonly Digest[]): Promise<void> {
    return this.#bucket.remove(digests.map((digest) => objectKey(this.#prefix, digest)));
  }

  /** The uploads of objects that were begun and not completed. */
  async *uploads(): AsyncGenerator<ListedUpload> {
    for await (const upload of this.#bucket.uploads()) if (upload.key.startsWith(this.#root)) yield upload;
  }

  /** Gives an upload up; one that is gone is no error. */
  abort(upload: Pick<ListedUpload, "key" | "id">): Promise<void> {
    return this.#bucket.abort(upload);
  }

  get #root(): string {
    return `${this.#prefix}objects/`;
  }
}
