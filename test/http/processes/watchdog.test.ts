import { describe, expect, it } from "vitest";
import { findHang, findPause, usualLimits } from "../../../framework/http/processes/watchdog.ts";

describe("a process", () => {
  it.each([
    [{ age: 1, silent: 0, oldest: 0 }, undefined],
    [{ age: 90_000, silent: 10_000, oldest: 0 }, undefined],
    [{ age: 90_000, silent: 10_001, oldest: 0 }, "has not said that it lives for 10.0 s"],
    [{ age: 90_000, silent: 4_000, oldest: 56_000 }, undefined],
    [{ age: 90_000, silent: 4_000, oldest: 56_001 }, "has work under way for 60.0 s"],
    [{ age: 90_000, silent: 200, oldest: 75_000 }, "has work under way for 75.2 s"],
    [{ age: 60_000, oldest: 0 }, undefined],
    [{ age: 60_001, oldest: 0 }, "has not begun to live for 60.0 s"],
  ])("that is %o is given up because it %s", (watched, why) => {
    expect(findHang(watched, usualLimits)).toBe(why);
  });

  it.each([
    [{ ended: 0, lived: 10 }, 100],
    [{ ended: 3, lived: 10 }, 800],
    [{ ended: 20, lived: 10 }, 5_000],
    [{ ended: 20, lived: 60_000 }, 100],
  ])("that ended, of which is known %o, has a successor after %d ms", (known, pause) => {
    expect(findPause(known)).toBe(pause);
  });
});
