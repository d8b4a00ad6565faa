/**
 * Tune: runs the trials of a study, some at a time, and makes a model package of the best one.
 *
 * A trial is an activity and not a child workflow: it is one piece of work, whose heartbeats show in the study's own timeline, and
 * a study of a thousand trials is one workflow and not a thousand and one. What a trial has come to is written to the store
 * before its activity ends; this workflow holds nothing but which trials are under way.
 * @module
 */
import {
  CancellationScope,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  workflowInfo,
} from "@temporalio/workflow";
import type { Suggestion } from "../../framework/training/tuning/study.ts";
import { longWork, quickWork } from "../activity-options.ts";
import type { TrainInput } from "../model/messages.ts";
import type { TuneActivities } from "./activities.ts";
import type { NextTrial, TrialInput, TuneInput } from "./messages.ts";

const { nextTrial } = proxyActivities<TuneActivities>({ ...longWork, summary: "which parameters are tried next?" });
const { finishStudy } = proxyActivities<TuneActivities>({
  ...longWork,
  summary: "choose the best trial, package its model",
});
/** Ends the sampler of a study that does not go on, and what is tracked of it. */
export const { leaveStudy } = proxyActivities<TuneActivities>({
  ...quickWork,
  // What is tracked must not keep the study from ending.
  retry: { maximumAttempts: 3 },
  summary: "end what is tracked of it",
});

export async function tune({ startedAt = Date.now(), ...input }: TuneInput): Promise<void> {
  const scope = new CancellationScope();
  const trials = new RunningTrials(input, scope);
  try {
    await scope.run(() => search(input, startedAt, trials));
  } catch (error) {
    // What is still under way is of no use to anybody; it has ended before this does.
    scope.cancel();
    await CancellationScope.nonCancellable(async () => {
      await trials.allEnded();
      if (patched("study-left")) await leaveStudy(input).catch(() => undefined);
    });
    throw error;
  }
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, tune);

async function search(input: TrainInput, startedAt: number, trials: RunningTrials): Promise<void> {
  let atOnce = 1;
  let told: NextTrial | undefined;
  for (;;) {
    const isLong = workflowInfo().continueAsNewSuggested;
    if (isLong && trials.open.length === 0) return continueAsNew({ ...input, startedAt });
    if (isLong || trials.open.length >= atOnce) {
      await trials.oneEnded();
      continue;
    }
    const { next, line, ...found } = told ?? (await nextTrial({ ...input, startedAt, open: trials.open }));
    told = undefined;
    atOnce = found.atOnce;
    setCurrentDetails(line);
    switch (next.do) {
      case "begin":
        if (atOnce === 1 && trials.open.length === 0) {
          trials.begin(next.suggestion, { startedAt });
          told = await trials.oneEnded();
        } else trials.begin(next.suggestion);
        break;
      case "wait":
        await trials.oneEnded();
        break;
      case "end": {
        const { because, outcome } = next;
        if (outcome === "packaged") return;
        return finishStudy({ ...input, because, outcome });
      }
    }
  }
}

/** The trials under way. */
class RunningTrials {
  readonly #input: TrainInput;
  readonly #scope: CancellationScope;
  readonly #running = new Map<
    number,
    { readonly suggestion: Suggestion; readonly ended: Promise<NextTrial | undefined> }
  >();
  #failure: { readonly error: unknown } | undefined;

  constructor(input: TrainInput, scope: CancellationScope) {
    this.#input = input;
    this.#scope = scope;
  }

  get open(): readonly Suggestion[] {
    return [...this.#running.values()].map(({ suggestion }) => suggestion);
  }

  /** @param alone where no other trial begins before this one has ended. @default others may */
  begin(suggestion: Suggestion, alone?: TrialInput["alone"]): void {
    const { number } = suggestion;
    const { runTrial } = proxyActivities<TuneActivities>({ ...longWork, summary: describe(suggestion) });
    const ended = this.#scope
      .run(() => runTrial({ ...this.#input, suggestion, ...(alone && { alone }) }))
      .catch((error: unknown) => {
        this.#failure ??= { error };
        return undefined;
      })
      .finally(() => this.#running.delete(number));
    this.#running.set(number, { suggestion, ended });
  }

  /** Waits until one trial has ended, and gives what is next where it was alone. @throws what kept a trial from being carried out, which is no failed trial */
  async oneEnded(): Promise<NextTrial | undefined> {
    const next = await Promise.race([...this.#running.values()].map(({ ended }) => ended));
    if (this.#failure) throw this.#failure.error;
    return next;
  }

  async allEnded(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }
}

/** The engine takes 400 bytes of summary; a character of UTF-8 has at most four. */
const longest = 100;

/** `trial 13: leaves 31, rate 0.1` */
function describe({ number, params }: Suggestion): string {
  const said = Object.entries(params).map(([param, value]) => `${param} ${String(value)}`);
  const summary = `trial ${number + 1}: ${said.join(", ")}`;
  return summary.length <= longest ? summary : `${summary.slice(0, longest - 1)}…`;
}

/** Goes on in a new run with an empty history, as the same step of the same definition. */
function continueAsNew(input: TuneInput): Promise<never> {
  const again = makeContinueAsNewFunc<typeof tune>({
    typedSearchAttributes: workflowInfo().typedSearchAttributes,
  });
  return again(input);
}
