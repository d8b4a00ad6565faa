import { describe, expect, it } from "vitest";
import type { Intermediate, StudyRecord } from "../../framework/training/tuning/study.ts";
import { createPruning, GivenUp } from "../../workflows/tune/pruning.ts";

const record = { trials: [], open: [], again: [] };
const report = (step: number, value = step / 10): Intermediate => ({ step, value });

/** A trial whose sampler answers when it is told to, and the steps that it was asked about. */
function pruningOf(givesUpAt: number, { kind = "median" as "median" | "none", fails = false } = {}) {
  let all: readonly Intermediate[] = [];
  const asked: number[][] = [];
  const answers = Promise.withResolvers<void>();
  const stop = new AbortController();
  const sampler = {
    ask: () => Promise.reject(new Error("nobody asks for parameters")),
    shouldPrune: async (_: StudyRecord, { intermediates }: { readonly intermediates: readonly Intermediate[] }) => {
      asked.push(intermediates.map(({ step }) => step));
      await answers.promise;
      if (fails) throw new Error("the sampler ended");
      return (intermediates.at(-1)?.step ?? 0) === givesUpAt;
    },
    close: async () => undefined,
  };
  const pruning = createPruning({
    pruner: kind === "none" ? { kind } : { kind, startup: 1, warmup: 0 },
    study: { sampler: async () => sampler, record: async () => record, noted: [] },
    number: 3,
    reports: {
      get all() {
        return all;
      },
      add: () => true,
    },
    stopped: stop.signal,
    show: () => undefined,
  });
  return {
    pruning,
    asked,
    stop,
    answer: answers.resolve,
    /** The trial has reported all this. */
    reported: (...now: readonly Intermediate[]) => {
      all = now;
      pruning.judge();
    },
  };
}

describe("the pruning of a trial", () => {
  it("judges each report in its turn, however late the sampler answers", async () => {
    const { pruning, asked, answer, reported } = pruningOf(2);
    reported(report(1));
    reported(report(1), report(2), report(3));
    answer();
    await pruning.settled();
    expect(asked).toEqual([[1], [1, 2]]);
    const { reason } = pruning.signal;
    expect(reason).toBeInstanceOf(GivenUp);
    expect(reason).toMatchObject({ message: "given up at step 2", reports: [report(1), report(2)] });
    reported(report(1), report(2), report(3), report(4));
    await pruning.settled();
    expect(asked).toHaveLength(2);
  });

  it("asks nothing twice, and anew of what was done again with another result", async () => {
    const { pruning, asked, answer, reported } = pruningOf(9);
    answer();
    reported(report(1), report(2));
    await pruning.settled();
    reported(report(1));
    reported(report(1), report(2, 7));
    await pruning.settled();
    expect(asked).toEqual([[1], [1, 2], [1, 2]]);
    expect(pruning.signal.aborted).toBe(false);
  });

  it("lets a trial run that nobody can judge", async () => {
    const { pruning, answer, reported } = pruningOf(1, { fails: true });
    answer();
    reported(report(1));
    await pruning.settled();
    expect(pruning.signal.aborted).toBe(false);
  });

  it("asks nothing where nothing is pruned, or once the trial is stopped", async () => {
    const without = pruningOf(1, { kind: "none" });
    without.reported(report(1));
    const stopped = pruningOf(1);
    stopped.stop.abort();
    stopped.reported(report(1));
    await Promise.all([without.pruning.settled(), stopped.pruning.settled()]);
    expect([without.asked, stopped.asked]).toEqual([[], []]);
  });
});
