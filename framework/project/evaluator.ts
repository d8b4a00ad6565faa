/**
 * The program of the child that evaluates a project: it imports the project file twice, under different clocks, and answers with
 * the spec if both agree, or with everything that is wrong.
 * @module
 */
import "./guard.ts";
import { flushCompileCache, registerHooks } from "node:module";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isOwnFile, type Place, readPlace } from "../definitions/place.ts";
import { StewardError } from "../definitions/problem.ts";
import type { Project } from "../definitions/project.ts";
import { resolveProject } from "../definitions/resolve-project.ts";
import type { ProjectSpec } from "../definitions/spec.ts";
import { describeValue } from "../definitions/value-text.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import { hasProblems, type Question, report, send } from "./channel.ts";
import { describeDifference } from "./difference.ts";
import { describeFailure, findOnlyLine } from "./failure.ts";
import { exit } from "./guard.ts";
import { beginSecondEvaluation, listVaryingCalls } from "./variation.ts";

const again = "evaluated-again";

async function evaluateTwice(question: Question): Promise<void> {
  const { href } = pathToFileURL(question.file);
  const first = await evaluate(href, question);
  if (first === undefined || hasProblems()) return;
  beginSecondEvaluation();
  loadOwnFilesAnew();
  const second = await evaluate(`${href}?${again}`, question);
  if (second === undefined || hasProblems()) return;
  if (toCanonicalJson(first) === toCanonicalJson(second)) send({ spec: first });
  else report(describeDifference(first, second, listVaryingCalls()));
}

/** Imports the project file, and resolves what it exports; nothing when that failed. */
async function evaluate(url: string, { file, environment }: Question): Promise<ProjectSpec | undefined> {
  try {
    const module: { readonly default?: unknown } = await import(url);
    // What was begun and not waited for shows its failure in a turn of the loop.
    await turn();
    if (hasProblems()) return undefined;
    if (isProject(module.default)) return resolveProject(module.default, environment);
    report({
      code: "project-file-invalid",
      at: "",
      what: "the default export of the project file is no project",
      got: "default" in module ? describeExport(module.default) : "no default export",
      ...findExport(file),
      fix: describeCure(module.default),
    });
  } catch (error) {
    fail(error, file);
  }
  return undefined;
}

function fail(error: unknown, file: string): void {
  // What follows from a refusal is told by the refusal.
  if (hasProblems()) return;
  const problems =
    error instanceof StewardError
      ? error.problems.map((problem) => ({ ...(readPlace(error.stack) ?? findExport(file)), ...problem }))
      : [describeFailure(error, file)];
  for (const problem of problems) report(problem);
}

function isProject(value: unknown): value is Project {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "project";
}

/** Where the default export is written. */
function findExport(file: string): Place | undefined {
  return findOnlyLine(file, (line) => /^\s*export\s+default\b/.test(line));
}

function describeExport(value: unknown): string {
  return value instanceof Promise ? "a promise" : describeValue(value);
}

function describeCure(value: unknown): string {
  if (value instanceof Promise) return "write export default await …, or better nothing that takes time";
  if (typeof value === "function") return "export what the function returns: export default project(…)";
  return "write export default project(…)";
}

/** Makes Node load a team's files once more, and neither packages nor this framework. */
function loadOwnFilesAnew(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const isOwn = resolved.url.startsWith("file:") && isOwnFile(fileURLToPath(resolved.url));
      if (!isOwn || context.conditions.includes("require")) return resolved;
      const url = new URL(resolved.url);
      url.searchParams.set(again, "");
      return { ...resolved, url: url.href };
    },
  });
}

const question: Question = JSON.parse(process.argv[2] ?? "");

process.on("uncaughtException", (error) => {
  fail(error, question.file);
  exit(0);
});
/** Longer than anybody waits: then whoever asked is gone. */
setTimeout(() => exit(1), 60_000).unref();
// The evaluator ends the process itself. Node comes to its end only when there is nothing left to wait for.
process.on("exit", () => {
  if (hasProblems()) return;
  report({
    code: "project-evaluation-failed",
    at: "",
    what: "the project file waits for something that never comes",
    ...findOnlyLine(question.file, (line) => /^[^/]*\bawait\b/.test(line)),
    fix: "take the await out: a project file only describes",
  });
});

void evaluateTwice(question).then(() => {
  flushCompileCache();
  exit(0);
});
