/**
 * The record of a trial: what a version that has yet to prove itself is asked for now, in a file, so that it is known of a process that
 * ended meanwhile, however it did. The system keeps what a process has written when the process is no more.
 *
 * It is written when a run of that version's begins and when it ends, some microseconds each; other versions write nothing.
 * @module
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { VariantEvidence } from "./evidence.ts";

/** Which version it is, as routing has it. */
export type TriedVariant = Pick<VariantEvidence, "name" | "model" | "version" | "package" | "weight">;

/** What one run of a model answers. */
export interface AskedRun {
  /** Requests of callers. */
  readonly requests: number;
  /** Rows that it is asked for unseen. */
  readonly unseen: number;
}

/** What a process was asking a version when it ended. */
export interface EndedTrial extends AskedRun {
  readonly variant: TriedVariant;
}

const namePattern = /^trial-\d+\.bin$/;
/** Two counts, of requests and of rows, before the variant as JSON. */
const headBytes = 8;

let made = 0;

/** The record of one version's trial by this process. */
export class TrialRecord {
  readonly #path: string;
  readonly #head = Buffer.alloc(headBytes);
  readonly #report: (line: string) => void;
  #file: number | undefined;
  #requests = 0;
  #unseen = 0;

  /**
   * Begins it. Where it cannot be written nobody learns of an end, which is said, and all else goes on.
   * @param folder the process's own; made where there is none
   */
  constructor(folder: string, variant: TriedVariant, report: (line: string) => void) {
    this.#path = join(folder, `trial-${++made}.bin`);
    this.#report = report;
    this.#try(() => {
      mkdirSync(folder, { recursive: true });
      this.#file = openSync(this.#path, "w");
      writeSync(this.#file, Buffer.concat([this.#head, Buffer.from(JSON.stringify(variant))]));
    });
  }

  /** A run is about to begin. */
  begin({ requests, unseen }: AskedRun): void {
    this.#requests += requests;
    this.#unseen += unseen;
    this.#write();
  }

  /** A run has ended. */
  end({ requests, unseen }: AskedRun): void {
    this.#requests -= requests;
    this.#unseen -= unseen;
    this.#write();
  }

  /** Ends it, and leaves nothing. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      closeSync(file);
      rmSync(this.#path, { force: true });
    } catch (error) {
      this.#say(error);
    }
  }

  #write(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#try(() => {
      this.#head.writeUInt32LE(this.#requests, 0);
      this.#head.writeUInt32LE(this.#unseen, 4);
      writeSync(file, this.#head, 0, headBytes, 0);
    });
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#say(error);
      // What it said last is true no more, and would be held against the version when the process ends well.
      this.close();
    }
  }

  #say(error: unknown): void {
    this.#report(`a trial cannot be recorded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Takes what a process that has ended was asking the versions on trial. Nothing is left of it. */
export function takeEndedTrials(folder: string): readonly EndedTrial[] {
  const ended: EndedTrial[] = [];
  for (const name of listTrials(folder)) {
    const path = join(folder, name);
    try {
      const bytes = readFileSync(path);
      const [requests, unseen] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
      // It was written by this very program, and whole before the first run.
      const variant = JSON.parse(bytes.toString("utf8", headBytes)) as TriedVariant;
      if (requests + unseen > 0) ended.push({ variant, requests, unseen });
    } catch {
      // One that was just begun says nothing yet.
    }
    remove(path);
  }
  return ended;
}

/** Removes a file. One that cannot be removed keeps nobody from serving: the next record of its name takes its place. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is counted again at the next end.
  }
}

function listTrials(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => namePattern.test(name));
  } catch {
    return [];
  }
}
