import { describe, expect, it } from "vitest";
import { type Attempt, closeAttempt, introduceAttempt, judgeEnd, mayGoOn } from "../../framework/training/attempts.ts";

const began = "2024-05-01T10:00:00.000Z";
const at = (seconds: number) => Date.parse(began) + seconds * 1000;

describe("a closed attempt", () => {
  it.each([
    ["all of it is lost where nothing was kept", { how: "worker-lost", at: at(30) }, 30],
    ["what came after the last checkpoint is lost", { how: "preempted", at: at(30), keptAt: at(25) }, 5],
    ["what an earlier attempt kept is no gain of this one", { how: "failed", at: at(30), keptAt: at(-5) }, 30],
    ["a checkpoint written at the very end loses nothing", { how: "stopped", at: at(30), keptAt: at(31) }, 0],
    ["nothing is lost of what succeeded", { how: "succeeded", at: at(30) }, 0],
    ["a clock that was set back loses nothing", { how: "failed", at: at(-30) }, 0],
  ] as const)("says how much is lost: %s", (_, close, lostSeconds) => {
    expect(closeAttempt({ began }, close)).toMatchObject({ began, how: close.how, lostSeconds });
  });

  it("keeps from which checkpoint it had gone on", () => {
    const resumedFrom = { checkpoint: 3, step: 120 };
    expect(closeAttempt({ began, resumedFrom }, { how: "succeeded", at: at(1) })).toEqual({
      began,
      ended: "2024-05-01T10:00:01.000Z",
      how: "succeeded",
      lostSeconds: 0,
      resumedFrom,
    });
  });
});

describe("how an attempt ended", () => {
  it.each([
    [{ outcome: "succeeded", how: "exit code 0" }, false, "succeeded"],
    [{ outcome: "out-of-memory", how: "signal SIGKILL" }, false, "out-of-memory"],
    [{ outcome: "failed", how: "exit code 1" }, false, "failed"],
    [{ outcome: "failed", how: "signal SIGSEGV" }, false, "failed"],
    [{ outcome: "failed", how: "exit code 143" }, false, "preempted"],
    [{ outcome: "failed", how: "signal SIGTERM" }, false, "preempted"],
    [{ outcome: "lost", how: "a node is gone" }, false, "preempted"],
    [{ outcome: "lost", how: "a node is gone" }, true, "stopped"],
    [{ outcome: "cancelled", how: "exit code 143" }, true, "stopped"],
    [{ outcome: "failed", how: "exit code 143" }, true, "stopped"],
  ] as const)("of %o, told to stop: %s, is %s", (end, isStopped, how) => {
    expect(judgeEnd(end, isStopped)).toBe(how);
  });
});

describe("a run that was preempted", () => {
  const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
    began,
    ended: new Date(at(30)).toISOString(),
    how: "preempted",
    lostSeconds: 30,
    ...changes,
  });

  it.each([
    ["goes on after a few", Array.from({ length: 4 }, () => attempt()), true],
    ["does not go on when five in a row kept nothing", Array.from({ length: 5 }, () => attempt()), false],
    [
      "goes on when one of them kept something",
      [...Array.from({ length: 4 }, () => attempt()), attempt({ lostSeconds: 2 })],
      true,
    ],
    [
      "goes on when one of them was lost otherwise",
      [attempt({ how: "worker-lost" }), ...Array.from({ length: 4 }, () => attempt())],
      true,
    ],
  ])("%s", (_, attempts, expected) => {
    expect(mayGoOn(attempts)).toBe(expected);
  });

  it("says at its next attempt what happened and what it costs", () => {
    expect(introduceAttempt([])).toBeUndefined();
    expect(introduceAttempt([attempt(), attempt({ how: "worker-lost", lostSeconds: 11.6 })])).toBe(
      "attempt 3: the last one ended with its worker, 12 s of work are done again",
    );
  });
});
