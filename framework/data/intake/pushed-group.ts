/**
 * Groups of pushed batches: those that came while nothing was ingested are sealed together, so that a version has one file for
 * many small batches. A group is a write-once name and never changes; groups are numbered from 1, and no batch is in two.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { versioned } from "../../definitions/versioned.ts";
import { referenceSchema } from "../../store/reference.ts";
import { mapConcurrently } from "../concurrency.ts";
import { type PushedBatch, pushedBatchSchema, pushedPrefix } from "./pushed-batch.ts";

const pushedGroupSchema = versioned("pushed-group", {
  dataset: z.string(),
  /** Counts from 1. */
  number: z.int().min(1),
  /** In the order in which they came. */
  batches: z.array(z.strictObject({ name: z.string(), object: referenceSchema, rows: z.int() })).min(1),
});

export type PushedGroup = z.output<typeof pushedGroupSchema>;

/** What a group may have. */
export interface GroupLimits {
  /** Rows of its batches, unless one batch alone has more. */
  readonly rows: number;
  readonly batches: number;
}

/** What a group may have unless something else is said. */
const defaultGroupLimits: GroupLimits = { rows: 100_000, batches: 1_000 };

/** What the names of groups begin with. */
const groupPrefix = "pushed-groups/";

/** What groups need of a store. */
export interface GroupStore {
  listNames(prefix: string): AsyncIterable<string>;
  readName(name: string): Promise<unknown>;
  writeOnce(name: string, value: unknown): Promise<{ readonly created: boolean; readonly value: unknown }>;
}

/** How many names are read at once. */
const readers = 16;

/** Seals what came since the last group, and returns all groups in the order of their numbers. Repeated, it changes nothing. */
export async function sealGroups(
  store: GroupStore,
  dataset: string,
  limits: GroupLimits = defaultGroupLimits,
): Promise<readonly PushedGroup[]> {
  for (;;) {
    const groups = await readGroups(store, dataset);
    const fresh = await readFresh(store, dataset, groups);
    const sealed = cutGroups(dataset, fresh, { limits, after: groups.length });
    if (await writeGroups(store, sealed)) return [...groups, ...sealed];
    // Somebody else has sealed some of them meanwhile.
  }
}

/** A batch by its name. */
export interface NamedBatch {
  readonly name: string;
  readonly batch: PushedBatch;
}

/** Cuts batches into groups, in the order in which they came. Pure. */
export function cutGroups(
  dataset: string,
  batches: readonly NamedBatch[],
  { limits, after }: { readonly limits: GroupLimits; readonly after: number },
): PushedGroup[] {
  const groups: PushedGroup[] = [];
  let rows = 0;
  for (const { name, batch } of [...batches].sort(compareArrival)) {
    const last = groups.at(-1);
    const isFull = !last || last.batches.length >= limits.batches || rows + batch.rows > limits.rows;
    const group = isFull
      ? { format: formatOf("pushed-group"), dataset, number: after + groups.length + 1, batches: [] }
      : last;
    if (isFull) groups.push(group);
    rows = (isFull ? 0 : rows) + batch.rows;
    group.batches.push({ name, object: batch.object, rows: batch.rows });
  }
  return groups;
}

function compareArrival(a: NamedBatch, b: NamedBatch): number {
  const [first, second] = [`${a.batch.at} ${a.name}`, `${b.batch.at} ${b.name}`];
  return first < second ? -1 : Number(first > second);
}

async function readGroups(store: GroupStore, dataset: string): Promise<PushedGroup[]> {
  const names = await listAll(store, `${groupPrefix}${dataset}/`);
  const groups = await mapConcurrently(names, readers, async (name) =>
    pushedGroupSchema.parse(await store.readName(name)),
  );
  return groups.sort((a, b) => a.number - b.number);
}

/** The batches that are in no group. */
async function readFresh(store: GroupStore, dataset: string, groups: readonly PushedGroup[]): Promise<NamedBatch[]> {
  const sealed = new Set(groups.flatMap(({ batches }) => batches.map(({ name }) => name)));
  const names = (await listAll(store, `${pushedPrefix}${dataset}/`)).filter((name) => !sealed.has(name));
  return mapConcurrently(names, readers, async (name) => {
    return { name, batch: pushedBatchSchema.parse(await store.readName(name)) };
  });
}

/** @returns whether all are there as they were meant */
async function writeGroups(store: GroupStore, groups: readonly PushedGroup[]): Promise<boolean> {
  // One after the other: none may be there whose number is not the next.
  for (const group of groups) {
    const { created } = await store.writeOnce(`${groupPrefix}${group.dataset}/${group.number}`, group);
    if (!created) return false;
  }
  return true;
}

async function listAll(store: GroupStore, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of store.listNames(prefix)) names.push(name);
  return names;
}
