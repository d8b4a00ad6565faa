/**
 * A store in a folder, for tests that need none of S3: objects by digest and refs with etags.
 * @module
 */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { type Json, toCanonicalJson } from "../../framework/plan/canonical.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";

interface StoredRef {
  readonly value: unknown;
  readonly generation: number;
  readonly etag: string;
}

/** The part of a store that evaluation and serving use. */
export class FolderStore {
  readonly #folder: string;
  readonly #refs = new Map<string, StoredRef>();
  readonly #names = new Map<string, Json>();
  /** While set, every read is answered with this error. */
  failure: Error | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async putBytes(bytes: Uint8Array): Promise<Reference> {
    const sha256 = digestBytes(bytes);
    await mkdir(this.#folder, { recursive: true });
    await writeFile(join(this.#folder, sha256), bytes);
    return { sha256, size: bytes.length };
  }

  putJson(value: unknown): Promise<Reference> {
    return this.putBytes(Buffer.from(toCanonicalJson(value)));
  }

  async putFile(path: string): Promise<Reference> {
    return this.putBytes(await readFile(path));
  }

  async fetchFile({ sha256 }: Reference): Promise<string> {
    if (this.failure) throw this.failure;
    const path = join(this.#folder, sha256);
    await stat(path);
    return path;
  }

  async getJson<T>(object: Reference | string, schema: z.ZodType<T>): Promise<T> {
    if (this.failure) throw this.failure;
    const sha256 = typeof object === "string" ? object : object.sha256;
    return schema.parse(JSON.parse(await readFile(join(this.#folder, sha256), "utf8")));
  }

  async writeOnce(name: string, value: unknown): Promise<{ readonly created: boolean; readonly value: Json }> {
    const first = this.#names.get(name);
    if (first !== undefined) return { created: false, value: first };
    const kept = JSON.parse(JSON.stringify(value)) as Json;
    this.#names.set(name, kept);
    return { created: true, value: kept };
  }

  async readName(name: string): Promise<Json | undefined> {
    if (this.failure) throw this.failure;
    return this.#names.get(name);
  }

  /** Sets a ref as it is, even backwards: what a real store refuses, a server must survive. */
  setRef(name: string, generation: number, value: unknown): void {
    this.#refs.set(name, { value, generation, etag: digestBytes(toCanonicalJson({ value, generation })) });
  }

  removeRef(name: string): void {
    this.#refs.delete(name);
  }

  async readRef(
    name: string,
    { unlessEtag }: { unlessEtag: string | undefined },
  ): Promise<StoredRef | "unchanged" | undefined> {
    if (this.failure) throw this.failure;
    const ref = this.#refs.get(name);
    return ref && ref.etag === unlessEtag ? "unchanged" : ref;
  }
}
