/**
 * Resolution: a project in one environment, as specs; or everything that is wrong with it.
 * @module
 */
import { type CheckedDefinition, checkDefinition, describeDefinition } from "./check-definition.ts";
import { type Definition, definitionKinds, listReferences, replaceReferences, specify } from "./definition.ts";
import { escapeHidden } from "./hidden-text.ts";
import { maskProblem } from "./inlined-secret.ts";
import { findPlace } from "./place.ts";
import { sayThrown } from "./plain.ts";
import { type Problem, StewardError } from "./problem.ts";
import type { Project } from "./project.ts";
import { requireOriginals } from "./prototype.ts";
import { listIt, type ReadProject, readChanges, readProject } from "./read-project.ts";
import type { Report } from "./report.ts";
import { formatPath, reportShape } from "./shape-problem.ts";
import { type DefinitionSpec, definitionSpec, type ProjectSpec } from "./spec.ts";
import { reportParams, reportTexts } from "./text-problem.ts";

/**
 * Turns a project into its spec for an environment. It is pure: the same project gives the same spec, its definitions in
 * order of kind, then name, whatever the order in which they are listed.
 *
 * @throws StewardError with all problems at once, each at the line that declares its definition, or else the project
 */
export function resolveProject(project: Project, environment: string): ProjectSpec {
  requireOriginals();
  const problems: Problem[] = [];
  const reportOf: ReportOf = (definition) => (problem) =>
    problems.push({ ...(findPlace(definition) ?? findPlace(project)), ...maskProblem(problem) });

  const read = readProject(project, reportOf(project));
  const checked = checkDefinitions(read, reportOf);
  reportListing(read, checked, reportOf);
  const changes = readChanges(read, environment, reportOf(project));
  const definitions = read.definitions
    .flatMap((definition) => {
      const sound = replaceAll(definition, checked);
      return sound ? [{ definition, sound: { ...sound, ...changes.get(definition) } }] : [];
    })
    .sort((a, b) => byKindThenName(a.sound, b.sound))
    .flatMap(({ definition, sound }) => trySpecify(sound, reportOf(definition)) ?? []);

  if (problems.length > 0) throw new StewardError(problems);
  return { name: read.name, environment, definitions };
}

/** How problems of a definition, or of the project itself, are reported. */
type ReportOf = (definition: Definition | Project) => Report;
type Checked = ReadonlyMap<Definition, CheckedDefinition>;

/** Checks what is listed, and what that refers to, each once. */
function checkDefinitions({ name, definitions }: ReadProject, reportOf: ReportOf): Checked {
  const checked = new Map<Definition, CheckedDefinition>();
  const check = (definition: Definition, fallback: string): void => {
    if (checked.has(definition)) return;
    const { name: own } = definition;
    const at = typeof own === "string" && own !== "" ? escapeHidden(own.slice(0, 80)) : fallback;
    const result = checkDefinition(definition, { at, report: reportOf(definition) });
    checked.set(definition, result);
    if (!result.isSound) return;
    for (const reference of listReferences(result.copy)) check(reference.to, `${at}.${reference.at}`);
  };
  for (const [i, definition] of definitions.entries()) check(definition, `${name}.definitions[${i}]`);
  return checked;
}

/** The copy of a definition, referring to copies; nothing when it or one that it refers to is not sound. */
function replaceAll(definition: Definition, checked: Checked): Definition | undefined {
  const { copy, isSound = false } = checked.get(definition) ?? {};
  if (!copy || !isSound) return undefined;
  const references = listReferences(copy).map(({ to }) => [to, replaceAll(to, checked)] as const);
  if (references.some(([, replaced]) => replaced === undefined)) return undefined;
  const found = new Map(references);
  // A copy has the kind of what it is a copy of.
  return replaceReferences(copy, <D extends Definition>(to: D) => (found.get(to) ?? to) as D);
}

/** Reports definitions of one kind and name, and references to what is not listed. */
function reportListing({ name, definitions, report }: ReadProject, checked: Checked, reportOf: ReportOf): void {
  const listed = new Set(definitions);
  const firsts = new Map<string, number>();
  for (const [i, definition] of definitions.entries()) {
    const { copy, isSound = false } = checked.get(definition) ?? {};
    if (!copy) continue;
    const words = describeDefinition(copy);
    const first = firsts.get(words) ?? i;
    firsts.set(words, first);
    if (first < i && typeof copy.name === "string") {
      const what = `${words} is already definitions[${first}]`;
      const fix = "rename one, or list it once";
      report({ code: "definition-duplicate", at: `${name}.definitions[${i}]`, what, fix });
    }
    for (const { at, to } of isSound ? listReferences(copy) : []) {
      if (listed.has(to)) continue;
      const what = `"${at.replace(/\[.*/, "")}" refers to ${describeDefinition(to)}, which the project does not list`;
      reportOf(definition)({ code: "definition-unlisted", at: `${copy.name}.${at}`, what, fix: listIt(name) });
    }
  }
}

/** The spec of a definition; nothing when making it fails on what no check foresaw. */
function trySpecify(definition: Definition, report: Report): DefinitionSpec | undefined {
  const { name } = definition;
  let hasProblems = false;
  const noting: Report = (problem) => {
    hasProblems = true;
    report(problem);
  };
  try {
    const spec = specify(definition, noting);
    if (!hasProblems) reportShape(definitionSpec, spec, { subject: describeDefinition(definition), at: name, report });
    reportEvaluated(spec, report);
    return spec;
  } catch (error) {
    const what = `${describeDefinition(definition)} cannot be read`;
    report({ code: "definition-invalid", at: name, what, got: sayThrown(error), expected: "plain data" });
    return undefined;
  }
}

/** Reports texts that only the evaluation of a schema brings to light: what columns say of themselves, and parameters. */
function reportEvaluated(spec: DefinitionSpec, report: Report): void {
  const { name } = spec;
  if (spec.kind === "dataset")
    for (const column of spec.columns) reportTexts(column, { at: formatPath(name, ["schema", column.name]), report });
  if (spec.kind === "training-job") reportParams(spec.params, { at: `${name}.params`, report });
}

function byKindThenName(a: Definition, b: Definition): number {
  const kinds = definitionKinds.indexOf(a.kind) - definitionKinds.indexOf(b.kind);
  return kinds !== 0 ? kinds : a.name < b.name ? -1 : 1;
}
