/**
 * Small shell programs that stand in for Go, Python and the tools themselves, and folders to keep them in.
 * @module
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder that removes itself. */
export async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "toolchain-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Writes an executable shell script. */
export async function writeProgram(path: string, ...lines: string[]): Promise<void> {
  await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(path, 0o755);
}

/** A machine with a PATH and a cache of its own, on which Go is a script. */
export interface FakeMachine {
  /** The only folder of its PATH. */
  readonly bin: string;
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The pids of the builds so far, in order. */
  readonly builds: () => Promise<number[]>;
  /** Builds wait until this is called. */
  readonly letBuildsGo: () => Promise<void>;
}

export const goVersionLine = 'if [ "$1" = version ]; then echo go version go1.27.3 linux/amd64; exit; fi';

/** Makes the machine in a folder. Its Go notes each build's pid, waits for leave or for the folder to go, and "builds" a script. */
export async function makeMachine(folder: string): Promise<FakeMachine> {
  const [bin, cache] = [join(folder, "bin"), join(folder, "cache")];
  const [noted, gate] = [join(folder, "builds"), join(folder, "gate")];
  await mkdir(bin);
  await writeProgram(
    join(bin, "go"),
    goVersionLine,
    'if [ ! -d "$GOTMPDIR" ]; then echo no place for temporary files; exit 1; fi',
    `echo $$ >> ${noted}`,
    "echo go: downloading modules",
    `until [ -e ${gate} ] || [ ! -d ${bin} ]; do /bin/sleep 0.02; done`,
    'while [ "$1" != -o ]; do shift; done',
    `printf '#!/bin/sh\\necho built\\n' > "$2" && /bin/chmod +x "$2"`,
  );
  return {
    bin,
    cache,
    environment: { PATH: bin, HOME: folder, STEWARD_CACHE: cache },
    builds: async () => {
      const text = await readFile(noted, "utf8").catch(() => "");
      return text.split("\n").filter(Boolean).map(Number);
    },
    letBuildsGo: () => writeFile(gate, ""),
  };
}
