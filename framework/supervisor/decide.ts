/**
 * Decides what a supervised program needs next: from what is declared, what has been observed and the time, to its next
 * condition and the actions to take. Pure; whatever happens to a process happens by way of here.
 * @module
 */

/** Where a program is in its life. */
export type Phase =
  /** It is to start as soon as what it comes after is ready. */
  | "waiting"
  /** Its start has been ordered; whether there is a process is not known yet. */
  | "launching"
  /** The process lives and has not answered its probe yet. */
  | "starting"
  /** It answers; `afterStart` has not succeeded yet. */
  | "initialising"
  | "ready"
  /** It has been asked to end. */
  | "stopping"
  /** It ended by itself or could not start, and starts again later. */
  | "backing-off"
  /** Nothing lives and nothing is to. */
  | "gone";

/** All that is remembered of a program. Times are milliseconds of one clock that never goes backwards. */
export interface Condition {
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: number;
  /** When the process started, or was adopted. */
  readonly startedAt: number;
  /** When to probe, or to run `afterStart`, next; infinite while one is under way. */
  readonly nextCheck: number;
  /** When a program that backs off starts again. */
  readonly retryAt: number;
  /** Failed probes in a row. */
  readonly failedProbes: number;
  /** Runs in a row that failed; a minute of readiness makes it 0. It sets the back-off. */
  readonly failures: number;
  /** Runs in a row that never became ready. */
  readonly fruitless: number;
  /** Whether `afterStart` has succeeded for this process. */
  readonly initialised: boolean;
  /** Whether it waits for something that has failed. */
  readonly hopeless: boolean;
  /** Whether SIGKILL has been sent. */
  readonly killed: boolean;
  readonly restarts: number;
  /** Why it is not ready. @default none */
  readonly reason?: string | undefined;
}

/** What is declared of a program, as far as decisions need it. */
export interface Declared {
  readonly startSeconds: number;
  readonly stopSeconds: number;
  readonly hasAfterStart: boolean;
  /** An older description that ends by itself: its exit with 0 is its end, not a crash. */
  readonly draining: boolean;
  /** Whether it is to run at all. */
  readonly wanted: boolean;
  /** What a start has to wait for. @default nothing */
  readonly wait?: Wait | undefined;
  /** Whether it may be stopped now: nothing that came after it still lives. */
  readonly mayStop: boolean;
}

/** A reason not to start yet. */
export interface Wait {
  readonly reason: string;
  /** Whether waiting is of no use until something else is mended. */
  readonly hopeless: boolean;
}

/** What has been observed. A `failure` is for people and names no secret. */
export type Observed =
  | { readonly kind: "tick" }
  | { readonly kind: "launched" }
  | { readonly kind: "launch-failed"; readonly failure: string }
  | { readonly kind: "probed"; readonly failure?: string | undefined }
  | { readonly kind: "initialised"; readonly failure?: string | undefined }
  /** `code` is undefined when a signal ended it, and when it is not known because it was another supervisor's child. */
  | { readonly kind: "exited"; readonly code?: number | undefined; readonly failure: string };

export type Action =
  | "launch"
  | "probe"
  | "initialise"
  /** Record that the program has become ready. */
  | "prove"
  | "terminate"
  | "kill"
  /** Forget a description that has drained. */
  | "retire";

export interface Decision {
  readonly condition: Condition;
  readonly actions: readonly Action[];
}

const firstBackOff = 500;
const longestBackOff = 30_000;
const steadyAfter = 60_000;
const probeEvery = 1_000;
/** Probes are cheap and people wait: while a program starts it is asked more often. */
const probeEveryWhileStarting = 200;
const probesToUnhealthy = 5;
/** After so many fruitless runs in a row, people are told that it has failed; the attempts go on. */
export const runsToFailed = 3;

/** The condition of a program that has just been declared. */
export function createCondition(now: number): Condition {
  return {
    phase: "waiting",
    since: now,
    startedAt: now,
    nextCheck: now,
    retryAt: now,
    failedProbes: 0,
    failures: 0,
    fruitless: 0,
    initialised: false,
    hopeless: false,
    killed: false,
    restarts: 0,
  };
}

/** The condition of a program whose process an earlier supervisor started: as if it had started now, but initialised. */
export function adoptCondition(adopted: Pick<Condition, "initialised" | "restarts">, now: number): Condition {
  return { ...createCondition(now), ...adopted, phase: "starting" };
}

/** The next condition and the actions that lead to it. */
export function decide(
  declared: Declared,
  condition: Condition,
  { observed, now }: { observed: Observed; now: number },
): Decision {
  switch (observed.kind) {
    case "tick":
      return declared.wanted ? keepRunning(declared, condition, now) : bringDown(declared, condition, now);
    case "launched":
      return stay({ ...enter(condition, "starting", now), startedAt: now, nextCheck: now, initialised: false });
    case "launch-failed":
      return backOff(condition, observed.failure, now);
    case "probed":
      return heedProbe(declared, condition, { failure: observed.failure, now });
    case "initialised":
      if (condition.phase !== "initialising") return stay(condition);
      if (observed.failure === undefined) return becomeReady({ ...condition, initialised: true }, now);
      return stay({ ...condition, nextCheck: now + probeEvery, reason: observed.failure });
    case "exited":
      if (!declared.wanted) return stay({ ...enter(condition, "gone", now), reason: undefined });
      if (declared.draining && observed.code === 0 && condition.phase !== "stopping") {
        return { condition: enter(condition, "gone", now), actions: ["retire"] };
      }
      return backOff(condition, condition.phase === "stopping" ? condition.reason : observed.failure, now);
  }
}

function keepRunning(declared: Declared, condition: Condition, now: number): Decision {
  switch (condition.phase) {
    case "gone":
      return stay(createCondition(now));
    case "waiting":
      return launchWhenClear(declared, condition, now);
    case "backing-off":
      if (now < condition.retryAt) return stay(condition);
      return launchWhenClear(declared, { ...condition, restarts: condition.restarts + 1 }, now);
    case "launching":
      return stay(condition);
    case "starting":
    case "initialising":
      if (now - condition.startedAt >= declared.startSeconds * 1000) {
        const why = condition.reason ?? "it did not answer its probe";
        return stop(
          { ...condition, fruitless: runsToFailed - 1 },
          `not ready within ${declared.startSeconds} s: ${why}`,
          now,
        );
      }
      return check(condition, now);
    case "ready":
      return check(now - condition.since >= steadyAfter ? { ...condition, failures: 0 } : condition, now);
    case "stopping":
      return escalate(declared, condition, now);
  }
}

function bringDown(declared: Declared, condition: Condition, now: number): Decision {
  switch (condition.phase) {
    case "gone":
    case "launching":
      return stay(condition);
    case "waiting":
    case "backing-off":
      return stay({ ...enter(condition, "gone", now), reason: undefined });
    case "starting":
    case "initialising":
    case "ready":
      return declared.mayStop ? stop(condition, "stopping", now) : stay(condition);
    case "stopping":
      return escalate(declared, condition, now);
  }
}

function launchWhenClear(declared: Declared, condition: Condition, now: number): Decision {
  if (declared.wait) {
    const waiting = condition.phase === "waiting" ? condition : enter(condition, "waiting", now);
    return stay({ ...waiting, ...declared.wait });
  }
  return { condition: { ...enter(condition, "launching", now), hopeless: false }, actions: ["launch"] };
}

function check(condition: Condition, now: number): Decision {
  if (now < condition.nextCheck) return stay(condition);
  const actions: Action[] = [condition.phase === "initialising" ? "initialise" : "probe"];
  return { condition: { ...condition, nextCheck: Number.POSITIVE_INFINITY }, actions };
}

function heedProbe(
  declared: Declared,
  condition: Condition,
  probe: { failure: string | undefined; now: number },
): Decision {
  const { failure, now } = probe;
  if (condition.phase === "starting") {
    if (failure !== undefined) return stay({ ...condition, nextCheck: now + probeEveryWhileStarting, reason: failure });
    if (condition.initialised || !declared.hasAfterStart) return becomeReady({ ...condition, initialised: true }, now);
    return check({ ...enter(condition, "initialising", now), nextCheck: now }, now);
  }
  if (condition.phase !== "ready") return stay(condition);
  const failedProbes = failure === undefined ? 0 : condition.failedProbes + 1;
  if (failedProbes < probesToUnhealthy) return stay({ ...condition, failedProbes, nextCheck: now + probeEvery });
  return stop({ ...condition, failedProbes }, `unhealthy: ${failure}`, now);
}

function becomeReady(condition: Condition, now: number): Decision {
  const ready = {
    ...enter(condition, "ready", now),
    fruitless: 0,
    failedProbes: 0,
    nextCheck: now + probeEvery,
    reason: undefined,
  };
  return { condition: ready, actions: ["prove"] };
}

function stop(condition: Condition, reason: string, now: number): Decision {
  return { condition: { ...enter(condition, "stopping", now), killed: false, reason }, actions: ["terminate"] };
}

function escalate(declared: Declared, condition: Condition, now: number): Decision {
  if (condition.killed || now - condition.since < declared.stopSeconds * 1000) return stay(condition);
  return { condition: { ...condition, killed: true }, actions: ["kill"] };
}

function backOff(condition: Condition, reason: string | undefined, now: number): Decision {
  const delay = Math.min(firstBackOff * 2 ** condition.failures, longestBackOff);
  // One that had been ready ends a fruitful run, also when it was unhealthy and stopped for that.
  const fruitful = condition.phase === "ready" || condition.failedProbes >= probesToUnhealthy;
  return stay({
    ...enter(condition, "backing-off", now),
    retryAt: now + delay,
    failures: condition.failures + 1,
    fruitless: fruitful ? 0 : condition.fruitless + 1,
    failedProbes: 0,
    reason,
  });
}

function enter(condition: Condition, phase: Phase, now: number): Condition {
  return { ...condition, phase, since: now };
}

function stay(condition: Condition): Decision {
  return { condition, actions: [] };
}
