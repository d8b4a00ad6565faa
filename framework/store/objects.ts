/**
 * Objects: immutable bytes, named by their digest. What is read is checked against its name.
 * @module
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { OnProgress } from "../data/progress.ts";
import { StewardError } from "../definitions/problem.ts";
import { type Digest, digestBytes, shortDigest } from "../plan/digest.ts";
import type { Bucket } from "./bucket.ts";
import { digestFile } from "./digest-file.ts";
import { objectKey } from "./keys.ts";
import type { ObjectCache } from "./object-cache.ts";
import type { Reference } from "./reference.ts";

/** Objects up to this size are sent without asking whether they are there, in bytes. */
const smallSize = 256 * 2 ** 10;
/** Files above this size travel in parts of this size, in bytes. */
const partSize = 16 * 2 ** 20;
/** Of how many objects it is remembered at most which version of them was found whole. */
const mostChecked = 10_000;
/** S3 takes at most 10,000 parts; this many leave room for a last one. */
const mostParts = 9_999;

/** How an object is found: as its name says, not at all, or with other bytes. */
export type ObjectState = "whole" | "gone" | "altered";

export interface ObjectsOptions {
  readonly bucket: Bucket;
  /** Empty, or ending with a slash. */
  readonly prefix: string;
  readonly cache: ObjectCache;
  readonly onProgress: OnProgress | undefined;
}

/** Objects by digest in one bucket, with a local cache for those that are read as files. */
export class Objects {
  readonly #options: ObjectsOptions;
  /** Downloads that run in this process, so that two askers of one object share one. */
  readonly #fetching = new Map<string, Promise<string>>();
  /** The etags under which objects were found whole, by their digests. */
  readonly #checked = new Map<Digest, string>();
  /** Objects that were found with other bytes, which who has the right ones writes again. */
  readonly #altered = new Set<Digest>();

  constructor(options: ObjectsOptions) {
    this.#options = options;
  }

  async put(bytes: Buffer): Promise<Reference> {
    const { bucket } = this.#options;
    const { length: size } = bytes;
    const sha256 = digestBytes(bytes);
    const reference = { sha256, size };
    const key = this.#key(sha256);
    if (size > smallSize) {
      if (!(await this.#holds(reference))) await bucket.write(key, bytes, { sha256 });
      return reference;
    }
    // To ask beforehand whether it is there would take as long as to send it.
    const outcome = await bucket.write(key, bytes, { condition: "absent", sha256 });
    if (outcome === "refused" && !(await this.#holdsBytes(reference, bytes)))
      await bucket.write(key, bytes, { sha256 });
    this.#altered.delete(sha256);
    return reference;
  }

  async putFile(path: string): Promise<Reference> {
    const { bucket, onProgress } = this.#options;
    if ((await stat(path)).size <= smallSize) {
      const bytes = await readFile(path);
      const { length: total } = bytes;
      if (total <= smallSize) {
        const reference = await this.put(bytes);
        onProgress?.({ phase: "storing", done: total, total, unit: "bytes" });
        return reference;
      }
    }
    const reference = await digestFile(path);
    const { sha256, size } = reference;
    if (await this.#holds(reference)) return reference;
    const key = this.#key(sha256);
    const hash = createHash("sha256");
    let done = 0;
    const onPart = (bytes: Buffer) => {
      hash.update(bytes);
      done += bytes.length;
      onProgress?.({ phase: "storing", done, total: size, unit: "bytes" });
    };
    // The name was taken from an earlier reading: bytes that changed since must not get it.
    const confirm = () => {
      const got = hash.digest("hex");
      if (got !== sha256) throw changedWhileStored(path, { expected: sha256, got });
    };
    if (size > partSize) {
      await bucket.writeParts(key, path, {
        partSize: Math.max(partSize, Math.ceil(size / mostParts)),
        sha256,
        onPart,
        confirm,
      });
    } else {
      const bytes = await readFile(path);
      onPart(bytes);
      confirm();
      await bucket.write(key, bytes, { sha256 });
    }
    this.#altered.delete(sha256);
    return reference;
  }

  async check({ sha256, size }: Reference, { bytes }: { readonly bytes: boolean }): Promise<ObjectState> {
    const { bucket } = this.#options;
    const key = this.#key(sha256);
    const facts = await bucket.head(key);
    if (!facts) return "gone";
    if (facts.size !== size) return "altered";
    if (this.#checked.get(sha256) === facts.etag) return "whole";
    if (!bytes) return this.#altered.has(sha256) ? "altered" : "whole";
    const state = await bucket.read(key, (body) => judge(sha256, body));
    if (state === undefined || state === "unchanged") return "gone";
    if (state === "altered") this.#altered.add(sha256);
    else this.#remember(sha256, facts.etag);
    return state;
  }

  async getBytes(reference: Reference): Promise<Buffer> {
    const bytes = await this.#read(reference.sha256);
    if (bytes.length !== reference.size)
      throw this.#corrupt(reference, { sha256: digestBytes(bytes), size: bytes.length });
    return bytes;
  }

  /** The bytes of an object whose size the caller does not know. */
  getByDigest(digest: Digest): Promise<Buffer> {
    return this.#read(digest);
  }

  async fetchFile(reference: Reference): Promise<string> {
    const asked = `${reference.sha256} ${reference.size}`;
    const running = this.#fetching.get(asked);
    if (running) return running;
    const fetching = this.#fetch(reference).finally(() => this.#fetching.delete(asked));
    this.#fetching.set(asked, fetching);
    return fetching;
  }

  async stat(digest: Digest): Promise<Reference | undefined> {
    const facts = await this.#options.bucket.head(this.#key(digest));
    return facts && { sha256: digest, size: facts.size };
  }

  async #fetch(reference: Reference): Promise<string> {
    const { bucket, cache, onProgress } = this.#options;
    const cached = await cache.find(reference);
    if (cached !== undefined) return cached;
    const onBytes = (done: number) => {
      onProgress?.({ phase: "fetching", done, total: reference.size, unit: "bytes" });
    };
    const taken = await bucket.read(this.#key(reference.sha256), (body) => cache.take(reference, body, onBytes));
    if (taken === undefined) throw this.#missing(reference.sha256);
    if (typeof taken === "string") return taken;
    this.#altered.add(reference.sha256);
    throw this.#corrupt(reference, taken.got);
  }

  async #read(digest: Digest): Promise<Buffer> {
    const bytes = await this.#options.bucket.read(this.#key(digest), (body) => buffer(body));
    if (bytes === undefined || bytes === "unchanged") throw this.#missing(digest);
    const got = digestBytes(bytes);
    const { length: size } = bytes;
    if (got === digest) return bytes;
    this.#altered.add(digest);
    throw this.#corrupt({ sha256: digest, size }, { sha256: got, size });
  }

  /** An object of another size than its name promises is damaged, as is one that was found to be, and is written again. */
  async #holds({ sha256, size }: Reference): Promise<boolean> {
    return !this.#altered.has(sha256) && (await this.stat(sha256))?.size === size;
  }

  /** Of a small object its etag tells, where that is its MD5 as S3 has it; else it is read. */
  async #holdsBytes(reference: Reference, bytes: Buffer): Promise<boolean> {
    const facts = await this.#options.bucket.head(this.#key(reference.sha256));
    if (facts?.size !== reference.size) return false;
    if (facts.etag === `"${createHash("md5").update(bytes).digest("hex")}"`) return true;
    return (await this.check(reference, { bytes: true })) === "whole";
  }

  #remember(digest: Digest, etag: string): void {
    if (this.#checked.size >= mostChecked) this.#checked.clear();
    this.#checked.set(digest, etag);
    this.#altered.delete(digest);
  }

  #key(digest: Digest): string {
    return objectKey(this.#options.prefix, digest);
  }

  #at(digest: Digest): string {
    return `${this.#options.bucket.name}/${this.#key(digest)}`;
  }

  #missing(digest: Digest): StewardError {
    return new StewardError({
      code: "object-missing",
      at: this.#at(digest),
      what: `Object "${shortDigest(digest)}" is not in the store`,
      fix: "run the step again that makes it, or restore the bucket from its backup",
    });
  }

  #corrupt(expected: Reference, got: Reference): StewardError {
    return new StewardError({
      code: "object-corrupt",
      at: this.#at(expected.sha256),
      what: `Object "${shortDigest(expected.sha256)}" holds other bytes than its name says`,
      got: `${got.size} bytes with SHA-256 ${got.sha256}`,
      expected: `${expected.size} bytes with SHA-256 ${expected.sha256}`,
      fix: "restore it from a backup, or remove it and run the step again that makes it; and find out who wrote there",
    });
  }
}

async function judge(digest: Digest, body: Readable): Promise<ObjectState> {
  const hash = createHash("sha256");
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex") === digest ? "whole" : "altered";
}

function changedWhileStored(path: string, digests: { expected: Digest; got: Digest }): StewardError {
  return new StewardError({
    code: "source-changed",
    at: path,
    what: "The file changed while it was being stored",
    ...digests,
    fix: "try again when nothing writes to it",
  });
}
