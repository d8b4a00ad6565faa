/**
 * Which of the programs found on PATH may stand in for a pinned tool.
 * @module
 */
import { dirname, join } from "node:path";
import { askProgram, isExecutable, listOnPath } from "./on-path.ts";
import { type PathRule, pinnedTools, type Tool } from "./tools.ts";
import { describeRule, fitsRule, readVersion } from "./version.ts";

/** A program found on PATH that will do. */
export interface PathProgram {
  readonly path: string;
  readonly version: string;
}

/** A program found on PATH that will not do. */
export interface RejectedProgram {
  readonly path: string;
  /** Its version. @default it is a pre-release or development build, or printed none */
  readonly version?: string;
  /** The range it would have to be in. */
  readonly expected: string;
}

export interface PathFinding {
  /** The first that will do. @default none on PATH will */
  readonly accepted?: PathProgram;
  /** Those before it that will not, in PATH's order. */
  readonly rejected: readonly RejectedProgram[];
}

/** Looks for a tool on PATH, asking each candidate for its version until one will do. */
export async function lookOnPath(tool: Tool, environment: NodeJS.ProcessEnv): Promise<PathFinding> {
  if ("beside" in tool.onPath) return lookBeside(tool, pinnedTools[tool.onPath.beside], environment);
  const rule = tool.onPath;
  const rejected: RejectedProgram[] = [];
  for (const path of await listOnPath(tool.name, environment)) {
    const printed = await askProgram(path, rule.ask, quietEnvironment(environment));
    const judged = judgeProgram(rule, path, printed);
    if (!("expected" in judged)) return { accepted: judged, rejected };
    rejected.push(judged);
  }
  return { rejected };
}

/** Judges a program by what it printed when asked for its version. */
export function judgeProgram(rule: PathRule, path: string, printed: string): PathProgram | RejectedProgram {
  const version = readVersion(rule, printed);
  if (version === undefined) return { path, expected: describeRule(rule) };
  return fitsRule(rule, version) ? { path, version } : { path, version, expected: describeRule(rule) };
}

async function lookBeside(tool: Tool, companion: Tool, environment: NodeJS.ProcessEnv): Promise<PathFinding> {
  const { accepted } = await lookOnPath(companion, environment);
  if (!accepted) return { rejected: [] };
  const path = join(dirname(accepted.path), tool.name);
  return (await isExecutable(path))
    ? { accepted: { path, version: accepted.version }, rejected: [] }
    : { rejected: [] };
}

/** Go must not fetch another Go, nor Pulumi look for a newer Pulumi, only because we ask who they are. */
function quietEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, GOTOOLCHAIN: "local", PULUMI_SKIP_UPDATE_CHECK: "true" };
}
