/**
 * A folder for the temporary files of one run of the tests, removed with all that processes that were killed have left in it.
 * @module
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiledCode } from "./surroundings.ts";

/** Made before the first file of whatever project; the workers and what they start find it as `TMPDIR`, and what is compiled beside it. */
export default function setup(): (() => void) | undefined {
  if (process.env["STEWARD_TEST_FOLDER"] !== undefined) return undefined;
  for (const name of readdirSync(tmpdir())) if (isLeft(name)) remove(join(tmpdir(), name));
  // Short: sockets are in it, whose paths may have about a hundred bytes.
  const folder = mkdtempSync(join(tmpdir(), `steward-run-${process.pid}-`));
  process.env["STEWARD_TEST_FOLDER"] = folder;
  process.env["TMPDIR"] = folder;
  process.env["NODE_COMPILE_CACHE"] ??= compiledCode;
  return () => remove(folder);
}

/** Whether a folder is that of a run which was ended before it could remove it. */
function isLeft(name: string): boolean {
  const [, run] = /^steward-run-(\d+)-/.exec(name) ?? [];
  if (run === undefined) return false;
  try {
    process.kill(Number(run), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
