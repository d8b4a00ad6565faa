/**
 * What there is of the tools, on PATH and in the cache, before anything is built.
 * @module
 */
import { homedir } from "node:os";
import { StewardError } from "../definitions/problem.ts";
import { type CacheEntry, cacheRoot, checkEntry, type EntryState, placeEntry } from "./cache.ts";
import { goBuildKey, type Target } from "./go-build.ts";
import { lookOnPath, type PathFinding } from "./path-finding.ts";
import type { ToolOrigin } from "./progress.ts";
import { pinnedTools, type Tool, type ToolName } from "./tools.ts";
import { readLockEntry, wheelKey } from "./wheel-install.ts";

/** One tool, and what there is of it. */
export interface ToolSurvey {
  readonly tool: Tool;
  readonly onPath: PathFinding;
  /** Its place in the cache. */
  readonly entry: CacheEntry;
  readonly state: EntryState;
}

/** A tool that is ready for use. */
export interface ReadyTool {
  /** The absolute path of the program. */
  readonly path: string;
  readonly version: string;
  /** `built` means that it was built or installed just now. */
  readonly origin: ToolOrigin;
}

/** What follows from a survey: the tool is there, or has to be got. */
export type ToolChoice =
  | { readonly kind: "use"; readonly ready: ReadyTool & { readonly origin: "path" | "cache" } }
  /** `damaged` says that the cache holds one that is not what was put there. */
  | { readonly kind: "get"; readonly damaged: boolean };

/** PATH comes before the cache: who installs a tool means it to be used. */
export function chooseTool({ tool, onPath, entry, state }: ToolSurvey): ToolChoice {
  if (onPath.accepted) return { kind: "use", ready: { ...onPath.accepted, origin: "path" } };
  if (state === "sound") {
    return { kind: "use", ready: { path: entry.program, version: tool.version, origin: "cache" } };
  }
  return { kind: "get", damaged: state === "damaged" };
}

/** Looks at all of the tools at once, and at the Go that would build them. */
export async function surveyTools(
  names: readonly ToolName[],
  environment: NodeJS.ProcessEnv,
): Promise<{ go: ToolSurvey; tools: ToolSurvey[] }> {
  const target = requireTarget(process.platform, process.arch);
  const root = cacheRoot(environment, target.platform, homedir());
  const survey = async (tool: Tool, goVersion: string): Promise<ToolSurvey> => {
    const key =
      tool.kind === "server"
        ? goBuildKey(tool, goVersion, target)
        : readLockEntry(tool).then((e) => wheelKey(e, target));
    const entry = placeEntry(root, { name: tool.name, key: await key, program: programOf(tool) });
    const [onPath, state] = await Promise.all([lookOnPath(tool, environment), checkEntry(entry)]);
    return { tool, onPath, entry, state };
  };
  const go = await survey(pinnedTools.go, "");
  const goVersion = go.onPath.accepted?.version ?? go.tool.version;
  const rest = names.map((name) => (name === "go" ? go : survey(pinnedTools[name], goVersion)));
  return { go, tools: await Promise.all(rest) };
}

/** The machines for which every tool can be built. */
export function requireTarget(platform: NodeJS.Platform, arch: NodeJS.Architecture): Target {
  if (["linux", "darwin"].includes(platform) && ["x64", "arm64"].includes(arch)) return { platform, arch };
  throw new StewardError({
    code: "platform-unsupported",
    at: "",
    what: "The servers of the local platform cannot be built for this machine",
    got: `${platform} on ${arch}`,
    expected: "linux or darwin on x64 or arm64",
    fix: platform === "win32" ? "use the Windows Subsystem for Linux" : "use another machine",
  });
}

function programOf(tool: Tool): string {
  return tool.kind === "server" ? tool.name : tool.program;
}
