/**
 * Installing a tool from the wheels that `wheels.lock` names by digest.
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestOf } from "../plan/digest.ts";
import { type CommandEnd, runCommand } from "./command.ts";
import type { Target } from "./go-build.ts";
import type { MakeOptions } from "./make-options.ts";
import { askProgram } from "./on-path.ts";
import { findPythonWithPip } from "./python.ts";
import type { WheelTool } from "./tools.ts";

/** Installs a wheel with pip and the user's own settings of it. */
export async function installWheel(tool: WheelTool, making: MakeOptions): Promise<CommandEnd> {
  const { folders, ...running } = making;
  const python = await findPythonWithPip(making.environment);
  const requirements = join(folders.temporary, "requirements.txt");
  await writeFile(requirements, await readLockEntry(tool));
  return runCommand(python.path, pipArguments(requirements, folders.result), {
    ...running,
    folder: folders.temporary,
    environment: pipEnvironment(making.environment, folders.temporary),
  });
}

/** The index that pip asks: as its settings say, else its own default. @returns nothing when pip does not tell */
export async function findPipIndex(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { path } = await findPythonWithPip(environment);
  const ask = (...args: string[]) => askProgram(path, ["-m", "pip", ...args], environment);
  const own = environment["PIP_INDEX_URL"] ?? /^\w+:\/\/\S+/m.exec(await ask("config", "get", "global.index-url"))?.[0];
  return own ?? /--index-url <url>[^(]*\(default\s+(\w+:\/\/[^\s)]+)/.exec(await ask("install", "--help"))?.[1];
}

/** The entry of one package in `wheels.lock`, as pip reads it. */
export async function readLockEntry(tool: WheelTool): Promise<string> {
  const text = await readFile(new URL("wheels.lock", import.meta.url), "utf8");
  const entry = findLockEntry(text, tool);
  if (entry === undefined) throw new Error(`wheels.lock has no ${tool.wheel}==${tool.version}`);
  return entry;
}

/** Finds the lines of a package: `name==version \` and the hashes that continue it. */
export function findLockEntry(text: string, tool: { wheel: string; version: string }): string | undefined {
  const lines = text.split("\n");
  const first = lines.indexOf(`${tool.wheel}==${tool.version} \\`);
  if (first < 0) return undefined;
  const last = lines.findIndex((line, i) => i >= first && !line.endsWith("\\"));
  return `${lines.slice(first, last + 1).join("\n")}\n`;
}

/** Arguments of Python that install one package, and nothing it depends on, into a folder. */
function pipArguments(requirements: string, folder: string): string[] {
  const only = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile"];
  return ["-m", "pip", "install", "--quiet", ...only, "--target", folder, "-r", requirements];
}

/** The environment of pip: the user's own, less the settings that contradict installing into a folder. */
export function pipEnvironment(user: NodeJS.ProcessEnv, temporary: string): NodeJS.ProcessEnv {
  const {
    PIP_PREFIX: _prefix,
    PIP_ROOT: _root,
    PIP_REQUIREMENT: _requirement,
    PIP_CONSTRAINT: _constraint,
    ...rest
  } = user;
  return {
    ...rest,
    PIP_USER: "0",
    PIP_REQUIRE_VIRTUALENV: "0",
    PIP_NO_INPUT: "1",
    // Five attempts of a quarter of a minute each are a long time for somebody who has forgotten to go online.
    PIP_RETRIES: user["PIP_RETRIES"] ?? "2",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    TMPDIR: temporary,
  };
}

/** Digests everything that decides what is installed. */
export function wheelKey(entry: string, target: Target): Digest {
  return digestOf({ entry, platform: target.platform, arch: target.arch });
}
