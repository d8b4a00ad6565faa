/**
 * The log of a stream of an endpoint, opened as its durability says, with what brings it into the store.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { EndpointSpec } from "../../definitions/spec.ts";
import type { Entries } from "../../store/entries.ts";
import { Journal } from "./journal.ts";
import type { LogAddress } from "./log-part.ts";
import { openRecordLog, type Protect, RecordLog } from "./record-log.ts";
import { findReplica } from "./replica.ts";
import { FolderSource } from "./segment-source.ts";
import { listSegments } from "./segment-target.ts";
import type { ShippingStore } from "./ship-segment.ts";
import { joinSources, type SegmentSource, Shipper } from "./shipper.ts";

/** The name of the stream of what was asked and answered. */
export const requestStream = "requests";

/** What a log needs of the store. */
export interface LogStore extends ShippingStore {
  readonly entries: Pick<Entries, "write" | "read" | "list" | "remove">;
}

export interface LogOptions {
  readonly address: LogAddress;
  /** The replica's own folder. */
  readonly folder: string;
  readonly durability: EndpointSpec["log"]["durability"];
  /** How often records are brought into the store, in milliseconds. @default 60000 */
  readonly shipMilliseconds?: number | undefined;
  /** How long what another replica left must lie before it is shipped, in milliseconds. @default 10 minutes */
  readonly abandonedMilliseconds?: number | undefined;
  /** What of a record may be kept. @default all as it is */
  readonly protect?: Protect | undefined;
  /** Where records are brought. @default nowhere: segments stay in the folder */
  readonly store?: LogStore | undefined;
  /** Told what fails, in one line each. */
  readonly report: (line: string) => void;
}

export interface OpenLog {
  readonly log: RecordLog;
  /** @default segments stay in the folder */
  readonly shipper: Shipper | undefined;
  /** Ends shipping, then flushes and closes the log. @throws Error when accepted records could not be written */
  close(): Promise<void>;
}

/** How long what is being brought into the store is waited for when a log closes, in milliseconds. */
const patience = 2000;

/** Opens a log. @throws Error for durability `store` without a store */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const { store, address, folder, shipMilliseconds, report } = options;
  const { log, left, sources } = await openSources(options);
  const everyMilliseconds = shipMilliseconds;
  const source = joinSources(sources);
  const shipper = store && new Shipper({ store, address, folder, source, everyMilliseconds, report });
  shipper?.start();
  return {
    log,
    shipper,
    async close() {
      // The next one ships it: a store that does not answer must not keep from the disk what was accepted.
      await settleWithin(shipper?.close(), patience);
      await log.close();
      await left?.close();
    },
  };
}

interface LogWithSources {
  readonly log: RecordLog;
  /** Where records went before they went into the store. @default nowhere, as far as the folder tells */
  readonly left?: RecordLog;
  /** What is shipped. @default nothing is */
  readonly sources: readonly SegmentSource[];
}

/** What was kept while the endpoint said another durability is shipped as well: segments of the folder, and entries of the store. */
async function openSources(options: LogOptions): Promise<LogWithSources> {
  const { address, folder, durability, store, abandonedMilliseconds, protect } = options;
  const { stream } = address;
  const journal = store && new Journal({ entries: store.entries, address, folder, abandonedMilliseconds });
  if (durability === "store") {
    if (!journal) throw new Error("a log in the store needs a store");
    const log = new RecordLog({ isTrusting: false, target: journal, protect });
    if ((await listSegments({ folder, stream })).length === 0) return { log, sources: [journal] };
    const left = await openRecordLog({ folder, stream, durability: "disk" });
    return { log, left, sources: [openFolder(left, options), journal] };
  }
  const log = await openRecordLog({ folder, stream, durability, protect });
  return { log, sources: journal ? [openFolder(log, options), journal] : [] };
}

function openFolder(log: RecordLog, { folder, address: { stream } }: LogOptions): FolderSource {
  return new FolderSource({ log, folder, stream, replica: findReplica(folder) });
}

/** Waits for the end of work, or as long as that may take. */
async function settleWithin(work: Promise<void> | undefined, milliseconds: number): Promise<void> {
  const settled = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: settled.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  settled.abort();
}
