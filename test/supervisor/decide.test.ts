import { describe, expect, it } from "vitest";
import {
  type Action,
  adoptCondition,
  type Condition,
  createCondition,
  type Declared,
  decide,
  type Observed,
  type Phase,
} from "../../framework/supervisor/decide.ts";

const declared: Declared = {
  startSeconds: 60,
  stopSeconds: 10,
  hasAfterStart: false,
  draining: false,
  wanted: true,
  mayStop: true,
};

const tick: Observed = { kind: "tick" };
const crash: Observed = { kind: "exited", code: 1, failure: "exited with code 1" };
const answers: Observed = { kind: "probed" };
const refuses: Observed = { kind: "probed", failure: "refused" };

function at(phase: Phase, more: Partial<Condition> = {}): Condition {
  return { ...createCondition(0), phase, ...more };
}

/** Follows a program through observations, each at a time in seconds. */
function follow(start: Condition, what: Partial<Declared>, steps: readonly (readonly [number, Observed])[]) {
  const actions: Action[] = [];
  let condition = start;
  for (const [seconds, observed] of steps) {
    const decision = decide({ ...declared, ...what }, condition, { observed, now: seconds * 1000 });
    condition = decision.condition;
    actions.push(...decision.actions);
  }
  return { condition, actions };
}

interface Case {
  readonly title: string;
  readonly from: Condition;
  readonly declared?: Partial<Declared>;
  readonly observed: Observed;
  /** In seconds. */
  readonly now?: number;
  readonly phase: Phase;
  readonly actions: readonly Action[];
  readonly reason?: string;
}

const cases: readonly Case[] = [
  { title: "starts what is declared", from: at("waiting"), observed: tick, phase: "launching", actions: ["launch"] },
  {
    title: "does not start before what it comes after",
    from: at("waiting"),
    declared: { wait: { reason: "waits for minio", hopeless: false } },
    observed: tick,
    phase: "waiting",
    actions: [],
    reason: "waits for minio",
  },
  { title: "orders one start only", from: at("launching"), observed: tick, phase: "launching", actions: [] },
  { title: "probes a started program", from: at("starting"), observed: tick, phase: "starting", actions: ["probe"] },
  {
    title: "has one probe under way at a time",
    from: at("starting", { nextCheck: Number.POSITIVE_INFINITY }),
    observed: tick,
    now: 30,
    phase: "starting",
    actions: [],
  },
  {
    title: "says why a starting program is not ready",
    from: at("starting"),
    observed: refuses,
    phase: "starting",
    actions: [],
    reason: "refused",
  },
  {
    title: "is ready with the first answer",
    from: at("starting"),
    observed: answers,
    phase: "ready",
    actions: ["prove"],
  },
  {
    title: "runs afterStart before it is ready",
    from: at("starting"),
    declared: { hasAfterStart: true },
    observed: answers,
    phase: "initialising",
    actions: ["initialise"],
  },
  {
    title: "runs no afterStart again for an adopted process that has run it",
    from: adoptCondition({ initialised: true, restarts: 2 }, 0),
    declared: { hasAfterStart: true },
    observed: answers,
    phase: "ready",
    actions: ["prove"],
  },
  {
    title: "runs afterStart for an adopted process that has not run it",
    from: adoptCondition({ initialised: false, restarts: 0 }, 0),
    declared: { hasAfterStart: true },
    observed: answers,
    phase: "initialising",
    actions: ["initialise"],
  },
  {
    title: "is ready when afterStart has succeeded",
    from: at("initialising"),
    observed: { kind: "initialised" },
    phase: "ready",
    actions: ["prove"],
  },
  {
    title: "tries a failed afterStart again",
    from: at("initialising", { nextCheck: 1_000 }),
    observed: tick,
    now: 1,
    phase: "initialising",
    actions: ["initialise"],
  },
  {
    title: "stops what is not ready in time",
    from: at("starting", { reason: "refused" }),
    observed: tick,
    now: 60,
    phase: "stopping",
    actions: ["terminate"],
    reason: "not ready within 60 s: refused",
  },
  {
    title: "stops what answers in time but whose afterStart does not succeed",
    from: at("initialising", { since: 59_000, reason: "no namespace" }),
    observed: tick,
    now: 60,
    phase: "stopping",
    actions: ["terminate"],
    reason: "not ready within 60 s: no namespace",
  },
  {
    title: "bears a failed probe of a ready program",
    from: at("ready", { failedProbes: 3 }),
    observed: refuses,
    phase: "ready",
    actions: [],
  },
  {
    title: "restarts a ready program after several failed probes",
    from: at("ready", { failedProbes: 4 }),
    observed: refuses,
    phase: "stopping",
    actions: ["terminate"],
    reason: "unhealthy: refused",
  },
  {
    title: "waits for a stopping program",
    from: at("stopping"),
    observed: tick,
    now: 9,
    phase: "stopping",
    actions: [],
  },
  {
    title: "kills it when its time is up",
    from: at("stopping"),
    observed: tick,
    now: 10,
    phase: "stopping",
    actions: ["kill"],
  },
  {
    title: "kills once",
    from: at("stopping", { killed: true }),
    observed: tick,
    now: 99,
    phase: "stopping",
    actions: [],
  },
  {
    title: "keeps the reason of a stop when the program has ended",
    from: at("stopping", { reason: "unhealthy: refused" }),
    observed: { kind: "exited", code: 0, failure: "exited with code 0" },
    phase: "backing-off",
    actions: [],
    reason: "unhealthy: refused",
  },
  {
    title: "restarts a program that ends by itself, also with 0",
    from: at("ready"),
    observed: { kind: "exited", code: 0, failure: "exited with code 0" },
    phase: "backing-off",
    actions: [],
    reason: "exited with code 0",
  },
  {
    title: "retires a draining program that ends with 0",
    from: at("ready"),
    declared: { draining: true },
    observed: { kind: "exited", code: 0, failure: "exited with code 0" },
    phase: "gone",
    actions: ["retire"],
  },
  {
    title: "restarts a draining program that crashes",
    from: at("ready"),
    declared: { draining: true },
    observed: crash,
    phase: "backing-off",
    actions: [],
    reason: "exited with code 1",
  },
  {
    title: "restarts a draining program whose exit code is not known",
    from: at("ready"),
    declared: { draining: true },
    observed: { kind: "exited", failure: "not known" },
    phase: "backing-off",
    actions: [],
    reason: "not known",
  },
  {
    title: "restarts a draining program that was stopped as unhealthy, although it then ends with 0",
    from: at("stopping", { reason: "unhealthy: refused" }),
    declared: { draining: true },
    observed: { kind: "exited", code: 0, failure: "exited with code 0" },
    phase: "backing-off",
    actions: [],
    reason: "unhealthy: refused",
  },
  {
    title: "tells why a start failed",
    from: at("launching"),
    observed: { kind: "launch-failed", failure: "port taken" },
    phase: "backing-off",
    actions: [],
    reason: "port taken",
  },
  {
    title: "stops what is not wanted",
    from: at("ready"),
    declared: { wanted: false },
    observed: tick,
    phase: "stopping",
    actions: ["terminate"],
    reason: "stopping",
  },
  {
    title: "lets what comes after it end first",
    from: at("ready"),
    declared: { wanted: false, mayStop: false },
    observed: tick,
    phase: "ready",
    actions: [],
  },
  {
    title: "does not start again what is not wanted",
    from: at("backing-off"),
    declared: { wanted: false },
    observed: tick,
    now: 60,
    phase: "gone",
    actions: [],
  },
  {
    title: "is gone when it has ended and is not wanted",
    from: at("stopping", { reason: "stopping" }),
    declared: { wanted: false },
    observed: crash,
    phase: "gone",
    actions: [],
  },
  {
    title: "stops a start that is under way only when its process is known",
    from: at("launching"),
    declared: { wanted: false },
    observed: tick,
    phase: "launching",
    actions: [],
  },
  {
    title: "ignores an answer that comes when it is being stopped",
    from: at("stopping", { reason: "stopping" }),
    observed: answers,
    phase: "stopping",
    actions: [],
    reason: "stopping",
  },
];

describe("decide", () => {
  it.each(cases)("$title", ({ from, declared: what, observed, now = 0, phase, actions, reason }) => {
    const decision = decide({ ...declared, ...what }, from, { observed, now: now * 1000 });
    expect({ phase: decision.condition.phase, actions: decision.actions, reason: decision.condition.reason }).toEqual({
      phase,
      actions,
      reason,
    });
  });

  it("backs off from half a second, doubling, to half a minute", () => {
    const delays: number[] = [];
    let condition = at("launching");
    for (let run = 0; run < 9; run++) {
      condition = follow(condition, {}, [
        [0, { kind: "launched" }],
        [0, crash],
      ]).condition;
      delays.push(condition.retryAt / 1000);
    }
    expect(delays).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it("starts again when the back-off is over, not before, and counts it", () => {
    const early = follow(at("backing-off", { retryAt: 500 }), {}, [[0.4, tick]]);
    expect(early).toMatchObject({ condition: { phase: "backing-off", restarts: 0 }, actions: [] });
    const due = follow(early.condition, {}, [[0.5, tick]]);
    expect(due).toMatchObject({ condition: { phase: "launching", restarts: 1 }, actions: ["launch"] });
  });

  it.each([
    { readySeconds: 59, delay: 8 },
    { readySeconds: 61, delay: 0.5 },
  ])("backs off $delay s after four failures and $readySeconds s of readiness", ({ readySeconds, delay }) => {
    const { condition } = follow(at("ready", { failures: 4 }), {}, [
      [readySeconds, tick],
      [readySeconds, crash],
    ]);
    expect(condition.retryAt / 1000 - readySeconds).toBe(delay);
  });

  it("counts runs that never became ready, and forgets them when one does", () => {
    const failing = follow(at("launching"), {}, [
      [0, { kind: "launched" }],
      [0, crash],
      [1, tick],
      [1, crash],
    ]).condition;
    expect(failing.fruitless).toBe(2);
    const mended = follow(failing, {}, [
      [9, tick],
      [9, { kind: "launched" }],
      [9, answers],
      [9, crash],
    ]).condition;
    expect(mended.fruitless).toBe(0);
  });

  it("counts a run that was ready and became unhealthy as fruitful", () => {
    const steps = Array.from({ length: 5 }, (_, second) => [second, refuses] as const);
    const { condition } = follow(at("ready"), {}, [...steps, [6, crash]]);
    expect(condition).toMatchObject({ phase: "backing-off", fruitless: 0, failures: 1 });
  });

  it("has failed at once when it used all its time to start", () => {
    expect(
      follow(at("starting"), {}, [
        [60, tick],
        [61, crash],
      ]).condition.fruitless,
    ).toBe(3);
  });

  it("probes a ready program every second and forgets failures with an answer", () => {
    const { condition, actions } = follow(at("ready", { failedProbes: 4 }), {}, [
      [0, answers],
      [0.9, tick],
      [1, tick],
    ]);
    expect(condition.failedProbes).toBe(0);
    expect(actions).toEqual(["probe"]);
  });
});
