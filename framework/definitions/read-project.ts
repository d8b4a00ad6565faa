/**
 * What a project says itself: its name, its list, and its environments with what they change.
 * @module
 */
import { z } from "zod";
import { describeDefinition, isDefinition, isWhole, reportName } from "./check-definition.ts";
import type { Definition } from "./definition.ts";
import { definitionShapes, environmentShape } from "./definition-shape.ts";
import { patchable } from "./patch.ts";
import { copyPlain, isRecord } from "./plain.ts";
import { StewardError } from "./problem.ts";
import type { Environment, Project } from "./project.ts";
import type { Report } from "./report.ts";
import { formatPath, reportShape } from "./shape-problem.ts";
import { findNearest } from "./suggestion.ts";
import { reportTexts } from "./text-problem.ts";
import { describeValue, quote } from "./value-text.ts";

export interface ReadProject {
  /** The name, or `project` where it has none. */
  readonly name: string;
  /** Those listed that are definitions, as they were given. */
  readonly definitions: readonly Definition[];
  /** Those that have the shape of an environment, by name; nothing for those that have not. */
  readonly environments: ReadonlyMap<string, Environment | undefined>;
  /** How problems of the project itself are reported. */
  readonly report: Report;
}

const shape = z.strictObject({
  kind: z.literal("project"),
  name: z.string(),
  definitions: z.array(z.custom(isDefinition, "what dataset, features, trainingJob, model or endpoint gives")).min(1),
  environments: z.record(z.string(), z.unknown()),
});

/** Reads a project. Reports all of it that is no data and no definition. */
export function readProject(project: Project, report: Report): ReadProject {
  const plain = copyPlain(project, (value) => (isDefinition(value) ? value : undefined));
  if (!isRecord(plain) || plain["kind"] !== "project") {
    throw new StewardError({
      code: "project-file-invalid",
      at: "",
      what: "the default export of the project file is no project",
      got: plain === undefined ? "no default export" : describeValue(plain),
      fix: "write export default project(…)",
    });
  }
  const { definitions, environments } = plain;
  const name = typeof plain["name"] === "string" && plain["name"] !== "" ? formatPath(plain["name"], []) : "project";
  reportName(plain["name"], { subject: "project", at: name, report });
  reportShape(shape, plain, { subject: `project ${quote(name)}`, at: name, report });
  const read = Object.entries(isRecord(environments) ? environments : {}).map(([environment, settings]) => {
    const at = formatPath(`${name}.environments`, [environment]);
    reportTexts(settings, { at, report, skips: isWhole });
    reportName(environment, { subject: "environment", at, report });
    const isSound = reportShape(environmentShape, settings, {
      subject: `environment ${quote(environment)}`,
      at,
      report,
    });
    return [environment, isSound ? (settings as Environment) : undefined] as const;
  });
  const listed = Array.isArray(definitions) ? definitions.filter(isDefinition) : [];
  return { name, definitions: listed, environments: new Map(read), report };
}

/** What each environment changes of each definition is checked; what one environment changes is returned. */
export function readChanges(
  project: ReadProject,
  environment: string,
  report: Report,
): ReadonlyMap<Definition, Readonly<Record<string, unknown>>> {
  const { name, definitions, environments } = project;
  if (!environments.has(environment)) {
    report({
      code: "environment-unknown",
      at: `${name}.environments`,
      what: `the project declares no environment ${quote(environment)}`,
      expected: [...environments.keys()].join(", ") || "at least one",
      fix: `add it to "environments" of project("${name}", …)`,
    });
  }
  const changes = new Map<Definition, Readonly<Record<string, unknown>>>();
  for (const [each, { approval, override = [] } = {}] of environments) {
    if (each === environment && approval !== undefined) {
      for (const definition of definitions) if (definition.kind === "model") changes.set(definition, { approval });
    }
    for (const [i, { definition, changes: fields }] of override.entries()) {
      const at = formatPath(`${name}.environments`, [each, "override", i]);
      const isSound = checkPatch(definition, fields, { at, project });
      if (each === environment && isSound) changes.set(definition, { ...changes.get(definition), ...fields });
    }
  }
  return changes;
}

interface PatchScope {
  readonly at: string;
  readonly project: ReadProject;
}

/** Whether a patch is of what is listed, and of fields that may differ, with values that they may have. */
function checkPatch(
  definition: Definition,
  fields: Readonly<Record<string, unknown>>,
  { at, project: { name, definitions, report } }: PatchScope,
): boolean {
  const code = "patch-invalid";
  if (!isDefinition(definition)) {
    const got = describeValue(definition);
    report({ code, at, what: "the patch is of no definition", got, expected: "a definition of the project" });
    return false;
  }
  const subject = describeDefinition(definition);
  const isListed = definitions.includes(definition);
  if (!isListed)
    report({ code, at, what: `the patch is of ${subject}, which the project does not list`, fix: listIt(name) });
  const allowed: readonly string[] = patchable[definition.kind];
  const shapes: Readonly<Record<string, z.ZodType>> = definitionShapes[definition.kind].shape;
  const sound = Object.entries(fields).map(([field, value]) => {
    const place = formatPath(at, [field]);
    if (field === "source" && (isDerived(definition) || isDerived({ source: value }))) {
      const what = `environments may not differ in what ${subject} is derived from`;
      report({ code, at: place, what, fix: "patch the source of a dataset that is not derived" });
      return false;
    }
    if (allowed.includes(field)) {
      const form = z.strictObject({ [field]: shapes[field] ?? z.never() });
      return reportShape(form, { [field]: value }, { subject, at, report });
    }
    const expected = allowed.join(", ") || "nothing of this kind";
    const what = `environments may not differ in ${quote(field)} of ${subject}`;
    const nearest = findNearest(field, allowed);
    report({ code, at: place, what, expected, ...(nearest && { fix: `did you mean "${nearest}"?` }) });
    return false;
  });
  return isListed && sound.every(Boolean);
}

/** Whether a dataset, or what is to become of one, is made from other datasets. */
function isDerived(dataset: object): boolean {
  return "source" in dataset && isRecord(dataset.source) && dataset.source["kind"] === "derived";
}

/** The advice for what a project does not list. */
export function listIt(name: string): string {
  return `add it to "definitions" of project("${name}", …)`;
}
