/**
 * A place of packages for tests: one small wheel made on the spot, and the environment that makes uv look nowhere else.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findPython } from "../../framework/toolchain/python.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";

const run = promisify(execFile);

/** Python that writes a wheel with one module and prints its SHA-256. */
const makeWheel = `
import hashlib, sys, zipfile
path = sys.argv[1]
info = "steward_pebble-1.0.dist-info/"
files = {
    "steward_pebble.py": "weight = 7\\n",
    info + "METADATA": "Metadata-Version: 2.1\\nName: steward-pebble\\nVersion: 1.0\\n",
    info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
record = "".join(f"{name},,\\n" for name in [*files, info + "RECORD"])
with zipfile.ZipFile(path, "w") as wheel:
    for name, content in {**files, info + "RECORD": record}.items():
        wheel.writestr(name, content)
print(hashlib.sha256(open(path, "rb").read()).hexdigest())
`;

export interface Wheelhouse {
  /** Requirements that lock the wheel. */
  readonly lock: string;
  /** The variables of uv. */
  readonly variables: Readonly<Record<string, string>>;
  readonly uv: string;
  readonly python: string;
}

/** Makes the wheel in `folder` and finds uv and Python. */
export async function createWheelhouse(folder: string): Promise<Wheelhouse> {
  const wheels = join(folder, "wheels");
  await mkdir(wheels, { recursive: true });
  const [{ uv }, python] = await Promise.all([ensureTools(["uv"]), findPython()]);
  const { stdout } = await run(python.path, ["-c", makeWheel, join(wheels, "steward_pebble-1.0-py3-none-any.whl")]);
  return {
    lock: `steward-pebble==1.0 \\\n    --hash=sha256:${stdout.trim()}\n`,
    variables: { UV_FIND_LINKS: wheels, UV_NO_INDEX: "1", UV_CACHE_DIR: join(folder, "uv-cache") },
    uv: uv.path,
    python: python.path,
  };
}

/** Writes a program that notes each of its calls in `<path>.calls`, then does what `body` says; `$@` are its arguments. */
export async function writeProgram(path: string, body: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\necho "$1" >> "${path}.calls"\n${body}\n`, { mode: 0o755 });
  return path;
}
