/**
 * The studies that a worker has to do with: the sampler of each, what its trials under way have reported, and what was read of
 * its record, which never changes. All of it is found again by whoever starts anew.
 * @module
 */
import { formatOf } from "../../framework/definitions/format.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import { toBytes } from "../../framework/definitions/units.ts";
import type { Store } from "../../framework/store/store.ts";
import type { TrackingAddress } from "../../framework/tracking/client/tracked-run.ts";
import { findTrainingTools } from "../../framework/training/training-tools.ts";
import { beginStudy } from "../../framework/training/tuning/earlier-studies.ts";
import { startSampler } from "../../framework/training/tuning/sampler.ts";
import type {
  Intermediate,
  OpenTrial,
  Sampler,
  StudyRecord,
  Suggestion,
  Trial,
} from "../../framework/training/tuning/study.ts";
import {
  isTriedAgain,
  listOpenTrials,
  listTrials,
  recordTrial,
  sortTrials,
} from "../../framework/training/tuning/study-record.ts";
import { openStudyRun } from "./track-study.ts";

/** What a study is opened by. */
interface StudyAddress {
  /** The study's identity. */
  readonly identity: string;
  readonly training: TrainingJobSpec & { readonly tuning: TuningSpec };
}

/** The record of a study as its next trial is decided by. */
export interface RecordedStudy extends StudyRecord {
  /** Trials that used up their memory and count as not tried, because the job has more now. */
  readonly again: readonly Suggestion[];
}

/** How a trial ended. */
type Ended = Omit<Trial, "format" | "study">;

export interface OpenStudy {
  readonly tuning: TuningSpec;
  /** The trials that ended, and of these suggestions those that have not, with what they have reported to this worker. */
  record(open: readonly Suggestion[]): Promise<RecordedStudy>;
  /** The trials that had ended when its record was read last; nothing is read for it. */
  readonly trials: readonly Trial[];
  /** The record that was read last, with one more trial that has ended; nothing is read for it. */
  recordWith(ended: Ended): RecordedStudy;
  /** Notes which trial is next by the record as it was read: no other is under way, so nothing is recorded before that one has ended. */
  expect(number: number): void;
  /** Whether a trial is the one that was expected, and so its record as it was read. Asked again, it is not. */
  isExpected(number: number): boolean;
  /** Records how a trial ended, unless that is recorded. @returns the record that stands */
  end(trial: Ended): Promise<Trial>;
  /** Its sampler, whose process is started by the first question. */
  sampler(onProgress: (line: string) => void): Promise<Sampler>;
  /** Notes what a trial under way has reported, for the pruning of others. */
  note(trial: OpenTrial & { readonly intermediates: readonly Intermediate[] }): void;
  /** Forgets what was noted of a trial, which has ended here. */
  forget(number: number): void;
  /** What is noted of the trials under way here. */
  readonly noted: readonly OpenTrial[];
  /** The id of its run where it is tracked, which is opened when it is asked for first. Never rejects. */
  trackedRun(): Promise<string | undefined>;
}

export interface Studies {
  open(address: StudyAddress): Promise<OpenStudy>;
  /** Ends its sampler; one that is opened again begins anew. */
  close(identity: string): Promise<void>;
}

/** @param tracking where experiments are tracked, where they are */
export function createStudies(store: Store, tracking?: TrackingAddress): Studies {
  const opened = new Map<string, { readonly memory: string; readonly study: Promise<StudyFile> }>();
  const close = async (identity: string): Promise<void> => {
    const known = opened.get(identity);
    opened.delete(identity);
    await (await known?.study.catch(() => undefined))?.close();
  };
  return {
    async open({ identity, training }) {
      const { memory } = training.resources;
      const known = opened.get(identity);
      if (known?.memory === memory) return known.study;
      // Resources are in no identity: it is the same study, which may go on with more memory.
      const study = openStudy(store, { identity, training, tracking });
      opened.set(identity, { memory, study });
      study.catch(() => opened.get(identity)?.study === study && opened.delete(identity));
      await (await known?.study.catch(() => undefined))?.close();
      return study;
    },
    close,
  };
}

async function openStudy(
  store: Store,
  { identity, training, tracking }: StudyAddress & { readonly tracking: TrackingAddress | undefined },
): Promise<StudyFile> {
  const { name, seed, tuning, resources } = training;
  const earlier = await beginStudy(store, name, { identity, tuning });
  const study = { identity, tuning, seed, ...(earlier.length > 0 && { earlier }) };
  const memoryBytes = toBytes(resources.memory);
  return new StudyFile({ store, study, memoryBytes, openRun: () => openStudyRun(tracking, { identity, training }) });
}

interface StudyFileOptions {
  readonly store: Store;
  readonly study: Parameters<typeof startSampler>[0];
  /** What each of its jobs may have in memory, in bytes. */
  readonly memoryBytes: number;
  readonly openRun: () => Promise<string | undefined>;
}

class StudyFile implements OpenStudy {
  readonly #store: Store;
  readonly #study: Parameters<typeof startSampler>[0];
  readonly #memoryBytes: number;
  readonly #running = new Map<number, OpenTrial>();
  /** Names that were written once, and so are what they are. */
  readonly #read = new Map<string, Promise<unknown>>();
  readonly #openRun: () => Promise<string | undefined>;
  /** What was recorded when that was read last. */
  #all: readonly Trial[] = [];
  #trials: readonly Trial[] = [];
  #expected: number | undefined;
  #sampler: Promise<Sampler> | undefined;
  #closing = new AbortController();
  #trackedRun: Promise<string | undefined> | undefined;

  constructor({ store, study, memoryBytes, openRun }: StudyFileOptions) {
    this.#store = store;
    this.#study = study;
    this.#memoryBytes = memoryBytes;
    this.#openRun = openRun;
  }

  // Once for all trials under way: two that asked at the same time would make two.
  async trackedRun(): Promise<string | undefined> {
    this.#trackedRun ??= this.#openRun();
    const asked = this.#trackedRun;
    const run = await asked;
    if (run === undefined && this.#trackedRun === asked) this.#trackedRun = undefined;
    return run;
  }

  get tuning(): TuningSpec {
    return this.#study.tuning;
  }

  get noted(): readonly OpenTrial[] {
    return [...this.#running.values()];
  }

  async record(open: readonly Suggestion[]): Promise<RecordedStudy> {
    const all = await listTrials(
      { listNames: (prefix) => this.#store.listNames(prefix), readName: (name) => this.#readName(name) },
      this.#study.identity,
    );
    return this.#sumUp(all, open);
  }

  recordWith(ended: Ended): RecordedStudy {
    const others = this.#all.filter(({ number }) => number !== ended.number);
    const trial: Trial = { format: formatOf("trial"), study: this.#study.identity, ...ended };
    return this.#sumUp(sortTrials([...others, trial]), []);
  }

  #sumUp(all: readonly Trial[], open: readonly Suggestion[]): RecordedStudy {
    this.#all = all;
    const again = all.filter((trial) => isTriedAgain(trial, this.#memoryBytes));
    const trials = again.length === 0 ? all : all.filter((trial) => !again.includes(trial));
    this.#trials = trials;
    const under = listOpenTrials(open, trials);
    return {
      trials,
      open: under.map((trial) => this.#running.get(trial.number) ?? trial),
      again: again.map(({ number, params }) => ({ number, params })),
    };
  }

  get trials(): readonly Trial[] {
    return this.#trials;
  }

  expect(number: number): void {
    this.#expected = number;
  }

  isExpected(number: number): boolean {
    const isExpected = this.#expected === number;
    this.#expected = undefined;
    return isExpected;
  }

  async end(ended: Ended): Promise<Trial> {
    const writeOnce = async (name: string, value: Trial) => {
      const written = await this.#store.writeOnce(name, value);
      this.#read.set(name, Promise.resolve(written.value));
      return written;
    };
    const { trial } = await recordTrial({ writeOnce }, { study: this.#study.identity, ...ended }, this.#memoryBytes);
    return trial;
  }

  sampler(onProgress: (line: string) => void): Promise<Sampler> {
    const { signal } = this.#closing;
    if (this.#sampler) return this.#sampler;
    const started = findTrainingTools().then((tools) => startSampler(this.#study, { tools, onProgress, signal }));
    this.#sampler = started;
    started.catch(() => {
      if (this.#sampler === started) this.#sampler = undefined;
    });
    return started;
  }

  note(trial: OpenTrial): void {
    this.#running.set(trial.number, trial);
  }

  forget(number: number): void {
    this.#running.delete(number);
  }

  async close(): Promise<void> {
    const sampler = this.#sampler;
    this.#sampler = undefined;
    // What is being installed for it, or asked of it, is of use to nobody.
    this.#closing.abort(new Error("the study was closed"));
    this.#closing = new AbortController();
    await (await sampler?.catch(() => undefined))?.close();
  }

  #readName(name: string): Promise<unknown> {
    const known = this.#read.get(name);
    if (known) return known;
    const value = this.#store.readName(name);
    this.#read.set(name, value);
    value.then(
      (found) => found === undefined && this.#read.delete(name),
      () => this.#read.delete(name),
    );
    return value;
  }
}
