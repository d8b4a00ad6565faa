/**
 * Entries: bytes under names of their own, for what has to go again: records on their way into an object, and keys whose
 * removal makes what they encrypt unreadable. Written once, read, listed, removed.
 * @module
 */
import { buffer } from "node:stream/consumers";
import type { Bucket } from "./bucket.ts";
import { entryKey } from "./keys.ts";

/** Entries in one bucket, under a prefix that is empty or ends with a slash. */
export class Entries {
  readonly #bucket: Bucket;
  readonly #prefix: string;

  constructor(bucket: Bucket, prefix: string) {
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  /** Writes an entry unless there is one of this name. @returns whether it was written */
  async write(name: string, bytes: Uint8Array): Promise<boolean> {
    const outcome = await this.#bucket.write(this.#key(name), Buffer.from(bytes), { condition: "absent" });
    return outcome === "written";
  }

  /** The bytes of an entry, or nothing. */
  async read(name: string): Promise<Buffer | undefined> {
    const found = await this.#bucket.read(this.#key(name), (body) => buffer(body));
    return found === "unchanged" ? undefined : found;
  }

  /** The entries whose names begin with a prefix, in the order of names. */
  async *list(prefix: string): AsyncGenerator<{
    readonly name: string;
    /** In bytes. */
    readonly size: number;
    /** When it was written, RFC 3339. */
    readonly modified: string;
  }> {
    const root = `${this.#prefix}entries/`;
    for await (const { key, size, modified } of this.#bucket.list(`${root}${prefix}`))
      yield { name: key.slice(root.length), size, modified };
  }

  /** Removes entries; one that is not there is no error. */
  remove(names: readonly string[]): Promise<void> {
    return this.#bucket.remove(names.map((name) => this.#key(name)));
  }

  #key(name: string): string {
    return entryKey(this.#prefix, name);
  }
}
