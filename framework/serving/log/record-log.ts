/**
 * The log of a stream of records, such as what was asked and answered: records that arrive while others are being written are
 * written together, with one flush for all of them. Where they go is the target's: segments on a disk, or the store.
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { openSegmentTarget, type SegmentOptions } from "./segment-target.ts";
import { beginShort, type LikeRecord } from "./short-record.ts";

/** Where records are written. */
export interface RecordTarget {
  /** The number of the next record. */
  readonly next: number;
  /**
   * Keeps lines, the first of which has the number `next`, which then is the one after the last. The bytes are another batch's from then on.
   * @throws what kept them from being kept; then none of the numbers that may be there already is given again
   */
  append(lines: Buffer, records: number): Promise<void>;
  /**
   * Takes numbers up to this one for given, although their records are not written yet.
   * @returns whether it could: what a crash then loses is seen to be missing
   */
  reserve(last: number): boolean;
  /** Ends what is being written, if anything is in it, so that it can be shipped. */
  roll(): Promise<void>;
  /** Flushes and closes. @param lost how many records were accepted and could not be written */
  close(lost: number): Promise<void>;
}

/** Makes of a record what may be kept of it. */
export type Protect = (record: LoggedRecord) => LoggedRecord | Promise<LoggedRecord>;

/** A record before it has its number. */
export type LoggedRecord = Readonly<Record<string, unknown>>;

interface RecordLogOptions {
  /** Whether a record is accepted before the target has it. */
  readonly isTrusting: boolean;
  readonly target: RecordTarget;
  /** @default a record is kept as it is */
  readonly protect?: Protect | undefined;
}

const lineFeed = 0x0a;

/** The most that stands before a record, in bytes. */
const longestBeginning = beginShort(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).length;

/** Room for so many bytes is kept for the next batch, which few are longer than. */
const usualLines = 2 ** 18;

/** With this much accepted and not yet written, even `memory` waits; in bytes. */
const mostUnwritten = 16 * 2 ** 20;

/** With this much waiting, records are refused, in bytes: a disk or a store that is slower than callers must not fill the memory. */
const mostWaiting = 256 * 2 ** 20;

/** So much is written at once, in bytes, or one record: no segment is much longer than it is to be. */
const batchBytes = 16 * 2 ** 20;

/**
 * For so long at most records that keep coming are waited for, in milliseconds: a flush costs the processor as much as ten answers, for
 * one record and for sixty alike. It is about twice as long as a flush takes: much longer, and all callers wait for the same one.
 */
const mostGathering = 0.5;

/** After so many turns of the event loop without a record none is on its way: what is read in one turn is answered in the next. */
const quietTurns = 2;

/** A record on its way to the disk. */
interface Entry {
  /** The record's JSON without its opening brace and number, or what writes it. */
  readonly rest: Buffer | LikeRecord;
  /** What it takes at most, in bytes. */
  readonly size: number;
  /** Whoever waits for it, told of the disk's error where there is one. @default nobody: it was accepted already and must not be lost */
  readonly settle: ((error?: unknown) => void) | undefined;
}

/** Appends records in the order they come. Open it with `openRecordLog`. */
export class RecordLog {
  readonly #isTrusting: boolean;
  readonly #target: RecordTarget;
  readonly #protect: Protect | undefined;
  #queue: Entry[] = [];
  #unwritten = 0;
  #failing = false;
  #rolls: PromiseWithResolvers<void>[] = [];
  /** One batch is written at a time, so that all of the usual size have the same room. @default none was written yet */
  #lines: Buffer | undefined;
  #writing: Promise<void> | undefined;

  constructor({ isTrusting, target, protect }: RecordLogOptions) {
    this.#isTrusting = isTrusting;
    this.#target = target;
    this.#protect = protect;
  }

  /** Whether something of a record must not be kept as it is: then `add` is not for it. */
  get isProtected(): boolean {
    return this.#protect !== undefined;
  }

  /**
   * Appends a record of at least one field, which gets its `sequence` when it is written.
   *
   * @returns once the record is as durable as was asked for.
   * @throws the disk's error: the record is not kept then, and whoever asked must not be told that it is.
   */
  async append(record: LoggedRecord): Promise<void> {
    const kept = this.#protect ? await this.#protect(record) : record;
    await new Promise<void>((resolve, reject) => {
      this.add(Buffer.from(JSON.stringify(kept).slice(1)), (error) =>
        error === undefined ? resolve() : reject(error),
      );
    });
  }

  /**
   * Appends a record as `append` does, and as it is.
   * @param rest its JSON in UTF-8 without the opening brace, or what writes it
   * @param settle is told once: of nothing once it is kept, or of the error that kept it from being. It never throws
   */
  add(rest: Buffer | LikeRecord, settle: (error?: unknown) => void): void {
    if (this.#unwritten > mostWaiting) {
      settle(new Error(`more than ${mostWaiting} bytes wait to be written`));
      return;
    }
    const size = rest instanceof Uint8Array ? rest.length : rest.size;
    this.#unwritten += size;
    const isTrusted = this.#isTrusting && this.#canTrust();
    this.#queue.push({ rest, size, settle: isTrusted ? undefined : settle });
    this.#write();
    if (isTrusted) settle();
  }

  /** The number that the next record is written with. */
  get next(): number {
    return this.#target.next;
  }

  /** Ends the segment that is being written, if there is anything in it. @throws the disk's error */
  roll(): Promise<void> {
    const rolled = Promise.withResolvers<void>();
    this.#rolls.push(rolled);
    this.#write();
    return rolled.promise;
  }

  /** Writes and flushes what was accepted, and closes the segment. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
    await this.#target.close(this.#queue.length);
    if (this.#queue.length > 0) throw new Error(`accepted records that could not be written: ${this.#queue.length}`);
  }

  /** After an error nothing is accepted on trust until a write has worked again. */
  #canTrust(): boolean {
    const last = this.#target.next + this.#inWriting + this.#queue.length;
    return !this.#failing && this.#unwritten < mostUnwritten && this.#target.reserve(last);
  }

  /** How many records are on their way into the target. */
  #inWriting = 0;

  #write(): void {
    if (this.#queue.length > 0 || this.#rolls.length > 0) this.#writing ??= this.#drain();
  }

  /** Writes until nothing is left. It ends in the same turn as it finds so: a record that comes later starts another. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0 || this.#rolls.length > 0) {
      await this.#gather();
      if (!(await this.#writeBatch())) break;
      await this.#roll();
    }
    this.#writing = undefined;
  }

  /** Lets what is about to come be written with what is there. A record that comes alone waits for nothing but that no other one does. */
  async #gather(): Promise<void> {
    const begun = performance.now();
    let known = this.#queue.length;
    let quiet = 0;
    while (quiet < quietTurns && this.#unwritten < batchBytes && performance.now() - begun < mostGathering) {
      await turn();
      quiet = this.#queue.length === known ? quiet + 1 : 0;
      known = this.#queue.length;
    }
  }

  /** @returns whether there is reason to go on */
  async #writeBatch(): Promise<boolean> {
    // After an error all are tried, so that whoever can be told is.
    const batch = this.#queue.splice(0, this.#failing ? this.#queue.length : countBatch(this.#queue));
    if (batch.length === 0) return true;
    this.#inWriting = batch.length;
    try {
      await this.#target.append(this.#writeLines(batch), batch.length);
      this.#inWriting = 0;
      this.#failing = false;
      for (const { size, settle } of batch) {
        this.#unwritten -= size;
        settle?.();
      }
      return true;
    } catch (error) {
      this.#inWriting = 0;
      this.#failing = true;
      for (const { size, settle } of batch) {
        if (settle === undefined) continue;
        this.#unwritten -= size;
        settle(error);
      }
      this.#queue.unshift(...batch.filter(({ settle }) => settle === undefined));
      for (const rolled of this.#rolls.splice(0)) rolled.reject(error);
      // What was accepted waits for the next record, whose caller can be told.
      return this.#queue.some(({ settle }) => settle !== undefined);
    }
  }

  /** Each record with its number, in a line of its own. */
  #writeLines(batch: readonly Entry[]): Buffer {
    let needed = 0;
    for (const { size } of batch) needed += longestBeginning + size + 1;
    if (needed > usualLines) return writeLines(batch, this.#target.next, Buffer.allocUnsafe(needed));
    this.#lines ??= Buffer.allocUnsafeSlow(usualLines);
    return writeLines(batch, this.#target.next, this.#lines);
  }

  async #roll(): Promise<void> {
    const rolls = this.#rolls.splice(0);
    if (rolls.length === 0) return;
    const failed = await this.#target.roll().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    for (const rolled of rolls) failed ? rolled.reject(failed.error) : rolled.resolve();
  }
}

/** @param room has room for them @returns how much of it they take */
function writeLines(batch: readonly Entry[], first: number, room: Buffer): Buffer {
  let at = 0;
  let sequence = first;
  /** By the kind of records the number of the one that is whole: what is written at once can be read without anything else. */
  const wholes = new Map<object, number>();
  for (const { rest } of batch) {
    const like = rest instanceof Uint8Array ? undefined : wholes.get(rest.kind);
    if (rest instanceof Uint8Array) writeWhole(rest);
    else if (like !== undefined) at = rest.writeShort(beginShort(sequence, like), room, at);
    else {
      wholes.set(rest.kind, sequence);
      writeWhole(rest.write());
    }
    room[at++] = lineFeed;
    sequence++;
  }
  return room.subarray(0, at);

  function writeWhole(rest: Buffer): void {
    at += room.write(`{"sequence":${sequence},`, at, "latin1");
    room.set(rest, at);
    at += rest.length;
  }
}

/** How many of those that wait are written next: at least one where there is any. */
function countBatch(queue: readonly Entry[]): number {
  let bytes = 0;
  const end = queue.findIndex(({ size }, i) => {
    bytes += size;
    return i > 0 && bytes > batchBytes;
  });
  return end < 0 ? queue.length : end;
}

/**
 * Opens the log of a stream of a replica where its last process left it.
 *
 * @example
 * const log = await openRecordLog({ folder, stream: "feedback", durability: "disk" });
 * await log.append({ id, time, inference, label });
 */
export async function openRecordLog({ protect, ...options }: SegmentOptions & Pick<RecordLogOptions, "protect">) {
  const target = await openSegmentTarget(options);
  return new RecordLog({ isTrusting: options.durability === "memory", target, protect });
}
