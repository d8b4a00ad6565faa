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
 * order of kind, then of how far they are derived from others, then name, whatever the order in which they are listed.
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
  const replaced: Replaced = new Map();
  const changes = readChanges(read, environment, reportOf(project));
  const definitions = read.definitions
    .flatMap((definition) => {
      const sound = replaceAll(definition, checked, replaced);
      return sound ? [{ definition, sound: { ...sound, ...changes.get(definition) } }] : [];
    })
    .sort((a, b) => inOrder(a.sound, b.sound))
    .flatMap(({ definition, sound }) => trySpecify(sound, reportOf(definition)) ?? []);

  const { code, log } = read.environments.get(environment) ?? {};
  if (log === "durable") reportLogs(definitions, environment, reportOf(project));
  if (problems.length > 0) throw new StewardError(problems);
  return { name: read.name, environment, ...(code === "committed" && { code }), definitions };
}

/** How problems of a definition, or of the project itself, are reported. */
type ReportOf = (definition: Definition | Project) => Report;
type Checked = ReadonlyMap<Definition, CheckedDefinition>;

/** Checks what is listed, and what that refers to, each once. */
function checkDefinitions({ name, definitions }: ReadProject, reportOf: ReportOf): Checked {
  const checked = new Map<Definition, CheckedDefinition>();
  // Those that refer to what is being checked, the first one first.
  const above: Definition[] = [];
  const check = (definition: Definition, fallback: string): void => {
    if (above.includes(definition)) reportCycle(above.slice(above.indexOf(definition)), reportOf);
    if (checked.has(definition)) return;
    const { name: own } = definition;
    const at = typeof own === "string" && own !== "" ? escapeHidden(own.slice(0, 80)) : fallback;
    const result = checkDefinition(definition, { at, report: reportOf(definition) });
    checked.set(definition, result);
    if (!result.isSound) return;
    above.push(definition);
    for (const reference of listReferences(result.copy)) check(reference.to, `${at}.${reference.at}`);
    above.pop();
  };
  for (const [i, definition] of definitions.entries()) check(definition, `${name}.definitions[${i}]`);
  return checked;
}

/** Reports definitions each of which refers to the next, and the last to the first. */
function reportCycle(cycle: readonly Definition[], reportOf: ReportOf): void {
  const [first] = cycle;
  if (!first) return;
  const got = [...cycle, first].map(({ name }) => name).join(" ← ");
  const what = `${describeDefinition(first)} is derived from itself`;
  reportOf(first)({ code: "definition-cycle", at: `${first.name}.source`, what, got });
}

/** What stands for definitions that have been looked at; undefined of one that is not sound, or not looked at to its end. */
type Replaced = Map<Definition, Definition | undefined>;

/**
 * The copy of a definition, referring to copies; nothing when it or one that it refers to is not sound, which one that
 * refers to itself in the end never is.
 */
function replaceAll(definition: Definition, checked: Checked, replaced: Replaced): Definition | undefined {
  if (replaced.has(definition)) return replaced.get(definition);
  replaced.set(definition, undefined);
  const { copy, isSound = false } = checked.get(definition) ?? {};
  if (!copy || !isSound) return undefined;
  const references = listReferences(copy).map(({ to }) => [to, replaceAll(to, checked, replaced)] as const);
  if (references.some(([, found]) => found === undefined)) return undefined;
  const found = new Map(references);
  // A copy has the kind of what it is a copy of.
  const whole = replaceReferences(copy, <D extends Definition>(to: D) => (found.get(to) ?? to) as D);
  replaced.set(definition, whole);
  return whole;
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

/** Reports endpoints whose logs lose what was acknowledged. */
function reportLogs(specs: readonly DefinitionSpec[], environment: string, report: Report): void {
  for (const spec of specs) {
    if (spec.kind !== "endpoint") continue;
    const { requests, durability } = spec.log;
    if (requests === "all" && durability !== "memory") continue;
    const what = `environment "${environment}" takes durable logs alone, and endpoint "${spec.name}" has none`;
    const got = requests === "none" ? 'requests: "none"' : 'durability: "memory"';
    report({ code: "log-not-durable", at: `${spec.name}.log`, what, got, expected: 'durability "disk" or "store"' });
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

function inOrder(a: Definition, b: Definition): number {
  const kinds = definitionKinds.indexOf(a.kind) - definitionKinds.indexOf(b.kind);
  return kinds || findDepth(a) - findDepth(b) || (a.name < b.name ? -1 : 1);
}

const depths = new WeakMap<Definition, number>();

/** How many datasets stand one after the other that a dataset is derived from. */
function findDepth(definition: Definition): number {
  if (definition.kind !== "dataset") return 0;
  const known = depths.get(definition);
  if (known !== undefined) return known;
  const depth = Math.max(0, ...listReferences(definition).map(({ to }) => 1 + findDepth(to)));
  depths.set(definition, depth);
  return depth;
}
