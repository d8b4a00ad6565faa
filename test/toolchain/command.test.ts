import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { hideCredentials, runCommand } from "../../framework/toolchain/command.ts";
import { identifyProcess } from "../../framework/toolchain/process-identity.ts";
import { makeFolder } from "./fake-programs.ts";

function runShell(folder: string, script: string, signal?: AbortSignal) {
  const log = join(folder, "log");
  return runCommand("/bin/sh", ["-c", script], { folder, environment: {}, log, signal });
}

describe("runCommand", () => {
  it("keeps all output in a log for its owner's eyes, and the last lines", async () => {
    await using folder = await makeFolder();
    const end = await runShell(folder.path, "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo $i; done; exit 3");
    expect(end).toMatchObject({ ok: false, how: "exit code 3" });
    expect(end.lastLines).toEqual(["3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"]);
    expect((await readFile(join(folder.path, "log"), "utf8")).split("\n")).toHaveLength(15);
    expect((await stat(join(folder.path, "log"))).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["exit 0", { ok: true, how: "exit code 0" }],
    ["kill -9 $$", { ok: false, how: "signal SIGKILL" }],
  ])("says how %j ended", async (script, end) => {
    await using folder = await makeFolder();
    expect(await runShell(folder.path, script)).toMatchObject(end);
  });

  it("says when the program cannot be started", async () => {
    await using folder = await makeFolder();
    const options = { folder: folder.path, environment: {}, log: join(folder.path, "log") };
    const end = await runCommand(join(folder.path, "nothing"), [], options);
    expect(end.ok).toBe(false);
    expect(end.how).toContain("ENOENT");
  });

  it("shows no password of an address, in the log neither", async () => {
    await using folder = await makeFolder();
    const end = await runShell(folder.path, "echo GET https://me:sesame@registry.example/x >&2; exit 1");
    expect(end.lastLines).toEqual(["GET https://…@registry.example/x"]);
    expect(await readFile(join(folder.path, "log"), "utf8")).not.toContain("sesame");
  });

  it("ends what the program started, too, when it is told to stop", async () => {
    await using folder = await makeFolder();
    const noted = join(folder.path, "pids");
    const stop = new AbortController();
    const running = runShell(
      folder.path,
      `/bin/sleep 600 & echo $! $$ > ${noted}.part; mv ${noted}.part ${noted}; wait`,
      stop.signal,
    );
    running.catch(() => {});
    await vi.waitUntil(() => existsSync(noted), { timeout: 30_000 });
    const pids = (await readFile(noted, "utf8")).trim().split(" ").map(Number);
    expect(pids.filter(identifyProcess)).toHaveLength(2);
    stop.abort(new Error("told to stop"));
    await expect(running).rejects.toThrow("told to stop");
    expect(pids.filter(identifyProcess)).toEqual([]);
  });

  it("starts nothing when it was told to stop before", async () => {
    await using folder = await makeFolder();
    const stopped = AbortSignal.abort(new Error("told to stop"));
    await expect(runShell(folder.path, "echo hi > started", stopped)).rejects.toThrow("told to stop");
    expect(existsSync(join(folder.path, "started"))).toBe(false);
  });
});

describe("hideCredentials", () => {
  it.each([
    ["https://user:pass@host/path", "https://…@host/path"],
    ["https://token@host", "https://…@host"],
    ["https://host/a@v1.2.3", "https://host/a@v1.2.3"],
    ["github.com/a/b@v1.0.0: not found", "github.com/a/b@v1.0.0: not found"],
  ])("%s → %s", (line, shown) => {
    expect(hideCredentials(line)).toBe(shown);
  });
});
