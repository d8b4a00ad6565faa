/**
 * Keys of persons: what is encrypted for one can be read while the key is there, and by nobody when it was removed. A key lies in the
 * store as an entry that is itself encrypted with the stack's own, under a name from which nobody can tell whose it is.
 * @module
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { Queue } from "../../data/concurrency.ts";
import type { Entries } from "../../store/entries.ts";

/** What begins with it, and is hashed with the stack's key, is no column that is hashed: no text in UTF-8 begins with it. */
export const noText: Uint8Array = Buffer.of(0xff);

const cipher = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** A key that was used is not asked for again for so long, in milliseconds: as long at most is one used that was removed. */
const freshMilliseconds = 60_000;
/** As many keys at most are kept in memory. */
const mostKept = 10_000;
/** As many are asked for at once: a request may be of ten thousand persons. */
const askedAtOnce = 32;

export interface SubjectKeyOptions {
  readonly entries: Pick<Entries, "write" | "read" | "remove">;
  /** The stack's own key, 32 bytes. Secret. */
  readonly key: Uint8Array;
}

export class SubjectKeys {
  readonly #options: SubjectKeyOptions;
  readonly #kept = new Map<string, { readonly key: Promise<Uint8Array>; readonly until: number }>();
  readonly #asking = new Queue(askedAtOnce);

  constructor(options: SubjectKeyOptions) {
    this.#options = options;
  }

  /** The key of a person, which is made when there is none. @throws what the store throws */
  find(subject: string): Promise<Uint8Array> {
    const name = placeOf(this.nameOf(subject));
    const kept = this.#kept.get(name);
    if (kept && kept.until > Date.now()) return kept.key;
    if (this.#kept.size >= mostKept) this.#kept.clear();
    const key = this.#asking.run(() => this.#take(name));
    this.#kept.set(name, { key, until: Date.now() + freshMilliseconds });
    key.catch(() => this.#kept.delete(name));
    return key;
  }

  /** The key of a person, where there is one. @throws what the store throws */
  async read(subject: string): Promise<Uint8Array | undefined> {
    return await this.readNamed(this.nameOf(subject));
  }

  /** The key of a name, where there is one. @param key as `nameOf` gives it. @throws what the store throws */
  async readNamed(key: string): Promise<Uint8Array | undefined> {
    const name = placeOf(key);
    const sealed = await this.#options.entries.read(name);
    return sealed && open(sealed, { key: this.#options.key, bound: name });
  }

  /** Removes the key of a person: what was encrypted with it can be read by nobody from then on. @returns whether there was one */
  async remove(subject: string): Promise<boolean> {
    const name = placeOf(this.nameOf(subject));
    const isThere = (await this.#options.entries.read(name)) !== undefined;
    await this.#options.entries.remove([name]);
    this.#kept.delete(name);
    return isThere;
  }

  async #take(name: string): Promise<Uint8Array> {
    const { entries, key } = this.#options;
    for (;;) {
      const sealed = await entries.read(name);
      if (sealed) return open(sealed, { key, bound: name });
      const made = randomBytes(keyBytes);
      // Whoever else makes one at this moment may have been first.
      if (await entries.write(name, seal(made, { key, bound: name }))) return made;
    }
  }

  /**
   * The name of a person's key, from which nobody can tell whose it is: 64 hexadecimal digits. No column that is hashed has the same,
   * whatever its values.
   */
  nameOf(subject: string): string {
    return createHmac("sha256", this.#options.key).update(noText).update("subject\n").update(subject).digest("hex");
  }
}

function placeOf(name: string): string {
  return `subject-keys/${name}`;
}

/** So many bytes, or a multiple of them, are encrypted: what is encrypted is as long as what it is made of, and true is shorter than false. */
const blockBytes = 64;

/** Encrypts a value for whoever has the key of its person. Of its length no more is seen than how many blocks it takes. */
export function encryptValue(
  value: unknown,
  { key, name }: { readonly key: Uint8Array; readonly name: string },
): string {
  const text = Buffer.from(JSON.stringify(value));
  // Behind a text of JSON spaces are nothing.
  const padded = Buffer.alloc(Math.ceil(text.length / blockBytes) * blockBytes, " ");
  text.copy(padded);
  return seal(padded, { key, bound: name }).toString("base64");
}

/** The value again. @throws Error for another key, column or text */
export function decryptValue(
  text: string,
  { key, name }: { readonly key: Uint8Array; readonly name: string },
): unknown {
  return JSON.parse(open(Buffer.from(text, "base64"), { key, bound: name }).toString("utf8"));
}

interface Sealing {
  readonly key: Uint8Array;
  /** What the bytes are for: as something else they do not open. */
  readonly bound: string;
}

function seal(bytes: Uint8Array, { key, bound }: Sealing): Buffer {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([sealing.update(bytes), sealing.final()]);
  return Buffer.concat([nonce, sealing.getAuthTag(), sealed]);
}

function open(sealed: Buffer, { key, bound }: Sealing): Buffer {
  const opening = createDecipheriv(cipher, key, sealed.subarray(0, nonceBytes)).setAAD(Buffer.from(bound));
  opening.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([opening.update(sealed.subarray(nonceBytes + tagBytes)), opening.final()]);
}
