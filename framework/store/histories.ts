/**
 * Exported histories: written once into the bucket with object lock, each with its digest, in an order that later readers
 * can rely on.
 * @module
 */
import { buffer } from "node:stream/consumers";
import { RETENTION_MODES, RETENTION_VALIDITY_UNITS } from "minio";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { type Digest, digestBytes } from "../plan/digest.ts";
import type { Bucket } from "./bucket.ts";
import { historyKey } from "./keys.ts";
import type { Reference } from "./reference.ts";
import { errorCode } from "./store-error.ts";

/** A history in the locked bucket. */
export interface ExportedHistory extends Reference {
  /** As given to `exportHistory`. */
  readonly key: string;
  /** When the store took it, RFC 3339. */
  readonly exported: string;
}

/** How long nobody may delete a history, in days, unless `prepare` is told otherwise. */
export const defaultLockDays = 1;

/** The rule of a bucket with object lock; a new one has none. */
const defaultRetention = z.object({ validity: z.number().default(0), unit: z.string().optional() });

/** The histories in a locked bucket, under a prefix that is empty or ends with a slash. */
export class Histories {
  readonly #bucket: Bucket;
  readonly #prefix: string;

  constructor(bucket: Bucket, prefix: string) {
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async export(key: string, bytes: Buffer): Promise<Reference> {
    const place = historyKey(this.#prefix, key);
    const reference = { sha256: digestBytes(bytes), size: bytes.length };
    const outcome = await this.#bucket.write(place, bytes, { condition: "absent", sha256: reference.sha256 });
    if (outcome === "refused") {
      const first = digestBytes(await this.#read(place));
      if (first !== reference.sha256) throw this.#differs(place, { got: reference.sha256, expected: first });
    }
    return reference;
  }

  async list(prefix: string): Promise<ExportedHistory[]> {
    const root = `${this.#prefix}histories/`;
    const found: ExportedHistory[] = [];
    for await (const { key, modified } of this.#bucket.list(`${root}${prefix}`)) {
      const facts = await this.#bucket.head(key);
      // Only what was exported says its digest; whatever else lies there is not a history.
      if (!facts?.sha256) continue;
      found.push({ key: key.slice(root.length), sha256: facts.sha256, size: facts.size, exported: modified });
    }
    return found;
  }

  async get(key: string): Promise<Buffer | undefined> {
    const place = historyKey(this.#prefix, key);
    const facts = await this.#bucket.head(place);
    if (!facts) return undefined;
    const bytes = await this.#read(place);
    const got = digestBytes(bytes);
    const { sha256: expected = "the digest of a history" } = facts;
    if (got !== expected) throw this.#differs(place, { got, expected });
    return bytes;
  }

  /**
   * Sees to it that what is written here cannot be deleted for `days`: GOVERNANCE mode, which those with a special right
   * may lift. A longer or stricter rule that stands is left alone.
   */
  async lock(days: number): Promise<void> {
    const name = this.#bucket.name;
    await this.#bucket.ask(async (client) => {
      try {
        const { validity, unit } = defaultRetention.parse(await client.getObjectLockConfig(name));
        if (validity * (unit === RETENTION_VALIDITY_UNITS.YEARS ? 365 : 1) >= days) return;
      } catch (error) {
        throw errorCode(error) === "ObjectLockConfigurationNotFoundError" ? this.#unlocked() : error;
      }
      const mode = RETENTION_MODES.GOVERNANCE;
      await client.setObjectLockConfig(name, { mode, unit: RETENTION_VALIDITY_UNITS.DAYS, validity: days });
    });
  }

  async #read(place: string): Promise<Buffer> {
    const bytes = await this.#bucket.read(place, (body) => buffer(body));
    return bytes === undefined || bytes === "unchanged" ? Buffer.alloc(0) : bytes;
  }

  #differs(place: string, digests: { got: Digest; expected: Digest }): StewardError {
    return new StewardError({
      code: "store-history-differs",
      at: `${this.#bucket.name}/${place}`,
      what: "A history that was exported before has other bytes",
      ...digests,
      fix: "keep both and find out who wrote; a closed run has one history",
    });
  }

  #unlocked(): StewardError {
    return new StewardError({
      code: "store-bucket-unlocked",
      at: this.#bucket.name,
      what: `Bucket "${this.#bucket.name}" has no object lock, which only a new bucket can get`,
      fix: "name another bucket for histories, or remove this one when it is empty",
    });
  }
}
