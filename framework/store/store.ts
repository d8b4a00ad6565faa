/**
 * The store: everything that outlives a process and can be checked by its digest, on any S3 that keeps its promises about
 * conditional writes. Objects are immutable and named by their SHA-256; names are written once; refs move forward only.
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import type { StoreConnection } from "../connection/connection.ts";
import type { OnProgress } from "../data/progress.ts";
import { formatOf, formats } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import { admitDocument } from "../definitions/versioned.ts";
import { type Json, toCanonicalJson } from "../plan/canonical.ts";
import type { Digest } from "../plan/digest.ts";
import { locateUserCache } from "../toolchain/cache.ts";
import { Bucket, openClient } from "./bucket.ts";
import { Entries } from "./entries.ts";
import { defaultLockDays, type ExportedHistory, Histories } from "./histories.ts";
import { Inventory } from "./inventory.ts";
import { normalizePrefix } from "./keys.ts";
import { Names, type Ref } from "./names.ts";
import { openObjectCache } from "./object-cache.ts";
import { type ObjectState, Objects } from "./objects.ts";
import type { Reference } from "./reference.ts";

export interface StoreOptions {
  /** What every key begins with, in both buckets: stacks that share buckets differ in it. @default "" */
  readonly prefix?: string;
  /** Where objects that are read as files are kept. Processes may share it. @default `objects` in the user's cache of Steward */
  readonly cacheFolder?: string;
  /** Told how far a file has come, in phase `storing` or `fetching`. @default nobody is told */
  readonly onProgress?: OnProgress;
}

/** A store. Every method may be called any number of times at once, and throws a StewardError when it cannot do its work. */
export interface Store {
  /**
   * Makes both buckets unless they are there, the locked one with object lock and a default retention in GOVERNANCE mode
   * of `lockDays` days (default 1: enough to try it, short enough to clean up; production sets years). Never shortens one.
   */
  prepare(options?: { lockDays?: number }): Promise<void>;

  /** Stores bytes, unless they are there already. */
  putBytes(bytes: Uint8Array): Promise<Reference>;
  /** Stores the canonical bytes of a JSON value. */
  putJson(value: unknown): Promise<Reference>;
  /** Stores a file, read twice and held in memory 16 MiB at a time: once for its name, then, unless it is there, to send it. */
  putFile(path: string): Promise<Reference>;
  /** Reads an object into memory. */
  getBytes(reference: Reference): Promise<Buffer>;
  /** Reads a JSON object and checks its shape. */
  getJson<T>(object: Reference | Digest, schema: z.ZodType<T>): Promise<T>;
  /** The path of a read-only file in the local cache that holds the object; one that is damaged is fetched anew. */
  fetchFile(reference: Reference): Promise<string>;
  /** Whether there is an object of this name. Its bytes are checked when they are read. */
  has(digest: Digest): Promise<boolean>;
  /**
   * How an object lies there. Its bytes are read and digested, once for each version of it that this process finds; with `bytes`
   * off they are not, and one counts as altered by its size, or when it was found to be before. One that was is written again by
   * whoever stores the right bytes.
   *
   * @param options.bytes @default true
   */
  check(reference: Reference, options?: { readonly bytes?: boolean }): Promise<ObjectState>;
  /** The reference of an object by its name, or nothing. */
  stat(digest: Digest): Promise<Reference | undefined>;

  /** Gives a name its value, or learns the value that another writer gave it first. */
  writeOnce(name: string, value: Json): Promise<{ created: boolean; value: Json }>;
  /** The value of a write-once name, or nothing. */
  readName(name: string): Promise<Json | undefined>;

  /** The write-once names that begin with the prefix, in the order of keys. */
  listNames(prefix: string): AsyncGenerator<string>;
  /** What stands before the next slash of the write-once names that begin with the prefix, each once, in order. */
  listFolders(prefix: string): AsyncGenerator<string>;

  /** A ref, or nothing when it was never moved. */
  readRef(name: string): Promise<Ref | undefined>;
  /** A ref, or `unchanged` when it still has the given etag: the cheap question of a poller. */
  readRef(name: string, options: { unlessEtag: string | undefined }): Promise<Ref | "unchanged" | undefined>;
  /**
   * Moves a ref to a higher generation. The same generation with the same value is no error, so it can be repeated.
   * @throws FencedError when the ref is at this generation with another value, or at a higher one.
   */
  moveRef(name: string, next: { generation: number; value: Json }): Promise<void>;

  /** The names of all refs, in the order of keys. */
  listRefs(): AsyncGenerator<string>;

  /** Everything that the store holds by digest, for whoever looks for what nothing needs any more. */
  readonly inventory: Inventory;

  /** What lies there for a time: bytes under names of their own, which are removed. Nothing collects them. */
  readonly entries: Entries;

  /** Writes a history into the locked bucket, once: the same bytes again are no error, other bytes are. */
  exportHistory(key: string, bytes: Uint8Array): Promise<Reference>;
  /** The exported histories whose keys begin with the prefix, in the order of keys. */
  listHistories(prefix?: string): Promise<ExportedHistory[]>;
  /** The bytes of an exported history, checked against its digest, or nothing. */
  readHistory(key: string): Promise<Buffer | undefined>;
}

/** The ref that holds the format of a store: it moves forward with it, and never back. */
const formatRef = "format";

/**
 * Opens the store of a stack. Nothing is asked of it yet, and nothing needs closing. Every method of a store that a newer
 * Steward has prepared throws `format-newer`.
 */
export function openStore(connection: StoreConnection, options: StoreOptions = {}): Store {
  const prefix = normalizePrefix(options.prefix ?? "");
  const client = openClient(connection);
  const { endpoint } = connection;
  const unasked = new Bucket({ client, endpoint, name: connection.bucket });
  const format = new Names(unasked, prefix);
  let known: Promise<unknown> | undefined;
  // Asked once, before the first request of the process.
  const before = (): Promise<unknown> => {
    known ??= format.readRef(formatRef).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  const bucket = new Bucket({ client, endpoint, name: connection.bucket, before });
  const lockedBucket = new Bucket({ client, endpoint, name: connection.lockedBucket, before });
  const cache = openObjectCache(options.cacheFolder ?? join(locateUserCache(), "objects"));
  const objects = new Objects({ bucket, prefix, cache, onProgress: options.onProgress });
  const names = new Names(bucket, prefix);
  const histories = new Histories(lockedBucket, prefix);

  function readRef(name: string): Promise<Ref | undefined>;
  function readRef(name: string, options: { unlessEtag: string | undefined }): Promise<Ref | "unchanged" | undefined>;
  function readRef(name: string, options?: { unlessEtag: string | undefined }): Promise<Ref | "unchanged" | undefined> {
    return names.readRef(name, options?.unlessEtag);
  }

  return {
    prepare: async ({ lockDays = defaultLockDays } = {}) => {
      await unasked.ensure({ lock: false });
      await format.moveRef(formatRef, { generation: formats.store, value: { format: formatOf("store") } });
      await lockedBucket.ensure({ lock: true });
      await histories.lock(lockDays);
    },
    putBytes: (bytes) => objects.put(asBuffer(bytes)),
    putJson: (value) => objects.put(Buffer.from(toCanonicalJson(value))),
    putFile: (path) => objects.putFile(path),
    getBytes: (reference) => objects.getBytes(reference),
    getJson: async (object, schema) => {
      const bytes = await (typeof object === "string" ? objects.getByDigest(object) : objects.getBytes(object));
      return parseDocument(bytes, schema, typeof object === "string" ? object : object.sha256);
    },
    fetchFile: (reference) => objects.fetchFile(reference),
    has: async (digest) => (await objects.stat(digest)) !== undefined,
    check: (reference, { bytes = true } = {}) => objects.check(reference, { bytes }),
    stat: (digest) => objects.stat(digest),
    writeOnce: (name, value) => names.writeOnce(name, value),
    readName: (name) => names.readName(name),
    listNames: (prefix) => names.list(prefix),
    listFolders: (prefix) => names.listFolders(prefix),
    readRef,
    moveRef: (name, next) => names.moveRef(name, next),
    listRefs: () => names.listRefs(),
    inventory: new Inventory(bucket, prefix),
    entries: new Entries(bucket, prefix),
    exportHistory: (key, bytes) => histories.export(key, asBuffer(bytes)),
    listHistories: (prefix = "") => histories.list(prefix),
    readHistory: (key) => histories.get(key),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseDocument<T>(bytes: Buffer, schema: z.ZodType<T>, digest: Digest): T {
  try {
    return schema.parse(admitDocument(JSON.parse(bytes.toString("utf8")), { at: digest }));
  } catch (error) {
    if (error instanceof StewardError) throw error;
    throw new StewardError({
      code: "store-document-invalid",
      at: digest,
      what: "An object in the store has another shape than its reader asks for",
      got: error instanceof z.ZodError ? z.prettifyError(error) : "no JSON",
      fix: "give the reference of an object of the right kind, or read it with the version of Steward that wrote it",
    });
  }
}
