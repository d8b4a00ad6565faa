import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Background, mapConcurrently, Queue } from "../../framework/data/concurrency.ts";

/** Work that says how much of it was under way at most. */
function watch() {
  const seen = { most: 0, running: 0, begun: 0 };
  return {
    seen,
    work: async <T>(result: () => T): Promise<T> => {
      seen.begun++;
      seen.most = Math.max(seen.most, ++seen.running);
      await sleep(1);
      seen.running--;
      return result();
    },
  };
}

describe("mapConcurrently", () => {
  it("keeps the order of the items and its limit", async () => {
    const { seen, work } = watch();
    const items = Array.from({ length: 20 }, (_, index) => index);
    expect(await mapConcurrently(items, 3, (item) => work(() => item * 2))).toEqual(items.map((item) => item * 2));
    expect(seen.most).toBe(3);
    expect(await mapConcurrently([], 3, async () => 1)).toEqual([]);
  });

  it("fails with the first failure, begins nothing after it, and leaves nothing under way", async () => {
    const { seen, work } = watch();
    const items = Array.from({ length: 20 }, (_, index) => index);
    const mapping = mapConcurrently(items, 2, (item) =>
      work(() => {
        if (item === 1) throw new Error("second");
        return item;
      }),
    );
    await expect(mapping).rejects.toThrow("second");
    expect(seen).toMatchObject({ running: 0 });
    expect(seen.begun).toBeLessThanOrEqual(4);
  });
});

describe("work in the background", () => {
  it("is begun when there is room, and waited for at the end", async () => {
    const { seen, work } = watch();
    const background = new Background(2);
    for (let turn = 0; turn < 7; turn++) await background.begin(() => work(() => undefined));
    await background.end();
    expect(seen).toEqual({ most: 2, running: 0, begun: 7 });
  });

  it("that fails is told of by the next beginning, or at the end", async () => {
    const fail = async () => {
      throw new Error("broken");
    };
    const background = new Background(1);
    await background.begin(fail);
    await expect(background.begin(async () => undefined)).rejects.toThrow("broken");
    await expect(background.end()).rejects.toThrow("broken");
    await background.settle();
  });
});

it("work in a queue is done one after another, whatever becomes of that before", async () => {
  const { seen, work } = watch();
  const queue = new Queue();
  const done: number[] = [];
  const outcomes = await Promise.allSettled(
    [0, 1, 2].map((turn) =>
      queue.run(() =>
        work(() => {
          done.push(turn);
          if (turn === 1) throw new Error("broken");
        }),
      ),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect({ done, most: seen.most }).toEqual({ done: [0, 1, 2], most: 1 });
});
