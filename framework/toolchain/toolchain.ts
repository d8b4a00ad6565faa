/**
 * The servers of the local platform and what they are made with: found on PATH or in the user's cache, else built.
 * @module
 */
import { obtainTool } from "./obtain.ts";
import type { RejectedProgram } from "./path-finding.ts";
import { silentReporter, type ToolReporter } from "./progress.ts";
import { chooseTool, type ReadyTool, surveyTools, type ToolSurvey } from "./survey.ts";
import { type ToolCost, type ToolName, toolNames } from "./tools.ts";

export interface EnsureOptions {
  /** Hears what happens. @default it is silent */
  readonly reporter?: ToolReporter;
  /**
   * Ends the work: what runs is ended with all it started, and nothing half-done stays. A process that can be interrupted
   * passes the one of `watchInterruption`. @default nothing does
   */
  readonly signal?: AbortSignal;
  /** Where PATH, the cache's place and the settings of Go and pip come from. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Makes sure that tools are there, building or installing one after another what is on neither PATH nor in the cache.
 * Go is got by itself where something has to be built. Any number of processes may ask at once: each tool is made once.
 *
 * @throws StewardError when a tool cannot be got; the reason of `signal` when that is aborted.
 */
export async function ensureTools<N extends ToolName>(
  names: readonly N[],
  options: EnsureOptions = {},
): Promise<Record<N, ReadyTool>> {
  const { reporter = silentReporter, signal, environment = process.env } = options;
  const survey = await surveyTools(inOrder(names), environment);
  const ready = new Map<ToolName, ReadyTool>();
  const obtain = async (one: ToolSurvey): Promise<ReadyTool> => {
    const got =
      ready.get(one.tool.name) ??
      (await obtainTool(one, { environment, reporter, signal, go: () => obtain(survey.go) }));
    ready.set(one.tool.name, got);
    return got;
  };
  for (const one of survey.tools) await obtain(one);
  return Object.fromEntries(ready) as Record<N, ReadyTool>;
}

/** A tool as it was found, or what it costs to get it. */
export interface FoundTool {
  readonly name: ToolName;
  /** The version found, else the one that would be built or installed. */
  readonly version: string;
  readonly state: "path" | "cache" | "damaged" | "missing";
  /** Where it is. @default it is not there */
  readonly path?: string;
  /** What getting it costs; nothing when it is there. */
  readonly cost: ToolCost;
  /** What PATH has of that name that will not do. */
  readonly rejected: readonly RejectedProgram[];
}

/** Looks for tools and builds nothing. */
export async function findTools(
  names: readonly ToolName[] = toolNames,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<FoundTool[]> {
  const { tools } = await surveyTools(inOrder(names), environment);
  return tools.map(describeFinding);
}

const nothing: ToolCost = { seconds: 0, fetchMegabytes: 0, diskMegabytes: 0 };

/** What a survey says to somebody who only wants to know. */
function describeFinding(survey: ToolSurvey): FoundTool {
  const { tool, onPath, state } = survey;
  const choice = chooseTool(survey);
  const { name } = tool;
  if (choice.kind === "use") {
    const { origin, path, version } = choice.ready;
    return {
      name,
      version,
      state: origin === "path" ? "path" : "cache",
      path,
      cost: nothing,
      rejected: onPath.rejected,
    };
  }
  return {
    name,
    version: tool.version,
    state: state === "damaged" ? "damaged" : "missing",
    cost: tool.cost,
    rejected: onPath.rejected,
  };
}

/** The order in which tools are got: wheels first, each once. */
function inOrder(names: readonly ToolName[]): ToolName[] {
  return toolNames.filter((name) => names.includes(name));
}
