/**
 * A checkout that may not be written to, and one whose disk is full: file systems of the test's own, in a namespace of its own.
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { localStack, rowsProject, Workspace } from "./steward.ts";

const bin = join(import.meta.dirname, "../../bin");

/** Runs a script in a workspace; a machine that mounts nothing skips the test and says so. */
function run(script: string, skip: (note: string) => void): { readonly code: number | null; readonly text: string } {
  using workspace = new Workspace({
    "Pulumi.local.yaml": localStack,
    "project.ts": rowsProject,
    "rows.csv": "at\n2024-01-01T00:00:00Z\n",
    ".steward/note": "",
  });
  const { status, stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", script], {
    cwd: workspace.folder,
    env: { ...process.env, HERE: workspace.folder, NODE: process.execPath, BIN: bin },
    encoding: "utf8",
  });
  if (status === null || status === 99) skip(`this machine lets nobody mount a file system: ${stderr}`);
  return { code: status, text: `${stdout}${stderr}` };
}

const readOnly = 'mount --bind "$HERE" "$HERE" && mount -o remount,bind,ro "$HERE" && cd "$HERE" || exit 99\n';

it("steward plan needs to write nothing", ({ skip }) => {
  const { code, text } = run(`${readOnly} "$NODE" "$BIN/steward.js" plan`, skip);
  expect(text).toContain("+ dataset rows (create)");
  expect(code).toBe(0);
});

it("pulumi up on a full disk begins nothing, and says how much is free", ({ skip }) => {
  const full = 'mount -t tmpfs -o size=64k tmpfs "$HERE/.steward" && cd "$HERE" || exit 99\n';
  const { code, text } = run(
    `${full} "$NODE" "$BIN/pulumi.js" up -s local --yes; code=$?; ls .steward; exit $code`,
    skip,
  );
  expect(text).toMatch(/nothing was begun \(got \d+ kB free, expected at least 100 MB\).*\n.*\[disk-full\]/);
  expect(code).toBe(1);
});
