/**
 * A study's sampler: a process with Optuna, started when it is needed, and rebuilt from the study's record whenever it has ended.
 * Which of its states is the last one does not matter: what it answers follows from the study and the record it is asked with.
 * @module
 */
import { join } from "node:path";
import { StewardError } from "../../definitions/problem.ts";
import { ensureEnvironment } from "../environment.ts";
import { quoteLastLines } from "../job-failure.ts";
import type { TrainingTools } from "../training-tools.ts";
import {
  type Answer,
  composeOpening,
  describeOpen,
  describeTrial,
  gridCell,
  type Question,
} from "./sampler-message.ts";
import { type Ended, SamplerProcess, type SamplerProcessOptions } from "./sampler-process.ts";
import { countGrid, decodeParams, readGridCell } from "./search-space.ts";
import type { OpenTrial, Sampler, Study, StudyRecord, Suggestion, Trial } from "./study.ts";

export interface SamplerOptions {
  /** uv, Python and the user's cache: where the sampler's own environment is kept. */
  readonly tools: TrainingTools;
  /** Ends the process, and what is asked meanwhile fails with its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Told what is going on while the environment is built, in a few words. @default nothing */
  readonly onProgress?: ((step: string) => void) | undefined;
  /** How long one answer may take, in seconds. @default 300 */
  readonly answerSeconds?: number;
  /** What it may have in memory, in bytes. @default 2 GiB */
  readonly memoryBytes?: number;
  /** For how long its process is kept while nothing is asked, in seconds; the next question starts it again. @default 60 */
  readonly idleSeconds?: number;
}

const defaults = { answerSeconds: 300, memoryBytes: 2 * 2 ** 30, idleSeconds: 60 } as const;
/** How often one question is asked, when the process ends instead of answering. */
const attempts = 3;
/** Of more cells no list is made. */
const largestGrid = 1_000_000;

/**
 * Makes the environment of a sampler ready: another one for `gp`, which needs some gigabytes of packages. The process begins with
 * the first question.
 *
 * @throws StewardError `environment-failed`; what is asked of the sampler, `sampler-failed`
 */
export async function startSampler(study: Study, options: SamplerOptions): Promise<Sampler> {
  const { tools, signal, onProgress } = options;
  const cells = study.tuning.sampler === "grid" ? countGrid(study.tuning.space) : 1;
  if (cells === undefined || cells > largestGrid) throw describeGrid(study, cells);
  const lock = join(import.meta.dirname, "python", chooseLock(study));
  const { python } = await ensureEnvironment({ ...tools, lock, signal, onProgress });
  const { answerSeconds, memoryBytes, idleSeconds } = { ...defaults, ...options };
  return new StudySampler(study, { python, answerSeconds, memoryBytes, idleSeconds, signal });
}

interface StudySamplerOptions extends SamplerProcessOptions {
  readonly idleSeconds: number;
  readonly signal: AbortSignal | undefined;
}

class StudySampler implements Sampler {
  readonly #study: Study;
  readonly #options: StudySamplerOptions;
  readonly #abort = (): void => void this.#end();
  #process: SamplerProcess | undefined;
  /** Whether the process has the study. */
  #isOpen = false;
  /** What the process knows of the trials that ended, by their numbers. */
  readonly #told = new Map<number, string>();
  /** Ends with the last question asked so far. */
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(study: Study, options: StudySamplerOptions) {
    this.#study = study;
    this.#options = options;
    options.signal?.addEventListener("abort", this.#abort, { once: true });
  }

  async ask(record: StudyRecord, number: number): Promise<Suggestion> {
    const { tuning } = this.#study;
    const later = [...record.trials, ...record.open].find((trial) => trial.number >= number);
    if (later) throw new RangeError(`Trial ${number} is not the next one: the record has trial ${later.number}`);
    const isGrid = tuning.sampler === "grid";
    const cells = isGrid ? (countGrid(tuning.space) ?? 0) : Number.POSITIVE_INFINITY;
    if (number >= cells) throw new RangeError(`Trial ${number} is beyond the grid, which has ${cells} cells`);
    const open = listOpen(record).map((trial) => describeOpen(tuning, trial));
    const answer = await this.#answer(record, { do: "ask", number, open });
    if (!("drawn" in answer)) throw this.#fail(`it gave no parameters for trial ${number}`);
    const { drawn } = answer;
    const params = isGrid ? readGridCell(tuning.space, drawn[gridCell] ?? 0) : decodeParams(tuning.space, drawn);
    return { number, params };
  }

  async shouldPrune(record: StudyRecord, running: Parameters<Sampler["shouldPrune"]>[1]): Promise<boolean> {
    const { tuning } = this.#study;
    if (tuning.pruner.kind === "none" || running.intermediates.length === 0) return false;
    const { number } = running;
    const others = listOpen(record).filter((trial) => trial.number !== number);
    // A pruner looks at what was reported alone.
    const open = [...others, { ...running, params: {} }].map((trial) => describeOpen(tuning, { ...trial, params: {} }));
    const answer = await this.#answer(record, { do: "prune", number, open });
    if (!("prune" in answer)) throw this.#fail(`it does not say whether trial ${number} goes on`);
    return answer.prune;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    await this.#end();
  }

  /** The answer to a question, once those that were asked before have theirs. */
  #answer(record: StudyRecord, question: Question): Promise<Answer> {
    const answer = this.#turn.then(async () => {
      clearTimeout(this.#idle);
      try {
        return await this.#insist(record, question);
      } finally {
        this.#idle = setTimeout(() => void this.#end(), this.#options.idleSeconds * 1_000).unref();
      }
    });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** Asks again where the process ends instead of answering: a new one, built from the record, answers the same. */
  async #insist(record: StudyRecord, question: Question): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      this.#options.signal?.throwIfAborted();
      if (this.#isClosed) throw new Error("The sampler is closed");
      const answer = await this.#try(record, question);
      if (!("how" in answer)) return answer;
      this.#options.signal?.throwIfAborted();
      if (answer.reason === "late") throw this.#fail(`no answer within ${this.#options.answerSeconds} seconds`);
      if (answer.reason === "memory") throw this.#fail("it used more memory than it may have");
      if (attempt === attempts) throw this.#fail(`it ended ${attempts} times, the last time with ${answer.how}`);
    }
  }

  async #try(record: StudyRecord, question: Question): Promise<Answer | Ended> {
    const process = this.#startProcess();
    const fresh = new Map(record.trials.map((trial) => [trial.number, trial]));
    const knows = [...this.#told].every(([number, mark]) => mark === markTrial(fresh.get(number)));
    if (!knows || !this.#isOpen) {
      const opened = await this.#tell(process, composeOpening(this.#study));
      if ("how" in opened) return opened;
      this.#isOpen = true;
      this.#told.clear();
    }
    for (const number of this.#told.keys()) fresh.delete(number);
    if (fresh.size > 0) {
      const trials = [...fresh.values()];
      const told = await this.#tell(process, {
        do: "tell",
        trials: trials.map((trial) => describeTrial(this.#study.tuning, trial)),
      });
      if ("how" in told) return told;
      for (const trial of trials) this.#told.set(trial.number, markTrial(trial));
    }
    return this.#tell(process, question);
  }

  /** @throws StewardError with what the process says went wrong */
  async #tell(process: SamplerProcess, question: Question): Promise<Answer | Ended> {
    const answer = await process.ask(question);
    if (!("failure" in answer)) return answer;
    const failure = this.#fail(answer.failure);
    await process.close();
    throw failure;
  }

  #startProcess(): SamplerProcess {
    if (this.#process && !this.#process.hasEnded) return this.#process;
    this.#isOpen = false;
    this.#told.clear();
    this.#process = new SamplerProcess(this.#options);
    return this.#process;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#process?.close();
  }

  #fail(why: string): StewardError {
    return new StewardError({
      code: "sampler-failed",
      at: this.#study.identity.slice(0, 12),
      what: `The sampler "${this.#study.tuning.sampler}" failed: ${why}${quoteLastLines(this.#process ?? { logs: () => [] })}\n `,
    });
  }
}

/** gp fits its models with PyTorch; the others do without it. */
function chooseLock({ tuning }: Study): string {
  return tuning.sampler === "gp" ? "requirements-gp.lock" : "requirements.lock";
}

function listOpen({ trials, open }: StudyRecord): OpenTrial[] {
  return open.filter(({ number }) => !trials.some((trial) => trial.number === number));
}

/** What tells a trial from another one of its number. */
function markTrial(trial: Trial | undefined): string {
  return trial ? JSON.stringify([trial.state, trial.params, trial.values, trial.intermediates.length]) : "";
}

function describeGrid({ identity, tuning }: Study, cells: number | undefined): StewardError {
  return new StewardError({
    code: "sampler-failed",
    at: identity.slice(0, 12),
    what: "The space is no grid",
    got: cells === undefined ? "a parameter that may be any fraction" : `${cells} cells`,
    expected: `whole numbers and choices, of at most ${largestGrid} cells`,
    fix: `give the parameters values to choose from, or another sampler than "${tuning.sampler}"`,
  });
}
