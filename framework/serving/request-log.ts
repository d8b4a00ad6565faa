/**
 * The request log: what was asked and answered, in segments on a local disk. Records that arrive while others are being
 * written are written together, with one flush for all of them.
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { type OpenSegment, openSegment, recoverSegments, type SegmentEnd } from "./segment.ts";

export interface RequestLogOptions {
  /** The replica's own folder; it is made when it is not there. No two processes may share it. */
  readonly folder: string;
  /** `disk`: a record is kept once it is flushed to the disk. `memory`: once it is accepted, which a crash undoes. */
  readonly durability: "disk" | "memory";
  /** A segment that has come to this size is closed and the next begun, in bytes. @default 64 MiB */
  readonly segmentBytes?: number;
}

const lineFeed = 0x0a;
const usualSegmentBytes = 64 * 2 ** 20;

/** With this much accepted and not yet written, even `memory` waits; in bytes. */
const mostUnwritten = 16 * 2 ** 20;

/** A record on its way to the disk. */
interface Entry {
  /** The record's JSON without its opening brace and number. */
  readonly rest: Buffer;
  /** Whoever waits for it, told of the disk's error where there is one. @default nobody: it was accepted already and must not be lost */
  readonly settle: ((error?: unknown) => void) | undefined;
}

/** Appends records in the order they come. Open it with `openRequestLog`. */
export class RequestLog {
  readonly #options: RequestLogOptions;
  #end: SegmentEnd;
  #segment: OpenSegment | undefined;
  #queue: Entry[] = [];
  #unwritten = 0;
  #failing = false;
  #writing: Promise<void> | undefined;

  constructor(options: RequestLogOptions, end: SegmentEnd) {
    this.#options = options;
    this.#end = end;
  }

  /**
   * Appends a record of at least one field, which gets its `sequence` when it is written.
   *
   * @returns once the record is as durable as was asked for.
   * @throws the disk's error: the record is not kept then, and whoever asked must not be told that it is.
   */
  append(record: Readonly<Record<string, unknown>>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.add(Buffer.from(JSON.stringify(record).slice(1)), (error) =>
        error === undefined ? resolve() : reject(error),
      );
    });
  }

  /**
   * Appends a record as `append` does.
   * @param rest its JSON in UTF-8 without the opening brace
   * @param settle is told once: of nothing once it is kept, or of the error that kept it from being. It never throws
   */
  add(rest: Buffer, settle: (error?: unknown) => void): void {
    this.#unwritten += rest.length;
    // After an error nothing is accepted on trust until a write has worked again.
    const isTrusted = this.#options.durability === "memory" && !this.#failing && this.#unwritten < mostUnwritten;
    this.#queue.push({ rest, settle: isTrusted ? undefined : settle });
    this.#write();
    if (isTrusted) settle();
  }

  /** Writes and flushes what was accepted, and closes the segment. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
    const segment = this.#segment;
    this.#segment = undefined;
    await segment?.cut();
    await segment?.flush();
    await segment?.close();
    if (this.#queue.length > 0) throw new Error(`accepted records that could not be written: ${this.#queue.length}`);
  }

  #write(): void {
    if (this.#queue.length > 0) this.#writing ??= this.#drain();
  }

  /** Writes until nothing is left. It ends in the same turn as it finds so: a record that comes later starts another. */
  async #drain(): Promise<void> {
    // What is answered in the same turn is written together.
    await turn();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#append(batch);
        this.#failing = false;
        for (const { rest, settle } of batch) {
          this.#unwritten -= rest.length;
          settle?.();
        }
      } catch (error) {
        this.#failing = true;
        for (const { rest, settle } of batch) {
          if (settle === undefined) continue;
          this.#unwritten -= rest.length;
          settle(error);
        }
        this.#queue.unshift(...batch.filter(({ settle }) => settle === undefined));
        // What was accepted waits for the next record, whose caller can be told.
        if (this.#queue.every(({ settle }) => settle === undefined)) break;
      }
    }
    this.#writing = undefined;
  }

  async #append(batch: readonly Entry[]): Promise<void> {
    const { folder, durability, segmentBytes = usualSegmentBytes } = this.#options;
    this.#segment ??= await openSegment(folder, this.#end);
    const segment = this.#segment;
    const { next } = this.#end;
    const bytes = writeLines(batch, next);
    try {
      await segment.append(bytes, durability === "disk");
    } catch (error) {
      await this.#abandon(batch.length);
      throw error;
    }
    this.#end = { next: next + batch.length };
    if (segment.size >= segmentBytes) {
      this.#segment = undefined;
      // Its records are kept, with or without the room behind them.
      await segment.cut().catch(() => undefined);
      await segment.close();
    }
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

/** Each record with its number, in a line of its own. */
function writeLines(batch: readonly Entry[], first: number): Buffer {
  const beginnings = batch.map((_, i) => `{"sequence":${first + i},`);
  const size = batch.reduce((sum, { rest }, i) => sum + (beginnings[i]?.length ?? 0) + rest.length + 1, 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [i, { rest }] of batch.entries()) {
    at += bytes.write(beginnings[i] ?? "", at, "latin1");
    at += rest.copy(bytes, at);
    at = bytes.writeUInt8(lineFeed, at);
  }
  return bytes;
}

/** Opens the log of a replica where its last process left it. */
export async function openRequestLog(options: RequestLogOptions): Promise<RequestLog> {
  return new RequestLog(options, await recoverSegments(options.folder, options.segmentBytes ?? usualSegmentBytes));
}
