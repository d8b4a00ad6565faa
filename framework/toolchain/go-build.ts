/**
 * How a server is built from its pinned Go module, and the digest of everything that decides the result.
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Digest, digestBytes, digestOf } from "../plan/digest.ts";
import { type CommandEnd, runCommand } from "./command.ts";
import type { MakeOptions } from "./make-options.ts";
import { moduleFolder, type ServerTool } from "./tools.ts";

/** The machine a tool is for. */
export interface Target {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
}

/** Builds a server with the Go at the path `go`. Go's own caches keep what an interrupted build has done. */
export function buildServer(tool: ServerTool, go: string, making: MakeOptions): Promise<CommandEnd> {
  const { folders, ...running } = making;
  const target = { platform: process.platform, arch: process.arch };
  return runCommand(go, goArguments(tool, join(folders.result, tool.name)), {
    ...running,
    folder: fileURLToPath(moduleFolder(tool)),
    environment: { ...goEnvironment(making.environment, target), GOTMPDIR: folders.temporary },
  });
}

/** The arguments of Go that build a server into the file `output`. */
export function goArguments(tool: ServerTool, output: string): string[] {
  const linking = tool.ldflags === undefined ? [] : ["-ldflags", tool.ldflags];
  return ["build", "-trimpath", "-mod=readonly", ...linking, "-o", output, tool.package];
}

/**
 * The environment of a build: the user's own, with its proxy and caches, less what would change the result. The machine
 * is named because a user's Go settings may name another one.
 */
export function goEnvironment(user: NodeJS.ProcessEnv, target: Target): NodeJS.ProcessEnv {
  const { GOROOT: _root, GOEXPERIMENT: _experiment, GO111MODULE: _mode, ...rest } = user;
  return { ...rest, ...buildSettings(target) };
}

/** Digests everything that decides what a build yields. */
export async function goBuildKey(tool: ServerTool, goVersion: string, target: Target): Promise<Digest> {
  const digestFile = async (name: string) => digestBytes(await readFile(new URL(name, moduleFolder(tool))));
  return digestOf({
    mod: await digestFile("go.mod"),
    sum: await digestFile("go.sum"),
    arguments: goArguments(tool, tool.name),
    settings: buildSettings(target),
    go: goVersion,
  });
}

function buildSettings(target: Target): Record<string, string> {
  return {
    CGO_ENABLED: "0",
    GOARCH: target.arch === "x64" ? "amd64" : target.arch,
    GOFLAGS: "-buildvcs=false",
    GOOS: target.platform,
    GOTOOLCHAIN: "local",
    GOWORK: "off",
  };
}
