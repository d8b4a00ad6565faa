/**
 * Projects: definitions, and the environments they are deployed to.
 * @module
 */
import type { Definition } from "./definition.ts";
import type { Approval } from "./model.ts";
import { readOptions } from "./options.ts";
import type { Patch } from "./patch.ts";
import { notePlace } from "./place.ts";

/** One place a project is deployed to. */
export interface Environment {
  /**
   * Who must agree before a release, for every model. A patch of a model goes before it.
   * @default as each model says
   * @example "waived"
   */
  readonly approval?: Approval | "waived";
  /**
   * Which code may be deployed: `"committed"` refuses a checkout with files that are in no commit, and names them. Either way the
   * commit is recorded with each run and release, and under `"any"` what differs from it, as a patch.
   * @default "any"
   * @example "committed"
   */
  readonly code?: "committed" | "any";
  /**
   * Which logs endpoints may have: `"durable"` refuses one that records nothing, or in `memory`, where a crash loses what was
   * acknowledged.
   * @default "any"
   * @example "durable"
   */
  readonly log?: "durable" | "any";
  /**
   * What this environment changes. Of two patches of one field the later counts.
   * @default []
   * @example [patch(flights, { source: parquet("sample.parquet") })]
   */
  readonly override?: readonly Patch[];
}

/** What a project is made of. */
export interface ProjectOptions {
  /**
   * All definitions, in any order, at least one. A definition that another refers to is among them, and no two of a kind
   * have one name.
   * @example [flights, routes, lateTraining, late, lateArrival]
   */
  readonly definitions: readonly Definition[];
  /**
   * The environments by name, which is lower-case letters, digits and hyphens; each is one stack.
   * @default { local: {} }
   * @example { local: { approval: "waived" }, production: {} }
   */
  readonly environments?: Readonly<Record<string, Environment>>;
}

/** A project: definitions, and the environments they are deployed to. */
export interface Project {
  readonly kind: "project";
  readonly name: string;
  readonly definitions: readonly Definition[];
  readonly environments: Readonly<Record<string, Environment>>;
}

/**
 * Declares a project: definitions, and the environments they are deployed to. It is the default export of the project file.
 *
 * @param name lower-case letters, digits and hyphens, at most 63
 * @example
 * export default project("flights", {
 *   definitions: [flights, routes, lateTraining, late, lateArrival],
 *   environments: { local: { approval: "waived" }, production: {} },
 * });
 */
export function project(name: string, options: ProjectOptions): Project {
  const own = { kind: "project", name } as const;
  return notePlace({ ...own, environments: { local: {} }, ...readOptions(options, own) }, project);
}
