/**
 * A Python with locked packages, for tests that hold what Steward writes against somebody else's reader of it.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import { findPython } from "../../framework/toolchain/python.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";

const run = promisify(execFile);

/** What a test finds prepared; the fields are there once a test runs. */
export interface GivenPython {
  /** A temporary folder; the environment is in it. */
  folder: string;
  /** The path of the interpreter. @default the packages cannot be had here */
  python?: string;
  /** Why there is none. */
  missing: string;
}

/** Installs the packages of a hash-locked file before the tests of a file, and removes them after. @param what they are called */
export function usePythonPackages(what: string, lock: string): GivenPython {
  const given: GivenPython = { folder: "", missing: "" };
  beforeAll(async () => {
    given.folder = await mkdtemp(join(tmpdir(), "steward-python-"));
    try {
      const [{ uv }, { path: base }] = await Promise.all([ensureTools(["uv"]), findPython()]);
      const environment = join(given.folder, "environment");
      await run(uv.path, ["venv", "--quiet", "--python", base, environment]);
      const python = join(environment, "bin", "python");
      await run(uv.path, ["pip", "install", "--quiet", "--require-hashes", "--python", python, "--requirement", lock]);
      given.python = python;
    } catch (error) {
      given.missing = `${what} cannot be installed here: ${error instanceof Error ? error.message : String(error)}`;
    }
  });
  afterAll(() => rm(given.folder, { recursive: true, force: true }));
  return given;
}
