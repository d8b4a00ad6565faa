import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { finishBy, isHurried, readTimeout } from "../../framework/serving/deadline.ts";

describe("the time that a request gives its answer", () => {
  it.each([
    [undefined, 10_000],
    ["1", 1],
    ["250", 250],
    ["10000", 10_000],
    ["999999999", 10_000],
  ])("is, of %s, what it says and no more than any has", (header, milliseconds) => {
    expect(readTimeout(header, 10_000)).toBe(milliseconds);
  });

  it.each(["", "0", "-1", "1.5", "1e3", "10s", " 10", "0x10", "1, 2", "1000000000"])("is refused as %j", (header) => {
    expect(() => readTimeout(header, 10_000)).toThrow("steward-timeout is no number of milliseconds");
  });
});

describe("a caller", () => {
  it.each([
    [999, 10_000, true],
    [1000, 10_000, false],
    [10_000, 10_000, false],
    [150, 150, false],
    [149, 150, true],
  ])("that gives an answer %i of at most %i milliseconds is in a hurry: %s", (timeout, most, expected) => {
    expect(isHurried(timeout, most)).toBe(expected);
  });
});

describe("work until a moment", () => {
  it("gives what it comes to, and fails as it does", async () => {
    expect(await finishBy(performance.now() + 10_000, async () => 7)).toBe(7);
    await expect(finishBy(performance.now() + 10_000, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  it("is not waited for any longer, and fails nobody when it fails later", async () => {
    const late = { status: 504, message: "the answer was not there in time" };
    const work = async () => {
      await sleep(60);
      throw new Error("nobody listens");
    };
    await expect(finishBy(performance.now() + 20, work)).rejects.toMatchObject(late);
    await sleep(80);
  });

  it("is not begun after it", async () => {
    let begun = false;
    const work = async () => {
      begun = true;
    };
    await expect(finishBy(performance.now() - 1, work)).rejects.toMatchObject({ status: 504 });
    expect(begun).toBe(false);
  });
});
