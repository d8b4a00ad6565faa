/**
 * The studies that a worker has to do with: the sampler of each, what its trials under way have reported, and what was read of
 * its record, which never changes. All of it is found again by whoever starts anew.
 * @module
 */
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import type { Store } from "../../framework/store/store.ts";
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
import { listOpenTrials, listTrials } from "../../framework/training/tuning/study-record.ts";

/** What a study is opened by. */
interface StudyAddress {
  /** The study's identity. */
  readonly identity: string;
  readonly training: TrainingJobSpec & { readonly tuning: TuningSpec };
}

export interface OpenStudy {
  readonly tuning: TuningSpec;
  /** The trials that ended, and of these suggestions those that have not, with what they have reported to this worker. */
  record(open: readonly Suggestion[]): Promise<StudyRecord>;
  /** Its sampler, whose process is started by the first question. */
  sampler(onProgress: (line: string) => void): Promise<Sampler>;
  /** Notes what a trial under way has reported, for the pruning of others. */
  note(trial: OpenTrial & { readonly intermediates: readonly Intermediate[] }): void;
  /** Forgets what was noted of a trial, which has ended here. */
  forget(number: number): void;
  /** What is noted of the trials under way here. */
  readonly noted: readonly OpenTrial[];
}

export interface Studies {
  open(address: StudyAddress): Promise<OpenStudy>;
  /** Ends its sampler; one that is opened again begins anew. */
  close(identity: string): Promise<void>;
}

export function createStudies(store: Store): Studies {
  const opened = new Map<string, Promise<StudyFile>>();
  return {
    open({ identity, training }) {
      const known = opened.get(identity);
      if (known) return known;
      const made = openStudy(store, { identity, training });
      opened.set(identity, made);
      made.catch(() => opened.delete(identity));
      return made;
    },
    async close(identity) {
      const study = opened.get(identity);
      opened.delete(identity);
      await (await study?.catch(() => undefined))?.close();
    },
  };
}

async function openStudy(store: Store, { identity, training }: StudyAddress): Promise<StudyFile> {
  const { name, seed, tuning } = training;
  const earlier = await beginStudy(store, name, { identity, tuning });
  return new StudyFile(store, { identity, tuning, seed, ...(earlier.length > 0 && { earlier }) });
}

class StudyFile implements OpenStudy {
  readonly #store: Store;
  readonly #study: Parameters<typeof startSampler>[0];
  readonly #running = new Map<number, OpenTrial>();
  /** Names that were written once, and so are what they are. */
  readonly #read = new Map<string, Promise<unknown>>();
  #sampler: Promise<Sampler> | undefined;

  constructor(store: Store, study: Parameters<typeof startSampler>[0]) {
    this.#store = store;
    this.#study = study;
  }

  get tuning(): TuningSpec {
    return this.#study.tuning;
  }

  get noted(): readonly OpenTrial[] {
    return [...this.#running.values()];
  }

  async record(open: readonly Suggestion[]): Promise<StudyRecord> {
    const trials: readonly Trial[] = await listTrials(
      { listNames: (prefix) => this.#store.listNames(prefix), readName: (name) => this.#readName(name) },
      this.#study.identity,
    );
    const under = listOpenTrials(open, trials);
    return { trials, open: under.map((trial) => this.#running.get(trial.number) ?? trial) };
  }

  sampler(onProgress: (line: string) => void): Promise<Sampler> {
    this.#sampler ??= findTrainingTools()
      .then((tools) => startSampler(this.#study, { tools, onProgress }))
      .catch((error: unknown) => {
        this.#sampler = undefined;
        throw error;
      });
    return this.#sampler;
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
