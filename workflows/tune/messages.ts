/**
 * What passes between a study's workflow and its activities.
 * @module
 */

import type { Suggestion } from "../../framework/training/tuning/study.ts";
import type { StudyEnd } from "../../framework/training/tuning/study-record.ts";
import type { TrainInput } from "../model/messages.ts";

/** `run` is the study's identity, and the identity of the run that its best trial becomes. */
export interface TuneInput extends TrainInput {
  /** When the study began, in milliseconds since 1970. @default now */
  readonly startedAt?: number;
}

export interface AskInput extends TrainInput {
  readonly startedAt: number;
  /** The trials under way. */
  readonly open: readonly Suggestion[];
}

/** What is to be done next in a study. */
export interface NextTrial {
  readonly next:
    | { readonly do: "begin"; readonly suggestion: Suggestion }
    | { readonly do: "wait" }
    /** `packaged`: its run was chosen before, and the package of it is made: nothing more is to be done. */
    | { readonly do: "end"; readonly because: StudyEnd; readonly outcome: "chosen" | "failed" | "packaged" };
  /** How many trials may run at a time on the worker's machine. */
  readonly atOnce: number;
  /** How far the study is: `"trial 12 of 30, best 0.71"`. */
  readonly line: string;
}

export interface TrialInput extends TrainInput {
  readonly suggestion: Suggestion;
  /**
   * When the study began, as in `AskInput`, where no other trial is under way: what is next is told with the trial's end, which spares
   * the engine a round. @default others may be under way, and who has the trial carried out asks
   */
  readonly alone?: Pick<AskInput, "startedAt">;
}

export interface FinishInput extends TrainInput {
  readonly because: StudyEnd;
  readonly outcome: "chosen" | "failed";
}
