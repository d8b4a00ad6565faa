import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createCoreLease } from "../../framework/training/core-lease.ts";

/** A lease with jobs that begin when it lets them, by their names. */
function given(cores: number) {
  const lease = createCoreLease(cores);
  const begun: string[] = [];
  const said: string[] = [];
  const ends = new Map<string, () => void>();
  const start = async (name: string, cpu: number, signal?: AbortSignal): Promise<void> => {
    const end = await lease.take(cpu, { signal, onWait: (line) => said.push(`${name} ${line}`) });
    begun.push(name);
    ends.set(name, end);
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await nextTurn();
  };
  return { begun, said, start, end };
}

describe("the lease of a machine's cores", () => {
  it("lets as many jobs run as there are cores, and the next one when one has ended", async () => {
    const { begun, said, start, end } = given(2);
    for (const name of ["a", "b", "c"]) void start(name, 1);
    await nextTurn();
    expect(begun).toEqual(["a", "b"]);
    expect(said).toEqual(["c waits its turn: 1 core, 0 of 2 free"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
  });

  it("lends all its cores again after parts of them, which do not add up to the last bit", async () => {
    const { begun, start, end } = given(2);
    for (const [name, cpu] of [
      ["a", 0.6],
      ["b", 0.2],
    ] as const)
      void start(name, cpu);
    await nextTurn();
    await end("a");
    await end("b");
    void start("whole", 2);
    await nextTurn();
    expect(begun).toEqual(["a", "b", "whole"]);
  });

  it("serves in the order of asking, so that a large job is not overtaken", async () => {
    const { begun, start, end } = given(2);
    void start("a", 1);
    void start("large", 2);
    void start("b", 1);
    await nextTurn();
    expect(begun).toEqual(["a"]);
    await end("a");
    expect(begun).toEqual(["a", "large"]);
    await end("large");
    expect(begun).toEqual(["a", "large", "b"]);
  });

  it("gives a job that uses more than there are all of them", async () => {
    const { begun, start, end } = given(2);
    void start("huge", 16);
    void start("a", 1);
    await nextTurn();
    expect(begun).toEqual(["huge"]);
    await end("huge");
    expect(begun).toEqual(["huge", "a"]);
  });

  it("lets who waits go, and serves those behind", async () => {
    const { begun, start } = given(2);
    const leaving = new AbortController();
    void start("a", 1);
    const left = start("large", 2, leaving.signal);
    void start("b", 1);
    await nextTurn();
    leaving.abort(new Error("no longer wanted"));
    await expect(left).rejects.toThrow("no longer wanted");
    expect(begun).toEqual(["a", "b"]);
  });

  it("takes cores back once, however often they are given", async () => {
    const { begun, start, end } = given(1);
    void start("a", 1);
    await nextTurn();
    await end("a");
    await end("a");
    void start("b", 1);
    void start("c", 1);
    await nextTurn();
    expect(begun).toEqual(["a", "b"]);
  });
});
