/**
 * What of a log is in the store: its replicas, how far each has come, and the parts of a day.
 * @module
 */
import type { Store } from "../../store/store.ts";
import {
  type LogAddress,
  type LogHead,
  logHeadName,
  logHeadSchema,
  logName,
  type PlacedPart,
  parsePartPlace,
  replicaPrefix,
} from "./log-part.ts";

/** What reading needs of the store. */
export type LogReadingStore = Pick<Store, "listNames" | "listFolders" | "readName" | "fetchFile"> & {
  readonly inventory: Pick<Store["inventory"], "peek">;
  readonly entries: Pick<Store["entries"], "list" | "read">;
  readRef(name: string): Promise<{ readonly value: unknown } | undefined>;
};

/** A replica, and how far its log has come. */
export interface ReplicaHead {
  readonly replica: string;
  readonly head: LogHead;
}

/** The replicas of a stream that have anything in the store. */
export async function listReplicas(store: LogReadingStore, address: LogAddress): Promise<readonly ReplicaHead[]> {
  const prefix = replicaPrefix(address);
  const replicas: string[] = [];
  for await (const name of store.listNames(prefix)) replicas.push(name.slice(prefix.length));
  const heads = await Promise.all(
    replicas.map(async (replica) => {
      const ref = await store.readRef(logHeadName(address, replica));
      return ref ? [{ replica, head: logHeadSchema.parse(ref.value) }] : [];
    }),
  );
  return heads.flat();
}

/** The parts of a day, the newest of each replica first. @param day `2026-03-01` */
export async function listParts(
  store: LogReadingStore,
  address: LogAddress,
  day: string,
): Promise<readonly PlacedPart[]> {
  const root = `${logName(address)}/`;
  const parts: PlacedPart[] = [];
  for await (const name of store.listNames(`${root}${day}/`)) {
    const part = parsePartPlace(name.slice(root.length));
    if (part) parts.push(part);
  }
  return parts.sort((a, b) => b.last - a.last);
}

/** The days of which there are parts, from the last to the first: those alone, however far apart clocks that were wrong have set them. */
export async function listDays(store: LogReadingStore, address: LogAddress, since?: Date): Promise<readonly string[]> {
  // A part is named for the day of its first record, and may have records of the day after.
  const first = since ? since.getTime() - 2 * dayMilliseconds : Number.NEGATIVE_INFINITY;
  const days: string[] = [];
  for await (const day of store.listFolders(`${logName(address)}/`)) if (Date.parse(day) >= first) days.push(day);
  return days.reverse();
}

const dayMilliseconds = 86_400_000;
