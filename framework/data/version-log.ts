/**
 * The log of a dataset: each version that became live has a number, counted from 1, under which a write-once record says what
 * it is, since when, and by whom or why. Going back to an earlier content is a new number with the same root.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { versioned } from "../definitions/versioned.ts";
import type { Digest } from "../plan/digest.ts";

/**
 * What made a version: the first one, another source, another contract, rows taken back out of quarantine, one taken over from
 * before there was a log, or, of scored rows, another model.
 */
const versionCauses = ["first", "source", "contract", "readmitted", "taken-over", "model"] as const;
export type VersionCause = (typeof versionCauses)[number];

export const versionRecordSchema = versioned("version-record", {
  dataset: z.string(),
  /** Counts from 1. */
  number: z.int().min(1),
  /** The digest of the version. */
  root: z.string().regex(/^[0-9a-f]{64}$/),
  /** Rows that keep the contract. */
  rows: z.int(),
  /** Rows that were set apart. */
  quarantined: z.int(),
  /** When it became live, RFC 3339; of a version that was taken over, when it was logged. */
  at: z.string(),
  /** Who asked for it. @default nobody did: the entity ingested by itself, or it was taken over */
  actor: z.strictObject({ id: z.string(), via: z.string() }).optional(),
  cause: z.array(z.enum(versionCauses)),
  /** What it depends on: `ingestIdentity`. */
  identity: z.string(),
});

export type VersionRecord = z.output<typeof versionRecordSchema>;

/** What the log needs of a store. */
interface LogStore {
  readName(name: string): Promise<unknown>;
  writeOnce(name: string, value: unknown): Promise<{ readonly created: boolean; readonly value: unknown }>;
}

/** What the names of all logs begin with. */
export const logPrefix = "datasets/";

/** The write-once name of a record. */
export function recordName(dataset: string, number: number): string {
  return `${logPrefix}${dataset}/${number}`;
}

/** Reads how many at once, so that a long log is no flood of requests. */
const readAtOnce = 16;

/** The whole log of a dataset, oldest first. */
export async function readVersionLog(
  store: LogStore & { listNames(prefix: string): AsyncIterable<string> },
  dataset: string,
): Promise<VersionRecord[]> {
  const prefix = `${logPrefix}${dataset}/`;
  const names: string[] = [];
  for await (const name of store.listNames(prefix)) names.push(name);
  const records: VersionRecord[] = [];
  for (let start = 0; start < names.length; start += readAtOnce) {
    const values = names.slice(start, start + readAtOnce).map((name) => store.readName(name));
    records.push(...(await Promise.all(values)).map((value) => versionRecordSchema.parse(value)));
  }
  return records.sort((a, b) => a.number - b.number);
}

/** The record of a number. @returns nothing when there is none */
export async function readRecord(
  store: Pick<LogStore, "readName">,
  dataset: string,
  number: number,
): Promise<VersionRecord | undefined> {
  const value = await store.readName(recordName(dataset, number));
  return value === undefined ? undefined : versionRecordSchema.parse(value);
}

/** The latest record of a dataset. Records are dense from 1, so it is found in few requests. @returns nothing when there is none */
export async function readLatestRecord(store: LogStore, dataset: string): Promise<VersionRecord | undefined> {
  const read = (number: number) => readRecord(store, dataset, number);
  let latest = await read(1);
  let beyond = 2;
  while (latest) {
    const found = await read(beyond);
    if (!found) break;
    latest = found;
    beyond *= 2;
  }
  while (latest && latest.number + 1 < beyond) {
    const middle = Math.floor((latest.number + beyond) / 2);
    const found = await read(middle);
    if (found) latest = found;
    else beyond = middle;
  }
  return latest;
}

/** A record before it has its number. */
export type UnnumberedRecord = Omit<VersionRecord, "format" | "number">;

/**
 * Gives a version that becomes live its number: that of the latest record where this is the same version, else the next one.
 * Repeated, it changes nothing.
 */
export async function recordVersion(store: LogStore, record: UnnumberedRecord): Promise<number> {
  const latest = await readLatestRecord(store, record.dataset);
  if (latest?.root === record.root) return latest.number;
  for (let number = (latest?.number ?? 0) + 1; ; number++) {
    const next: VersionRecord = { format: formatOf("version-record"), ...record, number };
    const { value } = await store.writeOnce(recordName(record.dataset, number), next);
    if (versionRecordSchema.parse(value).root === record.root) return number;
  }
}

/** How a log may name a version: `flights@3`, `flights@1f2e3d4c5b6a`, or `flights` for the live one. */
export interface VersionAddress {
  readonly dataset: string;
  /** A number, or the beginning of a root. @default the live version */
  readonly version?: string;
}

/** Parses `<dataset>[@<number|root>]`. Pure. */
export function parseVersionAddress(text: string): VersionAddress {
  const at = text.indexOf("@");
  if (at < 0) return { dataset: text };
  return { dataset: text.slice(0, at), version: text.slice(at + 1) };
}

/** Where a version is found by what it was called: its root, and its number where it has one. */
export interface ChosenVersion {
  readonly root: Digest;
  /** @default it was never numbered */
  readonly number?: number;
}

/**
 * Chooses a version of a log by a number or by the beginning, of 4 characters at least, of a root. Pure.
 * Of a root that was live more than once, the latest number is chosen.
 * @returns nothing when none is meant, or more than one root
 */
export function chooseVersion(
  records: readonly VersionRecord[],
  live: ChosenVersion | undefined,
  version: string | undefined,
): ChosenVersion | undefined {
  if (version === undefined || version === "live") return live;
  const numbered = records.find(({ number }) => String(number) === version);
  if (numbered) return { root: numbered.root, number: numbered.number };
  if (!/^[0-9a-f]{4,64}$/.test(version)) return undefined;
  const known: ChosenVersion[] = [...(live ? [live] : []), ...records];
  const meant = known.filter(({ root }) => root.startsWith(version));
  const roots = new Set(meant.map(({ root }) => root));
  const [root] = roots;
  if (root === undefined || roots.size > 1) return undefined;
  const number = meant.findLast((one) => one.number !== undefined)?.number;
  return number === undefined ? { root } : { root, number };
}
