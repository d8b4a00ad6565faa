/**
 * The shipper: brings the closed segments of a stream into the store, again and again, and removes each when it is there. A store
 * that does not answer is tried again; meanwhile records go on into segments, for as long as the disk has room.
 * @module
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConversionFailed } from "./converter.ts";
import { countNumbers, type LogAddress, sayRanges } from "./log-part.ts";
import { type SegmentToShip, type ShippedSegment, type ShippingStore, shipSegment } from "./ship-segment.ts";

/** A segment that changes no more. */
export interface ClosedSegment extends SegmentToShip {
  /** Called when all of it is in the store. */
  readonly remove: () => Promise<void>;
}

/** Where segments come from. */
export interface SegmentSource {
  /** What waits to be shipped, the oldest first; what is being written is ended before. */
  listClosed(): Promise<readonly ClosedSegment[]>;
  /** What waits to be shipped or is being written. */
  measure(): Promise<UnshippedRecords>;
}

/** Several sources as one. */
export function joinSources(sources: readonly SegmentSource[]): SegmentSource {
  return {
    async listClosed() {
      const closed: ClosedSegment[] = [];
      for (const source of sources) closed.push(...(await source.listClosed()));
      return closed;
    },
    async measure() {
      const measured = await Promise.all(sources.map((source) => source.measure()));
      return {
        records: measured.reduce((sum, { records }) => sum + records, 0),
        bytes: measured.reduce((sum, { bytes }) => sum + bytes, 0),
        oldestSeconds: Math.max(0, ...measured.map(({ oldestSeconds }) => oldestSeconds)),
      };
    },
  };
}

/** Records that are not in the store as a part yet. */
export interface UnshippedRecords {
  readonly records: number;
  /** In bytes. */
  readonly bytes: number;
  /** How long ago the oldest of them was written, in seconds; 0 where there is none. */
  readonly oldestSeconds: number;
}

export interface ShipperOptions {
  readonly store: ShippingStore;
  readonly address: LogAddress;
  readonly source: SegmentSource;
  /** The folder of the segments, in which what is under way has one of its own. */
  readonly folder: string;
  /** How often segments are ended and shipped, in milliseconds. @default 60000 */
  readonly everyMilliseconds?: number | undefined;
  /** Told what fails, and that it works again, in one line each. */
  readonly report: (line: string) => void;
}

const usualInterval = 60_000;
/** Waits after a failure, from the first doubling to the longest, in milliseconds. */
const firstPause = 1000;
const longestPause = 30_000;

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #stop = new AbortController();
  #shipped = { segments: 0, shippedRecords: 0, missing: 0, failures: 0 };
  #running: Promise<void> | undefined;
  #round: Promise<void> | undefined;
  #problem: string | undefined;

  constructor(options: ShipperOptions) {
    this.#options = options;
  }

  /** Begins. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** What was shipped since it began, and how often that failed. */
  get shipped(): Readonly<{ segments: number; shippedRecords: number; missing: number; failures: number }> {
    return this.#shipped;
  }

  measure(): Promise<UnshippedRecords> {
    return this.#options.source.measure();
  }

  get stream(): string {
    return this.#options.address.stream;
  }

  /** Ships what waits now; those under way are waited for. @throws what shipping throws */
  async ship(): Promise<void> {
    while (this.#round) await this.#round.catch(() => undefined);
    this.#round = this.#shipAll().finally(() => {
      this.#round = undefined;
    });
    await this.#round;
  }

  /** Ends it; what it was about is cut off, and shipped by the next. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#round?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { everyMilliseconds = usualInterval } = this.#options;
    const { signal } = this.#stop;
    let pause = firstPause;
    for (let wait = everyMilliseconds; !signal.aborted; ) {
      await sleep(wait, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const failure = await this.ship().then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (signal.aborted) return;
      this.#tell(failure);
      wait = failure ? Math.min(pause, everyMilliseconds) : everyMilliseconds;
      pause = failure ? Math.min(pause * 2, longestPause) : firstPause;
    }
  }

  #tell(failure: { readonly error: unknown } | undefined): void {
    const { report, address } = this.#options;
    const problem = failure && sayError(failure.error);
    if (problem !== undefined) this.#shipped = { ...this.#shipped, failures: this.#shipped.failures + 1 };
    if (problem !== undefined && problem !== this.#problem)
      report(`the log of ${address.stream} waits, for it cannot be brought into the store: ${problem}`);
    if (problem === undefined && this.#problem !== undefined)
      report(`the log of ${address.stream} is brought into the store again`);
    this.#problem = problem;
  }

  async #shipAll(): Promise<void> {
    const { store, address, source, folder } = this.#options;
    const { signal } = this.#stop;
    const workFolder = locateWork(folder, address);
    await mkdir(workFolder, { recursive: true });
    // What an earlier process left half.
    for (const name of await readdir(workFolder)) await rm(join(workFolder, name), { recursive: true, force: true });
    let failed: unknown;
    for (const segment of await source.listClosed()) {
      signal.throwIfAborted();
      try {
        const shipped = await shipSegment(segment, { store, address, workFolder, signal });
        this.#count(shipped);
        this.#tellGaps(segment.replica, shipped?.gaps ?? []);
        await segment.remove();
      } catch (error) {
        // One segment that cannot be converted keeps no other from the store.
        if (!(error instanceof ConversionFailed)) throw error;
        failed ??= error;
      }
    }
    if (failed !== undefined) throw failed;
  }

  #tellGaps(replica: string, gaps: ShippedSegment["gaps"]): void {
    const { report, address } = this.#options;
    if (gaps.length > 0)
      report(
        `the log of ${address.stream} has a gap: no record has ${countNumbers(gaps)} of the numbers of replica ${replica}: ${sayRanges(gaps)}`,
      );
  }

  #count(segment: ShippedSegment | undefined): void {
    if (!segment) return;
    const { segments, shippedRecords, missing, failures } = this.#shipped;
    this.#shipped = {
      segments: segments + 1,
      shippedRecords: shippedRecords + segment.records,
      missing: missing + segment.missing,
      failures,
    };
  }
}

/** Where in the folder of segments lies what is under way; nothing there counts. */
export function locateWork(folder: string, { stream }: Pick<LogAddress, "stream">): string {
  return join(folder, `${stream}-work`);
}

function sayError(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
