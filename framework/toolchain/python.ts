/**
 * The machine's own Python.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import { askProgram, listOnPath } from "./on-path.ts";
import { compareVersions } from "./version.ts";

export interface Python {
  /** The interpreter itself, not a shim that chooses one. */
  readonly path: string;
  readonly version: string;
}

const oldest = "3.11";
const names = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];
const introduction = "import sys; print('python', '.'.join(map(str, sys.version_info[:3])), sys.executable)";

/**
 * The first Python on PATH that is not older than 3.11.
 *
 * @throws StewardError `python-missing`, naming those that are too old.
 */
export async function findPython(environment: NodeJS.ProcessEnv = process.env): Promise<Python> {
  for await (const python of findPythons(environment)) return python;
  throw noPython(await describeAll(environment));
}

/**
 * The first Python on PATH that is not older than 3.11 and has pip.
 *
 * @throws StewardError `python-missing` or `pip-missing`.
 */
export async function findPythonWithPip(environment: NodeJS.ProcessEnv = process.env): Promise<Python> {
  const without: string[] = [];
  for await (const python of findPythons(environment)) {
    const printed = await askProgram(python.path, ["-m", "pip", "--version"], environment);
    if (/^pip \d/m.test(printed)) return python;
    without.push(`${python.version} at ${python.path}`);
  }
  if (without.length === 0) throw noPython(await describeAll(environment));
  throw new StewardError({
    code: "pip-missing",
    at: "",
    what: 'No "python3" on PATH has pip, which installs the tools that come as wheels',
    got: without.join(", "),
    fix: "install it with your system's package manager (Debian and Ubuntu: apt install python3-pip; Fedora: dnf install python3-pip; Alpine: apk add py3-pip) or with python3 -m ensurepip; venv is not needed",
  });
}

/** What `introduction` printed, or nothing when it was no Python. */
export function readPython(printed: string): Python | undefined {
  const [, version, path] = /^python (\d+\.\d+\.\d+) (\/.+)$/m.exec(printed) ?? [];
  return version && path ? { version, path } : undefined;
}

async function* findPythons(environment: NodeJS.ProcessEnv): AsyncGenerator<Python> {
  for await (const python of introduceAll(environment)) {
    if (compareVersions(python.version, oldest) >= 0) yield python;
  }
}

async function* introduceAll(environment: NodeJS.ProcessEnv): AsyncGenerator<Python> {
  const seen = new Set<string>();
  for (const name of names) {
    for (const path of await listOnPath(name, environment)) {
      const python = readPython(await askProgram(path, ["-c", introduction], environment));
      if (!python || seen.has(python.path)) continue;
      seen.add(python.path);
      yield python;
    }
  }
}

async function describeAll(environment: NodeJS.ProcessEnv): Promise<string> {
  const all: string[] = [];
  for await (const { version, path } of introduceAll(environment)) all.push(`${version} at ${path}`);
  return all.join(", ") || "none";
}

function noPython(got: string): StewardError {
  return new StewardError({
    code: "python-missing",
    at: "",
    what: 'No "python3" on PATH is new enough',
    got,
    expected: `Python ≥ ${oldest}`,
    fix: "install one and put it on PATH (Debian 12, Ubuntu 24.04 and newer: apt install python3 python3-pip; macOS: brew install python)",
  });
}
