/**
 * What is told about a tool on its way, in words.
 * @module
 */
import { pinnedTools, type ToolName } from "./tools.ts";

export type ToolOrigin = "path" | "cache" | "built";

/** A tool as progress names it: the version is the pinned one until another one was found. */
export interface NamedTool {
  readonly name: ToolName;
  readonly version: string;
}

/** A step of a tool; `ready`, `failed` and `interrupted` are the last ones. */
export type ToolStep =
  | {
      readonly kind: "working";
      readonly doing: "building" | "installing";
      /** How long it usually takes, in seconds. */
      readonly usualSeconds: number;
      /** Whether what the cache held was damaged. */
      readonly damaged: boolean;
    }
  | { readonly kind: "waiting" /** The process that has the tool in hand. */; readonly pid: number }
  | { readonly kind: "ready"; readonly origin: "path" | "cache" }
  | {
      readonly kind: "ready";
      readonly origin: "built";
      readonly doing: "building" | "installing";
      readonly damaged: boolean;
    }
  | { readonly kind: "failed" | "interrupted" };

export type GoingStep = Extract<ToolStep, { kind: "working" | "waiting" }>;
export type LastStep = Exclude<ToolStep, GoingStep>;

/** Hears of every step of every tool, one tool after another. */
export type ToolReporter = (tool: NamedTool, step: ToolStep) => void;

/** Says nothing. */
export const silentReporter: ToolReporter = () => {};

const past = { building: "built", installing: "installed" } as const;
const labelWidth = Math.max(...Object.values(pinnedTools).map(({ name, version }) => `${name} ${version}`.length));

/** The name of a tool with its version, padded so that what follows stands in one column. */
export function labelTool(tool: NamedTool): string {
  return `${tool.name} ${tool.version}`.padEnd(labelWidth);
}

/** Says a step that goes on, or is beginning when `seconds` is left out. */
export function describeStep(step: GoingStep, seconds?: number): string {
  const elapsed = seconds === undefined ? "" : `  ${formatSeconds(seconds)}`;
  if (step.kind === "waiting") return `waiting for process ${step.pid}, which is getting it${elapsed}`;
  const again = step.damaged ? " again" : "";
  return `${step.doing}${again}${elapsed} (about ${formatSeconds(step.usualSeconds)} on two cores)`;
}

/** Says how a tool ended, after so many seconds. */
export function describeEnd(step: LastStep, seconds: number): string {
  if (step.kind !== "ready") return `${step.kind} after ${formatSeconds(seconds)}`;
  if (step.origin !== "built") return step.origin === "path" ? "on PATH" : "cached";
  const why = step.damaged ? ", because the cached one was damaged" : "";
  return `${past[step.doing]} in ${formatSeconds(seconds)}${why}`;
}

/** Whole seconds, for people: `9s`, `2m09s`, `1h02m`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3_600)}h${two(Math.floor(whole / 60) % 60)}m`;
}
