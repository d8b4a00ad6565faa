import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PulumiHome } from "../../framework/cli/pulumi-environment.ts";
import {
  breakStaleLocks,
  findSelectedStack,
  hasPendingOperations,
  hasState,
  preparePulumiHome,
  removeSalt,
  withoutSalt,
} from "../../framework/cli/pulumi-home.ts";

let root = "";
let home: PulumiHome;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steward-home-"));
  writeFileSync(join(root, "Pulumi.yaml"), "name: rain\nruntime: nodejs\n");
  home = preparePulumiHome(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeState(stack: string, latest: object): void {
  const folder = join(home.state, ".pulumi", "stacks", "rain");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${stack}.json`), JSON.stringify({ version: 3, checkpoint: { stack, latest } }));
}

describe("the passphrase", () => {
  it("is made once, for its owner's eyes alone", () => {
    const made = readFileSync(home.passphrase, "utf8");
    expect(made.length).toBeGreaterThanOrEqual(32);
    expect(statSync(home.passphrase).mode & 0o777).toBe(0o600);
    preparePulumiHome(root);
    expect(readFileSync(home.passphrase, "utf8")).toBe(made);
    expect(readdirSync(join(root, ".steward")).filter((name) => name.startsWith("passphrase"))).toEqual(["passphrase"]);
  });
});

describe("the selected stack", () => {
  it("is the one that Pulumi's workspace names, if there is one", () => {
    expect(findSelectedStack(home)).toBeUndefined();
    mkdirSync(join(home.folder, "workspaces"), { recursive: true });
    writeFileSync(join(home.folder, "workspaces", "steward-1234-workspace.json"), JSON.stringify({ stack: "labour" }));
    expect(findSelectedStack(home)).toBe("labour");
    writeFileSync(join(home.folder, "workspaces", "steward-1234-workspace.json"), "{}");
    expect(findSelectedStack(home)).toBeUndefined();
  });
});

describe("the state of a stack", () => {
  it("is there once it has been written", () => {
    expect(hasState(home, "local")).toBe(false);
    writeState("local", {});
    expect(hasState(home, "local")).toBe(true);
  });

  it.each<[string, object, boolean]>([
    ["nothing", {}, false],
    ["an empty list", { pending_operations: [] }, false],
    ["a create", { pending_operations: [{ type: "creating", resource: {} }] }, true],
  ])("with %s pending", (_title, latest, expected) => {
    writeState("local", latest);
    expect(hasPendingOperations(home, "local")).toBe(expected);
  });
});

describe("locks", () => {
  /** Above every pid that Linux and macOS give. */
  const goneProcess = 2 ** 22 + 1;

  function writeLock(content: object): string {
    const folder = join(home.state, ".pulumi", "locks", "organization", "rain", "local");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "4f0c.json");
    writeFileSync(path, JSON.stringify({ username: "ada", timestamp: "2026-01-01T00:00:00Z", ...content }));
    return path;
  }

  it.each<[string, object, boolean]>([
    ["of a process that is gone is broken", { pid: goneProcess, hostname: hostname() }, true],
    ["whose pid another program has by now is broken", { pid: process.pid, hostname: hostname() }, true],
    ["of another machine is kept", { pid: goneProcess, hostname: "elsewhere" }, false],
    ["that cannot be understood is kept", { pid: "x" }, false],
  ])("one %s", (_title, content, broken) => {
    const path = writeLock(content);
    expect(breakStaleLocks(home)).toHaveLength(broken ? 1 : 0);
    expect(existsSync(path)).toBe(!broken);
  });
});

it("a lock of a pulumi that is at work is kept", ({ onTestFinished }) => {
  const program = join(root, "pulumi");
  copyFileSync("/bin/sleep", program);
  const pulumi = spawn(program, ["60"], { stdio: "ignore" });
  onTestFinished(() => void pulumi.kill("SIGKILL"));
  const folder = join(home.state, ".pulumi", "locks");
  mkdirSync(folder, { recursive: true });
  const lock = { pid: pulumi.pid, hostname: hostname(), timestamp: "2026-01-01T00:00:00Z" };
  writeFileSync(join(folder, "4f0c.json"), JSON.stringify(lock));
  expect(breakStaleLocks(home)).toEqual([]);
});

describe("the salt in a stack's settings", () => {
  const settings = "config:\n  steward:project: a.ts\n";

  it.each<[string, string, string]>([
    ["goes", `${settings}encryptionsalt: v1:abc=\n`, settings],
    ["goes from the top", `encryptionsalt: v1:abc=\n${settings}`, settings],
    [
      "stays where a setting is encrypted with it",
      `${settings}  steward:key:\n    secure: v1:x\nencryptionsalt: v1:abc=\n`,
      `${settings}  steward:key:\n    secure: v1:x\nencryptionsalt: v1:abc=\n`,
    ],
  ])("%s", (_title, before, after) => {
    expect(withoutSalt(before)).toBe(after);
  });

  it("is taken out of the file, and a stack without a file is none of its business", () => {
    writeFileSync(join(root, "Pulumi.local.yaml"), `${settings}encryptionsalt: v1:abc=\n`);
    removeSalt(root, "local");
    removeSalt(root, "other");
    expect(readFileSync(join(root, "Pulumi.local.yaml"), "utf8")).toBe(settings);
  });
});
