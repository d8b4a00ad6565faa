/**
 * What a TypeScript trainer needs of Steward, as `steward/job`: its inputs, its parameters, a way to report, to keep what is done,
 * and to save its model.
 * @module
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { bringReportsToDisk, keepReport } from "../kept-reports.ts";
import { type Job as JobContent, jobSchema } from "../run.ts";
import { Checkpoints, type State } from "./checkpoints.ts";
import { type Rows, readRows } from "./rows.ts";

export type { Json, State } from "./checkpoints.ts";
export type { Rows } from "./rows.ts";

/** How far a training has come. */
export interface Progress {
  /** @default it is not known */
  readonly of?: number;
  /** What is not finite is left out. @default none */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** One training. */
export interface Job {
  /** The values of the trainer's parameters, by name. */
  readonly params: JobContent["params"];
  /** The inputs of the model, in its order. */
  readonly features: JobContent["features"];
  /** The values of each category; a value's code is its index here. */
  readonly categories: JobContent["categories"];
  readonly task: JobContent["task"];
  readonly seed: number;
  /** The run's identity. */
  readonly run: string;
  /** How many cores the job may use. */
  readonly cpu: number;
  /** The Parquet files of the rows, for trainers that read them themselves. */
  readonly inputs: JobContent["inputs"];
  /** The column of the label in those files. */
  readonly label: string;
  /** The training rows. */
  train(): Promise<Rows>;
  /** The validation rows. */
  validation(): Promise<Rows>;
  /**
   * Shows progress. Reports outlive an attempt: report a step before its checkpoint, and what goes on from there has it.
   *
   * @param step a whole number
   */
  report(step: number, progress?: Progress): void;
  /**
   * Whether the job has been told to stop: the next `checkpoint` keeps what is done and ends the program. A program that does
   * not wait for anything is not told.
   */
  readonly stopping: boolean;
  /**
   * Keeps a state for the next attempt, should this one be interrupted: whole, or not at all. The last two are kept. When the job has
   * been told to stop, the program ends here, with the state kept.
   */
  checkpoint(state: State): Promise<void>;
  /**
   * The state that the last attempt of this run has kept, as it was given; nothing where there is none to go on from. A path
   * comes back as that of the copy, which is there until the program ends; do not change it.
   */
  resume<S extends State>(): Promise<S | undefined>;
  /**
   * Writes the model: ONNX with one input `features`, FLOAT [-1, n], and one output, FLOAT [-1, 1], `probability` of a binary
   * label or `value` of a regression.
   */
  save(onnx: Uint8Array): Promise<void>;
}

/** What a program ends with that was told to stop, as if the signal had ended it. */
const stoppedCode = 143;

/** The job this program was started for. */
export function job(): Job {
  const path = process.env["STEWARD_JOB"];
  if (path === undefined)
    throw new Error("STEWARD_JOB is not set: this program is started by Steward, which names the job's job.json in it");
  const content = jobSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const { model, checkpoints: folder, reports, format: _format, ...shown } = content;
  const checkpoints = new Checkpoints(folder, content.run);
  const stop = listenLater();
  let step = 0;
  const tell = (report: object): void => {
    process.stdout.write(`steward:${JSON.stringify({ step, ...report })}\n`);
  };
  return {
    ...shown,
    cpu: Number(process.env["OMP_NUM_THREADS"] ?? 1),
    train: () => readRows(content.inputs.train, content),
    validation: () => readRows(content.inputs.validation, content),
    report(next, { of, metrics = {} } = {}) {
      step = Math.trunc(next);
      const finite = Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
      // Before anybody may read it: who reads it may be ended before that.
      const kept = reports && keepReport(reports, { step, metrics: finite });
      tell({ ...(of !== undefined && { of: Math.trunc(of) }), metrics: finite, ...(kept && { kept }) });
    },
    get stopping() {
      return stop.isAsked();
    },
    async checkpoint(state) {
      stop.isAsked();
      if (reports) await bringReportsToDisk(reports);
      const number = await checkpoints.keep(state, step);
      tell({ checkpoint: number });
      // A signal that came meanwhile is heard once the program waits.
      await turn();
      if (stop.isAsked()) process.exit(stoppedCode);
    },
    async resume<S extends State>() {
      stop.isAsked();
      const found = await checkpoints.find();
      if (!found) return undefined;
      step = found.step;
      tell({ resumed: found.number });
      return found.state as S;
    },
    save: (onnx) => writeFile(model, onnx),
  };
}

/** Takes SIGTERM for a request from the first question on. A program that asks for none of this is ended by the signal at once. */
function listenLater(): { isAsked(): boolean } {
  let listens = false;
  let asked = false;
  return {
    isAsked() {
      if (!listens) {
        listens = true;
        const note = (): void => {
          asked = true;
        };
        process.on("SIGTERM", note);
      }
      return asked;
    },
  };
}
