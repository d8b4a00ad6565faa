/**
 * The journal: records that are acknowledged once they are in the store. What comes together is one entry there, until the entries
 * of a while become a part, and go. They outlive the machine: whoever serves the endpoint next ships what another left.
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mapConcurrently } from "../../data/concurrency.ts";
import type { Entries } from "../../store/entries.ts";
import { type LogAddress, logName, padNumber } from "./log-part.ts";
import type { RecordTarget } from "./record-log.ts";
import { chooseName, findReplica } from "./replica.ts";
import { type ClosedSegment, locateWork, type SegmentSource, type UnshippedRecords } from "./shipper.ts";

export interface JournalOptions {
  readonly entries: Pick<Entries, "write" | "read" | "list" | "remove">;
  readonly address: LogAddress;
  /** The replica's own folder. What it has for good is the replica's name. */
  readonly folder: string;
  /**
   * For how long the entries of another folder's replica must have lain there before they are shipped, in milliseconds: until then it may
   * live, and ship them itself. @default 10 minutes
   */
  readonly abandonedMilliseconds?: number | undefined;
}

const usualAbandoned = 600_000;
/** Entries of so many bytes become one part. */
const segmentBytes = 64 * 2 ** 20;
/** As many entries are read at once: a process that ended may have left thousands. */
const readAtOnce = 16;

/** An entry of the journal that is not in a part yet. */
interface PendingEntry {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** In bytes. */
  readonly size: number;
  /** @default they are read from the store when they are needed */
  readonly lines?: Buffer;
  /** In milliseconds since 1970. */
  readonly written: number;
}

type ListedEntry = Pick<PendingEntry, "name" | "size" | "lines">;

/**
 * Writes records into the store, and has what it wrote shipped. Each process numbers its records under a name of its own, which
 * begins with that of the folder's replica.
 */
export class Journal implements RecordTarget, SegmentSource {
  readonly replica: string;
  readonly #options: JournalOptions;
  /** What the names of all processes of this folder begin with. */
  readonly #family: string;
  #next = 1;
  #pending: PendingEntry[] = [];
  #held = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#family = `${findReplica(options.folder)}-`;
    this.replica = `${this.#family}${chooseName()}`;
  }

  get next(): number {
    return this.#next;
  }

  async append(lines: Buffer, records: number): Promise<void> {
    const first = this.#next;
    // Whatever comes of it, the numbers are not given again: an answer that got lost does not say what the store has.
    this.#next += records;
    const last = first + records - 1;
    const name = `${this.#prefix}${this.replica}/${padNumber(first)}-${padNumber(last)}`;
    await this.#options.entries.write(name, lines);
    const size = lines.length;
    const holds = this.#held + size <= segmentBytes;
    if (holds) this.#held += size;
    this.#pending.push({ name, first, last, size, written: Date.now(), ...(holds && { lines: Buffer.from(lines) }) });
  }

  /** Nothing is accepted before it is in the store. */
  reserve(): boolean {
    return false;
  }

  async roll(): Promise<void> {}

  async close(): Promise<void> {}

  async measure(): Promise<UnshippedRecords> {
    const oldest = this.#pending[0]?.written;
    return {
      records: this.#pending.reduce((sum, { first, last }) => sum + last - first + 1, 0),
      bytes: this.#pending.reduce((sum, { size }) => sum + size, 0),
      oldestSeconds: oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest) / 1000),
    };
  }

  async listClosed(): Promise<readonly ClosedSegment[]> {
    const closed: ClosedSegment[] = [];
    for (const group of groupBySize(this.#pending)) closed.push(await this.#gather(this.replica, group));
    for (const [replica, left] of await this.#listAbandoned())
      for (const group of groupBySize(left)) closed.push(await this.#gather(replica, group));
    return closed;
  }

  /** What replicas left that have ended without shipping it. */
  async #listAbandoned(): Promise<ReadonlyMap<string, readonly ListedEntry[]>> {
    const { entries, abandonedMilliseconds = usualAbandoned } = this.#options;
    const found = new Map<string, ListedEntry[]>();
    for await (const { name, size, modified } of entries.list(this.#prefix)) {
      const replica = name.slice(this.#prefix.length).split("/", 1)[0] ?? "";
      const isYoung = Date.now() - Date.parse(modified) < abandonedMilliseconds;
      // No two processes share a folder, so another one of the same folder has ended.
      if (replica === this.replica || (isYoung && !replica.startsWith(this.#family))) continue;
      const others = found.get(replica) ?? [];
      others.push({ name, size });
      found.set(replica, others);
    }
    return found;
  }

  async #gather(replica: string, group: readonly ListedEntry[]): Promise<ClosedSegment> {
    const { entries, folder: parent, address } = this.#options;
    const work = locateWork(parent, address);
    await mkdir(work, { recursive: true });
    const folder = await mkdtemp(join(work, "journal-"));
    const path = join(folder, "lines.jsonl");
    // One that another replica shipped meanwhile is gone.
    const read = await mapConcurrently(
      group,
      readAtOnce,
      async ({ name, lines }) => lines ?? (await entries.read(name)),
    );
    await writeFile(path, Buffer.concat(read.flatMap((lines) => lines ?? [])));
    const names = group.map(({ name }) => name);
    const remove = async () => {
      await entries.remove(names);
      this.#forget(new Set(names));
      await rm(folder, { recursive: true, force: true });
    };
    return { path, replica, remove };
  }

  #forget(gone: ReadonlySet<string>): void {
    this.#pending = this.#pending.filter(({ name }) => !gone.has(name));
    this.#held = this.#pending.reduce((sum, { lines }) => sum + (lines?.length ?? 0), 0);
  }

  get #prefix(): string {
    return `${logName(this.#options.address)}/`;
  }
}

/** Groups of entries that follow one another, each of so many bytes at most, or one entry. */
function groupBySize(entries: readonly ListedEntry[]): ListedEntry[][] {
  const groups: ListedEntry[][] = [];
  let size = 0;
  for (const entry of entries) {
    size += entry.size;
    const last = groups.at(-1);
    if (last && size <= segmentBytes) last.push(entry);
    else {
      groups.push([entry]);
      size = entry.size;
    }
  }
  return groups;
}
