import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readJson, writePrivateJson } from "../../framework/supervisor/private-file.ts";

const source = join(import.meta.dirname, "../../framework/supervisor/private-file.ts");

function makeFolder(onTestFinished: (end: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "steward-private-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it("is read by its owner alone", ({ onTestFinished }) => {
  const path = join(makeFolder(onTestFinished), "a.json");
  writePrivateJson(path, { key: "value" });
  expect(readJson(path)).toEqual({ key: "value" });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("stays as it was when the disk has room for only a part of what follows", ({ onTestFinished }) => {
  const path = join(makeFolder(onTestFinished), "a.json");
  writePrivateJson(path, "before");
  // A limit to the size of files stands for a full disk: the system writes as much as goes in, and says so.
  const script = `
    import(process.argv[1]).then(({ writePrivateJson }) => writePrivateJson(process.argv[2], "x".repeat(100_000)))
      .then(() => process.exit(0), (error) => process.exit(error.code === "EFBIG" ? 27 : 1))`;
  const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`;
  const run = () =>
    execFileSync("sh", ["-c", limited, process.execPath, "--no-warnings", "-e", script, source, path], {
      stdio: "pipe",
    });
  expect(run).toThrow(expect.objectContaining({ status: 27 }));
  expect(readJson(path)).toBe("before");
});
