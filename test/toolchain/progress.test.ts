import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  describeEnd,
  describeStep,
  formatSeconds,
  type GoingStep,
  type LastStep,
} from "../../framework/toolchain/progress.ts";
import { createReporter, liveLine } from "../../framework/toolchain/reporter.ts";

const minio = { name: "minio", version: "2026-02-12T20-18-48Z" } as const;
const building: GoingStep = { kind: "working", doing: "building", usualSeconds: 130, damaged: false };

describe("formatSeconds", () => {
  it.each([
    [0, "0s"],
    [59.9, "59s"],
    [60, "1m00s"],
    [129, "2m09s"],
    [3_599, "59m59s"],
    [3_720, "1h02m"],
  ])("%d → %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe("describeStep", () => {
  it.each<[GoingStep, number | undefined, string]>([
    [building, undefined, "building (about 2m10s on two cores)"],
    [building, 72, "building  1m12s (about 2m10s on two cores)"],
    [{ ...building, damaged: true }, 1, "building again  1s (about 2m10s on two cores)"],
    [{ ...building, doing: "installing", usualSeconds: 5 }, 2, "installing  2s (about 5s on two cores)"],
    [{ kind: "waiting", pid: 4242 }, 7, "waiting for process 4242, which is getting it  7s"],
  ])("%j after %s", (step, seconds, text) => {
    expect(describeStep(step, seconds)).toBe(text);
  });
});

describe("describeEnd", () => {
  it.each<[LastStep, string]>([
    [{ kind: "ready", origin: "path" }, "on PATH"],
    [{ kind: "ready", origin: "cache" }, "cached"],
    [{ kind: "ready", origin: "built", doing: "building", damaged: false }, "built in 2m09s"],
    [{ kind: "ready", origin: "built", doing: "installing", damaged: false }, "installed in 2m09s"],
    [
      { kind: "ready", origin: "built", doing: "building", damaged: true },
      "built in 2m09s, because the cached one was damaged",
    ],
    [{ kind: "failed" }, "failed after 2m09s"],
    [{ kind: "interrupted" }, "interrupted after 2m09s"],
  ])("%j", (step, text) => {
    expect(describeEnd(step, 129)).toBe(text);
  });
});

describe("createReporter", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function record(isTTY: boolean) {
    const written: string[] = [];
    const output = { isTTY, columns: 60, write: (text: string) => written.push(text) };
    return { written, report: createReporter(output, () => Date.now()) };
  }

  it("prints a line at start and end where there is no terminal", () => {
    const { written, report } = record(false);
    report(minio, { kind: "waiting", pid: 7 });
    vi.advanceTimersByTime(3_000);
    report(minio, building);
    vi.advanceTimersByTime(60_000);
    report(minio, { kind: "ready", origin: "built", doing: "building", damaged: false });
    report({ name: "uv", version: "0.9.1" }, { kind: "ready", origin: "path" });
    expect(written.map((line) => line.replace(/ {3,}/, "  "))).toEqual([
      "· minio 2026-02-12T20-18-48Z  waiting for process 7, which is getting it\n",
      "· minio 2026-02-12T20-18-48Z  building (about 2m10s on two cores)\n",
      "✔ minio 2026-02-12T20-18-48Z  built in 1m03s\n",
      "✔ uv 0.9.1  on PATH\n",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps one line alive on a terminal and leaves one line behind", () => {
    const { written, report } = record(true);
    report(minio, building);
    vi.advanceTimersByTime(1_000);
    report(minio, { kind: "failed" });
    vi.advanceTimersByTime(1_000);
    expect(written).toHaveLength(6);
    for (const text of written) expect(text.startsWith("\r\u001b[2K")).toBe(true);
    expect(written.slice(0, -1).filter((text) => text.includes("\n"))).toEqual([]);
    expect(written.at(-1)).toMatch(/✖ minio 2026-02-12T20-18-48Z +failed after 1s\n$/);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("starts a new clock for each tool", () => {
    const { written, report } = record(false);
    for (const name of ["pulumi", "temporal-ui"] as const) {
      report({ name, version: "1.0.0" }, building);
      vi.advanceTimersByTime(2_000);
      report({ name, version: "1.0.0" }, { kind: "ready", origin: "built", doing: "building", damaged: false });
    }
    expect(written.filter((line) => line.includes("built in 2s"))).toHaveLength(2);
  });
});

describe("liveLine", () => {
  it("fits the longest name into 80 columns", () => {
    const tool = { name: "pulumi-language-nodejs", version: "3.68.0" } as const;
    const line = liveLine(tool, building, { seconds: 72, width: 80 });
    expect(line).toBe("◐ pulumi-language-nodejs 3.68.0  building  1m12s (about 2m10s on two cores)");
  });

  it("is cut where the terminal ends", () => {
    expect(liveLine(minio, building, { seconds: 0.25, width: 20 })).toBe("◓ minio 2026-02-12T");
  });
});
