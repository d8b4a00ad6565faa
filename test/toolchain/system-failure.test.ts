import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import {
  explainRefusal,
  formatBytes,
  measureFree,
  requireRoom,
  toReadable,
} from "../../framework/toolchain/system-failure.ts";
import { makeFolder } from "./fake-programs.ts";

const root = join(import.meta.dirname, "../..");

describe("a refusal of the operating system", () => {
  it.each([
    ["ENOSPC", "disk-full", "The disk is full"],
    ["EDQUOT", "disk-full", "Your share of the disk is used up"],
    ["EROFS", "folder-read-only", "The disk is mounted read-only"],
    ["EACCES", "folder-read-only", "The system refuses access"],
    ["EPERM", "folder-read-only", "The system refuses access"],
  ])("%s is %s", (code, problem, what) => {
    expect(explainRefusal({ code, message: "no", path: "/data" })).toMatchObject({
      code: problem,
      what,
      file: "/data",
    });
  });

  it("says how much is free", () => {
    const full = explainRefusal({ code: "ENOSPC", message: "no space left", path: "/data", freeBytes: 312_000 });
    expect(full).toMatchObject({
      got: "312 kB free; no space left",
      fix: expect.stringContaining("goes on from here"),
    });
  });

  it.each([
    ["an error of another kind", Object.assign(new Error("x"), { code: "ENOENT", syscall: "open" })],
    ["a program that may not be run", Object.assign(new Error("x"), { code: "EACCES", syscall: "spawn uv" })],
    ["a problem", new StewardError({ code: "internal", at: "", what: "no space left on device" })],
  ])("%s stays as it is", (_, error) => {
    expect(toReadable(error)).toBe(error);
  });

  it("is found in what a library says in words", () => {
    const error = new Error('IO Error: Could not write file "/data/x": No space left on device');
    expect(toReadable(error, "/")).toMatchObject({ problems: [{ code: "disk-full", file: "/" }] });
  });

  it.each([
    [0, "0 B"],
    [312, "312 B"],
    [1_240_000_000, "1.2 GB"],
    [74_000_000_000, "74 GB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("is foreseen where there is too little room to begin", () => {
    expect(() => requireRoom("/nowhere", 1)).not.toThrow();
    expect(() => requireRoom("/nowhere", 1e18)).toThrow(
      /nothing was begun \(got .* free, expected at least .*\[disk-full\]/s,
    );
  });

  it("measures the disk of a folder that is not there yet", () => {
    expect(measureFree("/nowhere/at/all")).toBeGreaterThan(0);
  });
});

/** Runs a script where `$DISK` is a file system of its own; a machine that mounts none skips the test and says so. */
async function onDisk(script: string, skip: (note: string) => void) {
  await using folder = await makeFolder();
  const mounted = `mount -t tmpfs -o size=64k tmpfs "$DISK" || exit 99\n${script}`;
  const { status, stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", mounted], {
    cwd: root,
    env: { ...process.env, DISK: folder.path, NODE: process.execPath },
    encoding: "utf8",
  });
  if (status === null || status === 99) skip(`this machine lets nobody mount a file system: ${stderr}`);
  return { status, text: `${stdout}${stderr}` };
}

const getTool = '"$NODE" bin/steward.js tools uv';

describe("a real disk", () => {
  it("that is full: the tool is not made, nothing half-written stays, and the message says where and how much", async ({
    skip,
  }) => {
    const fill = 'dd if=/dev/zero of="$DISK/fill" bs=1k count=64 2>/dev/null';
    const { status, text } = await onDisk(
      `${fill}; PATH=/nowhere STEWARD_CACHE="$DISK" ${getTool}; code=$?; find "$DISK" -name '*partial*'; exit $code`,
      skip,
    );
    expect(text).toMatch(/The disk is full \(got 0 B free; ENOSPC.*\n.*\[disk-full\]\n$/);
    expect(status).toBe(1);
  });

  it("that is read-only: says so, and which variable names another", async ({ skip }) => {
    const { status, text } = await onDisk(
      `mount -o remount,ro "$DISK"; PATH=/nowhere STEWARD_CACHE="$DISK" ${getTool}`,
      skip,
    );
    expect(text).toMatch(/The cache of tools cannot be written.*EROFS.*STEWARD_CACHE/);
    expect(status).toBe(1);
  });
});
