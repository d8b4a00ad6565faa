/**
 * Resolution: a project in one environment, as specs; or everything that is wrong with it.
 * @module
 */
import type { z } from "zod";
import { type Definition, definitionKinds, listReferences, specify } from "./definition.ts";
import { patchable } from "./patch.ts";
import { type Problem, StewardError } from "./problem.ts";
import type { Environment, Project } from "./project.ts";
import type { Report } from "./report.ts";
import { definitionSpec, type ProjectSpec, projectSpec } from "./spec.ts";

/**
 * Turns a project into its spec for an environment. It is pure: the same project gives the same spec, its definitions in
 * order of kind, then name, whatever the order in which they are listed.
 *
 * @param file the project file, for the places of problems; relative to the working directory
 * @throws StewardError with all problems at once
 */
export function resolveProject(project: Project, environment: string, file?: string): ProjectSpec {
  const problems: Problem[] = [];
  const report: Report = (problem) => problems.push(file === undefined ? problem : { ...problem, file });

  const settings = findEnvironment(project, environment, report);
  const changes = collectChanges(project, { name: environment, ...settings }, report);
  reportListing(project, report);
  const definitions = [...project.definitions]
    .sort(byKindThenName)
    .map((definition) => specify(Object.assign({}, definition, changes.get(definition)), report));
  for (const definition of definitions) reportShape(definitionSpec, definition, { name: definition.name, report });
  reportShape(projectSpec.shape.name, project.name, { name: project.name, report });
  for (const name of Object.keys(project.environments)) {
    reportShape(projectSpec.shape.environment, name, { name: `${project.name}.environments.${name}`, report });
  }

  if (problems.length > 0) throw new StewardError(problems);
  return { name: project.name, environment, definitions };
}

function findEnvironment({ name, environments }: Project, environment: string, report: Report): Environment {
  const settings = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (settings) return settings;
  report({
    code: "environment-unknown",
    at: `${name}.environments`,
    what: `the project declares no environment "${environment}"`,
    expected: Object.keys(environments).join(", "),
    fix: `add it to "environments" of project("${name}", …)`,
  });
  return {};
}

/** What the environment changes of each definition. */
function collectChanges(
  project: Project,
  { name: environment, approval, override = [] }: Environment & { readonly name: string },
  report: Report,
) {
  const changes = new Map<Definition, Record<string, unknown>>();
  for (const definition of project.definitions) {
    if (definition.kind === "model" && approval !== undefined) changes.set(definition, { approval });
  }
  for (const [i, { definition, changes: fields }] of override.entries()) {
    const at = `${project.name}.environments.${environment}.override[${i}]`;
    if (!project.definitions.includes(definition)) {
      report({
        code: "patch-invalid",
        at,
        what: `the patch is of ${nameOf(definition)}, which the project does not list`,
        fix: listIt(project),
      });
    }
    const allowed: readonly string[] = patchable[definition.kind];
    for (const field of Object.keys(fields).filter((one) => !allowed.includes(one))) {
      const expected = allowed.join(", ") || "nothing of this kind";
      report({
        code: "patch-invalid",
        at: `${at}.${field}`,
        what: `environments may not differ in "${field}" of ${nameOf(definition)}`,
        expected,
      });
    }
    changes.set(definition, { ...changes.get(definition), ...fields });
  }
  return changes;
}

/** Reports an empty list, definitions of one kind and name, and references to what is not listed. */
function reportListing(project: Project, report: Report): void {
  const { name, definitions } = project;
  if (definitions.length === 0)
    report({ code: "definition-invalid", at: `${name}.definitions`, what: '"definitions" is empty' });
  const listed = new Set(definitions);
  const firsts = new Map<string, number>();
  for (const [i, definition] of definitions.entries()) {
    const first = firsts.get(nameOf(definition)) ?? i;
    firsts.set(nameOf(definition), first);
    if (first < i) {
      const at = `${name}.definitions[${i}]`;
      report({
        code: "definition-duplicate",
        at,
        what: `${nameOf(definition)} is already definitions[${first}]`,
        fix: "rename one, or list it once",
      });
    }
    for (const { at, to } of listReferences(definition)) {
      if (listed.has(to)) continue;
      const what = `"${at.replace(/\[.*/, "")}" refers to ${nameOf(to)}, which the project does not list`;
      report({ code: "definition-unlisted", at: `${definition.name}.${at}`, what, fix: listIt(project) });
    }
  }
}

interface Named {
  readonly name: string;
  readonly report: Report;
}

/** Reports where a spec has not the shape that plans, resources and workflows rely on. */
function reportShape(shape: z.ZodType, spec: unknown, { name, report }: Named): void {
  for (const { path, message, input } of shape.safeParse(spec, { reportInput: true }).error?.issues ?? []) {
    const at = path.reduce<string>(
      (place, key) => place + (typeof key === "number" ? `[${key}]` : `.${String(key)}`),
      name,
    );
    report({
      code: "definition-invalid",
      at,
      what: `"${String(path.at(-1) ?? name)}": ${message}`,
      got: JSON.stringify(input) ?? "nothing",
    });
  }
}

function byKindThenName(a: Definition, b: Definition): number {
  const kinds = definitionKinds.indexOf(a.kind) - definitionKinds.indexOf(b.kind);
  return kinds !== 0 ? kinds : a.name < b.name ? -1 : 1;
}

function nameOf({ kind, name }: Definition): string {
  return `${kind} "${name}"`;
}

function listIt({ name }: Project): string {
  return `add it to "definitions" of project("${name}", …)`;
}
