/**
 * Names and refs: the small documents that change or are decided once. A name gets its value from the first who writes it;
 * a ref moves to a higher generation and never back, whoever writes and however late.
 * @module
 */
import { text } from "node:stream/consumers";
import { z } from "zod";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { admitDocument } from "../definitions/versioned.ts";
import { type Json, toCanonicalJson } from "../plan/canonical.ts";
import type { Bucket } from "./bucket.ts";
import { nameKey, refKey } from "./keys.ts";

/** A ref as it is: its value, the generation that put it there, and the etag by which pollers and movers know it again. */
export interface Ref {
  readonly value: Json;
  readonly generation: number;
  readonly etag: string;
}

/** The mover's generation is not above the ref's: somebody with a later mandate was faster, and this one must stop. */
export class FencedError extends StewardError {
  /** What the ref holds. */
  readonly current: Ref;

  constructor(problem: Problem, current: Ref) {
    super(problem);
    this.current = current;
  }
}

const refDocument = z.strictObject({ generation: z.int().min(0), value: z.json() });

/** Names and refs in one bucket, under a prefix that is empty or ends with a slash. */
export class Names {
  readonly #bucket: Bucket;
  readonly #prefix: string;

  constructor(bucket: Bucket, prefix: string) {
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async writeOnce(name: string, value: Json): Promise<{ created: boolean; value: Json }> {
    const key = nameKey(this.#prefix, name);
    if (await this.#write(key, value, "absent")) return { created: true, value };
    const first = await this.readName(name);
    if (first !== undefined) return { created: false, value: first };
    throw this.#invalid(key, "gone again", "a write-once name that stays");
  }

  async readName(name: string): Promise<Json | undefined> {
    const key = nameKey(this.#prefix, name);
    const found = await this.#read(key);
    if (found === undefined || found === "unchanged") return undefined;
    return admitDocument(this.#parse(key, found.text, z.json()), { at: this.#at(key) });
  }

  /** The write-once names that begin with a prefix, in the order of keys. */
  async *list(prefix: string): AsyncGenerator<string> {
    yield* this.#list("names/", prefix);
  }

  /** What stands before the next slash of the write-once names that begin with a prefix, each once, in order. */
  listFolders(prefix: string): AsyncGenerator<string> {
    return this.#bucket.listFolders(`${this.#prefix}names/${prefix}`);
  }

  /** The names of all refs, in the order of keys. */
  async *listRefs(): AsyncGenerator<string> {
    yield* this.#list("refs/", "");
  }

  async *#list(kind: "names/" | "refs/", prefix: string): AsyncGenerator<string> {
    const root = `${this.#prefix}${kind}`;
    for await (const { key } of this.#bucket.list(`${root}${prefix}`))
      if (key.endsWith(".json")) yield key.slice(root.length, -".json".length);
  }

  async readRef(name: string, unlessEtag?: string): Promise<Ref | "unchanged" | undefined> {
    const key = refKey(this.#prefix, name);
    const found = await this.#read(key, unlessEtag);
    if (found === undefined || found === "unchanged") return found;
    const { generation, value } = this.#parse(key, found.text, refDocument);
    return { generation, value: admitDocument(value, { at: this.#at(key) }), etag: found.etag };
  }

  async moveRef(name: string, next: { generation: number; value: Json }): Promise<void> {
    const key = refKey(this.#prefix, name);
    const document = refDocument.parse(next);
    // Every round that does not write has seen a generation move up, so this ends.
    for (;;) {
      const current = await this.readRef(name);
      if (current === "unchanged") continue;
      if (current && current.generation >= next.generation) {
        const same = toCanonicalJson(current.value) === toCanonicalJson(next.value);
        if (current.generation === next.generation && same) return;
        throw new FencedError(describeFence(this.#at(key), name, { current, next }), current);
      }
      if (await this.#write(key, document, current ? { etag: current.etag } : "absent")) return;
    }
  }

  async #write(key: string, value: Json, condition: "absent" | { etag: string }): Promise<boolean> {
    return (await this.#bucket.write(key, Buffer.from(toCanonicalJson(value)), { condition })) === "written";
  }

  #read(key: string, unlessEtag?: string): Promise<{ text: string; etag: string } | "unchanged" | undefined> {
    return this.#bucket.read(key, async (body, { etag }) => ({ text: await text(body), etag }), unlessEtag);
  }

  #parse<T>(key: string, document: string, schema: z.ZodType<T>): T {
    try {
      return schema.parse(JSON.parse(document));
    } catch (error) {
      throw this.#invalid(
        key,
        error instanceof z.ZodError ? z.prettifyError(error) : "no JSON",
        "a document that this version writes",
      );
    }
  }

  #at(key: string): string {
    return `${this.#bucket.name}/${key}`;
  }

  #invalid(key: string, got: string, expected: string): StewardError {
    return new StewardError({
      code: "store-document-invalid",
      at: this.#at(key),
      what: "A name in the store is not as it was written",
      got,
      expected,
      fix: "find out who wrote there; nothing but Steward may",
    });
  }
}

function describeFence(
  at: string,
  name: string,
  { current, next }: { current: Ref; next: { generation: number } },
): Problem {
  const twice = current.generation === next.generation;
  return {
    code: "ref-fenced",
    at,
    what: twice
      ? `Generation ${next.generation} of ref "${name}" has another value already`
      : `Ref "${name}" has moved past generation ${next.generation}`,
    got: `generation ${current.generation}`,
    expected: `one below ${next.generation}`,
    fix: "do not try again: what was decided later stands",
  };
}
