import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { withLock } from "../../framework/toolchain/lock.ts";
import { identifyProcess, thisComputer, thisMachine } from "../../framework/toolchain/process-identity.ts";
import { makeFolder } from "./fake-programs.ts";

const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

function run(script: string, ...args: string[]) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  started.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = await once(lines, "line");
  return String(line);
}

describe("withLock", () => {
  it("makes a second process wait for the first, and tells whom it waits for", async () => {
    await using folder = await makeFolder();
    const first = run("lock-holder.ts", folder.path);
    expect(await nextLine(first.lines)).toBe("holds");
    const second = run("lock-holder.ts", folder.path);
    expect(await nextLine(second.lines)).toBe(`waits for ${first.child.pid}`);
    first.child.stdin.end();
    expect(await nextLine(second.lines)).toBe("holds");
  });

  it("takes over from a holder that was killed with SIGKILL", async () => {
    await using folder = await makeFolder();
    const first = run("lock-holder.ts", folder.path);
    expect(await nextLine(first.lines)).toBe("holds");
    const second = run("lock-holder.ts", folder.path);
    expect(await nextLine(second.lines)).toBe(`waits for ${first.child.pid}`);
    first.child.kill("SIGKILL");
    expect(await nextLine(second.lines)).toBe("holds");
  });

  it("lets only one in at a time, however many processes want in", async () => {
    await using folder = await makeFolder();
    const file = join(folder.path, "count");
    await writeFile(file, "0");
    const counters = [1, 2, 3].map(() => run("lock-counter.ts", join(folder.path, "lock"), file, "40").child);
    const codes = await Promise.all(counters.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(await readFile(file, "utf8")).toBe("120");
  });

  const here = identifyProcess(process.pid);
  it.each([
    ["whose pid another process has now", { ...here, started: "1", since: "2026-01-01T00:00:00Z" }],
    ["whose process has ended", { ...here, pid: 2 ** 22 + 1, since: "2026-01-01T00:00:00Z" }],
    ["that it cannot read", { pid: "?" }],
    [
      "of this computer before it was started again, whatever has its pid now",
      {
        ...here,
        machine: `${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)} pid:[1]`,
        computer: thisComputer(),
        since: "2026-01-01T00:00:00Z",
      },
    ],
  ])("does not wait for a holder %s", async (_, claim) => {
    await using folder = await makeFolder();
    await symlink(JSON.stringify(claim), join(folder.path, "7"));
    const waited: number[] = [];
    const onWait = (holder: { pid: number }) => waited.push(holder.pid);
    await expect(withLock(folder.path, { onWait }, async () => "done")).resolves.toBe("done");
    expect(waited).toEqual([]);
  });

  it("waits for a holder on another machine that may still live, until it is told to stop", async () => {
    await using folder = await makeFolder();
    const claim = { ...here, machine: `not ${thisMachine()}`, since: "2026-01-01T00:00:00Z" };
    await symlink(JSON.stringify(claim), join(folder.path, "1"));
    const stop = new AbortController();
    const onWait = () => stop.abort(new Error("told to stop"));
    await expect(withLock(folder.path, { onWait, signal: stop.signal }, async () => "done")).rejects.toThrow(
      "told to stop",
    );
  });

  it("is free again after its work has failed, and keeps few files", async () => {
    await using folder = await makeFolder();
    const lock = join(folder.path, "lock");
    await mkdir(lock);
    for (let i = 0; i < 5; i++) {
      await expect(withLock(lock, {}, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    }
    expect((await readdir(lock)).length).toBeLessThanOrEqual(3);
  });
});
