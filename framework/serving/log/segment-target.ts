/**
 * The records of a stream as segments on a local disk. The segment with the highest number is the one that is written; all
 * others are closed and wait to be shipped.
 * @module
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RecordTarget } from "./record-log.ts";
import { type OpenSegment, openSegment, parseSegmentName, recoverSegments, type SegmentEnd } from "./segment.ts";

export interface SegmentOptions {
  /** The replica's own folder; it is made when it is not there. No two processes may share it. */
  readonly folder: string;
  /** What the records are: `requests`, `feedback`. Lower-case letters. */
  readonly stream: string;
  /** `disk`: a record is kept once it is flushed to the disk. `memory`: once it is accepted, which a crash undoes. */
  readonly durability: "disk" | "memory";
  /** A segment that has come to this size is closed and the next begun, in bytes. @default 64 MiB */
  readonly segmentBytes?: number;
}

const usualSegmentBytes = 64 * 2 ** 20;

/** So many numbers are taken for given at once: as many at most are said to be missing after a crash, of which few are. */
const reserveStep = 1000;

class SegmentTarget implements RecordTarget {
  readonly #options: SegmentOptions;
  #end: SegmentEnd;
  #segment: OpenSegment | undefined;
  #reserved = 0;

  constructor(options: SegmentOptions, end: SegmentEnd) {
    this.#options = options;
    this.#end = end;
  }

  get next(): number {
    return this.#end.next;
  }

  async append(lines: Buffer, records: number): Promise<void> {
    const { segmentBytes = usualSegmentBytes } = this.#options;
    this.#segment ??= await this.#open();
    const segment = this.#segment;
    try {
      await segment.append(lines);
    } catch (error) {
      await this.#abandon(records);
      throw error;
    }
    this.#end = { next: this.#end.next + records };
    if (segment.size < segmentBytes) return;
    this.#segment = undefined;
    // Its records are kept, with or without the room behind them, and whatever closing says.
    await segment.cut().catch(() => undefined);
    await segment.close().catch(() => undefined);
  }

  reserve(last: number): boolean {
    if (last <= this.#reserved) return true;
    try {
      const path = reservePath(this.#options);
      // Whole or not at all: a number that was cut off would hide what is lost.
      writeFileSync(`${path}.new`, String(last + reserveStep));
      renameSync(`${path}.new`, path);
    } catch {
      return false;
    }
    this.#reserved = last + reserveStep;
    return true;
  }

  /** The next segment is there before the last one counts as closed, so that numbers go on from its name when that one is gone. */
  async roll(): Promise<void> {
    const { next, path } = this.#end;
    if (!this.#segment && path !== undefined) this.#segment = await this.#open();
    const segment = this.#segment;
    const hasNothing = segment ? segment.size === 0 : next === 1;
    if (hasNothing) return;
    await segment?.cut();
    await segment?.flush();
    await segment?.close();
    this.#end = { next };
    this.#segment = undefined;
    this.#segment = await this.#open();
  }

  #open(): Promise<OpenSegment> {
    const { folder, stream, durability } = this.#options;
    return openSegment({ folder, stream, isFlushed: durability === "disk" }, this.#end);
  }

  async close(lost: number): Promise<void> {
    const segment = this.#segment;
    this.#segment = undefined;
    await segment?.cut();
    await segment?.flush();
    await segment?.close();
    // What was accepted and is lost is a gap that is seen.
    if (lost === 0) rmSync(reservePath(this.#options), { force: true });
  }

  /** Leaves a segment that may hold a part of a batch, since after a failed flush nobody knows what the disk holds. */
  async #abandon(records: number): Promise<void> {
    const segment = this.#segment;
    this.#segment = undefined;
    const cut = await segment?.cut().then(
      () => true,
      () => false,
    );
    // Numbers that may have come to the disk are not given again: a gap is honest, a number twice is not.
    this.#end = { next: this.#end.next + (cut ? 0 : records) };
    await segment?.close().catch(() => undefined);
  }
}

function reservePath({ folder, stream }: SegmentOptions): string {
  return join(folder, `${stream}.reserved`);
}

/** Up to which number the last process may have given numbers away; 0 where it ended in order. */
function readReserved(options: SegmentOptions): number {
  try {
    return Number(readFileSync(reservePath(options), "utf8")) || 0;
  } catch {
    return 0;
  }
}

/** Opens the segments of a stream where the last process left them. */
export async function openSegmentTarget(options: SegmentOptions): Promise<RecordTarget> {
  const { folder, stream, segmentBytes = usualSegmentBytes } = options;
  const end = await recoverSegments(folder, stream, segmentBytes);
  const reserved = readReserved(options);
  // What was accepted on trust and lost in a crash is a gap that is seen.
  const target = new SegmentTarget(options, reserved < end.next ? end : { next: reserved + 1 });
  if (options.durability === "memory") target.reserve(target.next);
  return target;
}

/** A segment that is closed, or is being written. */
export interface ListedSegment {
  readonly path: string;
  /** The number of its first record. */
  readonly first: number;
}

/** The segments of a stream, in order: the last is the one that is written. */
export async function listSegments({ folder, stream }: Pick<SegmentOptions, "folder" | "stream">) {
  const names = await readdir(folder).catch((): string[] => []);
  const found = names.flatMap((name): ListedSegment[] => {
    const first = parseSegmentName(stream, name);
    return first === undefined ? [] : [{ path: join(folder, name), first }];
  });
  return found.sort((a, b) => a.first - b.first);
}
