/**
 * Getting one tool: from where it is, or by building or installing it into the cache, once however many ask for it.
 * @module
 */
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { adviseOn } from "./advice.ts";
import { type CacheEntry, checkEntry, fillEntry } from "./cache.ts";
import type { CommandEnd } from "./command.ts";
import { buildServer } from "./go-build.ts";
import { withLock } from "./lock.ts";
import type { MakeOptions } from "./make-options.ts";
import type { ToolReporter } from "./progress.ts";
import { chooseTool, type ReadyTool, type ToolSurvey } from "./survey.ts";
import { formatBytes, measureFree, sayRefusal, saysFull, toReadable } from "./system-failure.ts";
import type { Tool } from "./tools.ts";
import { describeUnreachable, findUnreachable } from "./unreachable.ts";
import { findPipIndex, installWheel } from "./wheel-install.ts";

export interface ObtainOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly reporter: ToolReporter;
  /** Gets the Go that builds servers; called only when one has to be built. */
  readonly go: () => Promise<ReadyTool>;
  /** Ends the work; nothing half-done stays. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets a tool.
 *
 * @throws StewardError when it cannot be got; the reason of `signal` when that is aborted.
 */
export async function obtainTool(survey: ToolSurvey, options: ObtainOptions): Promise<ReadyTool> {
  const { tool, entry } = survey;
  const choice = chooseTool(survey);
  if (choice.kind === "use") {
    options.reporter(
      { name: tool.name, version: choice.ready.version },
      { kind: "ready", origin: choice.ready.origin },
    );
    return choice.ready;
  }
  const make = await chooseMaker(tool, options);
  try {
    await mkdir(dirname(entry.folder), { recursive: true });
    const onWait = ({ pid }: { pid: number }) => options.reporter(tool, { kind: "waiting", pid });
    return await withLock(`${entry.folder}.lock`, { onWait, signal: options.signal }, () =>
      getOnce(survey, make, options),
    );
  } catch (error) {
    options.reporter(tool, { kind: options.signal?.aborted ? "interrupted" : "failed" });
    throw isSystemError(error) ? cacheUnusable(entry, error) : error;
  }
}

type Maker = (options: MakeOptions) => Promise<CommandEnd>;

async function chooseMaker(tool: Tool, options: ObtainOptions): Promise<Maker> {
  if (tool.kind === "wheel") return (making) => installWheel(tool, making);
  const { path } = await options.go();
  return (making) => buildServer(tool, path, making);
}

/** Looks again, now that nobody else can be at it, and makes what is still missing. */
async function getOnce({ tool, entry }: ToolSurvey, make: Maker, options: ObtainOptions): Promise<ReadyTool> {
  const { environment, reporter, signal } = options;
  const choice = chooseTool({ tool, entry, onPath: { rejected: [] }, state: await checkEntry(entry) });
  if (choice.kind === "use") {
    reporter(tool, { kind: "ready", origin: choice.ready.origin });
    return choice.ready;
  }
  const doing = tool.kind === "server" ? "building" : "installing";
  const { damaged } = choice;
  reporter(tool, { kind: "working", doing, usualSeconds: tool.cost.seconds, damaged });
  const log = `${entry.folder}.log`;
  await fillEntry(entry, async (folders) => {
    const end = await make({ folders, environment, log, signal });
    if (!end.ok)
      throw new StewardError(
        (await findRegistryFailure(tool, end, { log, environment })) ?? makingFailed(tool, end, log),
      );
  });
  await rm(log, { force: true });
  reporter(tool, { kind: "ready", origin: "built", doing, damaged });
  return { path: entry.program, version: tool.version, origin: "built" };
}

async function findRegistryFailure(
  tool: Tool,
  { lastLines }: CommandEnd,
  making: { readonly log: string; readonly environment: NodeJS.ProcessEnv },
): Promise<Problem | undefined> {
  const fetcher = tool.kind === "server" ? "go" : "pip";
  const unreachable = findUnreachable(fetcher, lastLines);
  if (!unreachable) return undefined;
  const index = fetcher === "pip" ? await findPipIndex(making.environment) : undefined;
  const failed = { what: sayFailed(tool), file: making.log };
  return describeUnreachable(fetcher, { ...(index === undefined ? {} : { where: index }), ...unreachable }, failed);
}

function makingFailed(tool: Tool, end: CommandEnd, log: string): Problem {
  const lines = end.lastLines.map((line) => `\n    ${line}`).join("");
  return {
    code: "tool-not-made",
    at: "",
    what: sayFailed(tool),
    got: `${end.how}${lines && `, after:${lines}\n `}`,
    fix: `${adviseOn([end.how, ...end.lastLines].join("\n"))}${saysFull(end.lastLines) ? sayFree(log) : ""}`,
    file: log,
  };
}

function sayFree(path: string): string {
  const free = measureFree(path);
  return free === undefined ? "" : `; ${formatBytes(free)} are free in ${dirname(path)}`;
}

function sayFailed({ name, version, kind }: Tool): string {
  return `"${name}" ${version} could not be ${kind === "server" ? "built" : "installed"}`;
}

function cacheUnusable(entry: CacheEntry, error: NodeJS.ErrnoException): unknown {
  const readable = toReadable(error, dirname(entry.folder));
  const refused = readable instanceof StewardError ? readable.problems[0] : undefined;
  if (refused?.code === "disk-full") return readable;
  return new StewardError(
    {
      code: "cache-unusable",
      at: "",
      what: "The cache of tools cannot be written",
      got: refused?.got ?? sayRefusal(error),
      fix: "mend that, or set STEWARD_CACHE to another folder",
      file: dirname(entry.folder),
    },
    { cause: error },
  );
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
