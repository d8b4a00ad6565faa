import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLog, readLastLines, rotateLog } from "../../framework/supervisor/log.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-log-"));
  path = join(folder, "a.log");
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("rotateLog", () => {
  it("lets a running program go on writing, without a hole, at the start of the emptied log", async () => {
    const log = openLog(path);
    const program = spawn(process.execPath, ["-e", "process.stdin.on('data', (line) => process.stdout.write(line))"], {
      stdio: ["pipe", log, log],
    });
    closeSync(log);
    const say = async (line: string) => {
      const before = statSync(path).size;
      program.stdin?.write(`${line}\n`);
      await expect.poll(() => statSync(path).size).toBeGreaterThan(before);
    };
    await say("before");
    rotateLog(path, 1);
    await say("after");
    program.stdin?.end();
    await once(program, "exit");
    expect(readFileSync(`${path}.1`, "utf8")).toBe("before\n");
    expect(readFileSync(path, "utf8")).toBe("after\n");
  });

  it("keeps three full logs, the newest first", () => {
    for (const text of ["one", "two", "three", "four", "five"]) {
      writeFileSync(path, text);
      rotateLog(path, 1);
    }
    const kept = [1, 2, 3].map((age) => readFileSync(`${path}.${age}`, "utf8"));
    expect(kept).toEqual(["five", "four", "three"]);
    expect(existsSync(`${path}.4`)).toBe(false);
  });

  it("leaves a log alone that is not full", () => {
    writeFileSync(path, "a line");
    rotateLog(path);
    expect(readFileSync(path, "utf8")).toBe("a line");
  });
});

describe("readLastLines", () => {
  it("yields the last lines from a place on", () => {
    writeFileSync(path, "one\ntwo\nthree\n");
    expect(readLastLines(path, 2)).toEqual(["two", "three"]);
    expect(readLastLines(path, 9, 8)).toEqual(["three"]);
  });

  it("begins anew in a log that has been emptied since", () => {
    writeFileSync(path, "one\n");
    expect(readLastLines(path, 9, 10_000)).toEqual(["one"]);
  });

  it("leaves out a line whose beginning it has not read", () => {
    writeFileSync(path, `${"x".repeat(300_000)}\nlast\n`);
    expect(readLastLines(path, 9)).toEqual(["last"]);
  });

  it("yields nothing when there is no log", () => {
    expect(readLastLines(path, 9)).toEqual([]);
  });
});
