/**
 * The shipping of one segment: into the store as a part, then into its replica's head. Whatever is cut off is done again, and
 * comes to the same; only when all is done may the segment go.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { formatOf } from "../../definitions/format.ts";
import type { Json } from "../../plan/canonical.ts";
import type { Store } from "../../store/store.ts";
import { convertApart, mergeApart } from "./converter.ts";
import { chooseMerge } from "./log-index.ts";
import {
  countNumbers,
  findStillMissing,
  type IdIndex,
  type LogAddress,
  type LogHead,
  type LogPart,
  logHeadName,
  logHeadSchema,
  logName,
  type NumberRange,
  replicaName,
} from "./log-part.ts";

/** What shipping needs of the store. */
export type ShippingStore = Pick<Store, "putFile" | "fetchFile" | "writeOnce" | "moveRef"> & {
  readRef(name: string): Promise<{ readonly value: unknown; readonly generation: number } | undefined>;
};

export interface SegmentToShip {
  /** The file with its lines, which changes no more. */
  readonly path: string;
  readonly replica: string;
}

export interface ShippingOptions {
  readonly store: ShippingStore;
  readonly address: LogAddress;
  /** An existing folder, in which what is under way has one of its own. */
  readonly workFolder: string;
  readonly signal?: AbortSignal | undefined;
}

/** What was shipped. */
export interface ShippedSegment {
  readonly records: number;
  /** How many numbers are missing, in it and between it and what was shipped before. */
  readonly missing: number;
  /** Which of them nobody has missed before. */
  readonly gaps: readonly NumberRange[];
}

/**
 * Ships a segment.
 * @returns what of it is new in the store; nothing of a segment without records, or one that was shipped before
 * @throws what the store throws, or why it could not be converted
 */
export async function shipSegment(
  segment: SegmentToShip,
  options: ShippingOptions,
): Promise<ShippedSegment | undefined> {
  const { store, address, workFolder, signal } = options;
  const { path, replica } = segment;
  const folder = await mkdtemp(join(workFolder, "shipping-"));
  try {
    const today = new Date().toISOString().slice(0, 10);
    const converted = await convertApart({ path, replica, folder, today }, signal);
    if (!converted) return undefined;
    const { parquet, index, place, ...facts } = converted;
    const part: LogPart = {
      format: formatOf("log-part"),
      ...address,
      replica,
      ...facts,
      object: await store.putFile(parquet),
    };
    await store.writeOnce(replicaName(address, replica), {});
    const name = `${logName(address)}/${place}`;
    // What was named by the same lines before keeps the object that it has: both have the same records.
    const { created } = await store.writeOnce(name, part as Json);
    return await advanceHead({ part, place, index, isNew: created }, { ...options, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface NewPart {
  readonly part: LogPart;
  readonly place: string;
  /** The file with the index of its ids. */
  readonly index: string;
  /** Whether it was named now: one that was named before is in the head already, unless that was cut off. */
  readonly isNew: boolean;
}

/** Takes a part into the head of its replica, unless it is in it. */
async function advanceHead(
  { part, place, index, isNew }: NewPart,
  options: ShippingOptions & { readonly folder: string },
): Promise<ShippedSegment | undefined> {
  const { store, address } = options;
  const name = logHeadName(address, part.replica);
  const ref = await store.readRef(name);
  const head = ref && logHeadSchema.parse(ref.value);
  const known = head?.missing ?? [];
  const missing = findStillMissing(part, { known, before: head?.last ?? 0 });
  // One that was cut off after it was named is still missing there, whatever was taken into the head since.
  const isTaken = head !== undefined && head.last >= part.last && countNumbers(missing) === countNumbers(known);
  if (!isNew && isTaken) return undefined;
  const [day = ""] = place.split("/");
  const object = await store.putFile(index);
  const indexes = [...(head?.indexes ?? []), { object, entries: part.records, parts: 1 }];
  const next: LogHead = {
    format: formatOf("log-head"),
    parts: (head?.parts ?? 0) + 1,
    records: (head?.records ?? 0) + part.records,
    last: Math.max(head?.last ?? 0, part.last),
    missing,
    days: { from: earlier(head?.days.from, day), to: later(head?.days.to, day) },
    latest: place,
    indexes: await mergeSmall(indexes, options),
  };
  await store.moveRef(name, { generation: next.parts, value: next as Json });
  const gaps = findStillMissing(part, { known: [], before: head?.last ?? 0 });
  return { records: part.records, missing: Math.max(0, countNumbers(missing) - countNumbers(known)), gaps };
}

async function mergeSmall(
  indexes: readonly IdIndex[],
  options: ShippingOptions & { readonly folder: string },
): Promise<IdIndex[]> {
  const { store, folder, signal } = options;
  const count = chooseMerge(indexes);
  if (count === 0) return [...indexes];
  const small = indexes.slice(-count);
  const files = await Promise.all(
    small.map(async ({ object, entries, parts }) => ({ path: await store.fetchFile(object), entries, parts })),
  );
  const merged = {
    object: await store.putFile(await mergeApart(files, { folder, signal })),
    entries: small.reduce((sum, { entries }) => sum + entries, 0),
    parts: small.reduce((sum, { parts }) => sum + parts, 0),
  };
  return await mergeSmall([...indexes.slice(0, -count), merged], options);
}

function earlier(known: string | undefined, day: string): string {
  return known !== undefined && known < day ? known : day;
}

function later(known: string | undefined, day: string): string {
  return known !== undefined && known > day ? known : day;
}
