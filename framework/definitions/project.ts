/**
 * Projects: definitions, and the environments they are deployed to.
 * @module
 */
import type { Definition } from "./definition.ts";
import type { Approval } from "./model.ts";
import type { Patch } from "./patch.ts";

export interface Environment {
  /** Who must agree before a release, for every model. A patch of a model goes before it. @default as each model says */
  readonly approval?: Approval | "waived";
  /** What this environment changes. Of two patches of one field the later counts. @default [] */
  readonly override?: readonly Patch[];
}

export interface ProjectOptions {
  /** All definitions, in any order. A definition that another refers to is among them. */
  readonly definitions: readonly Definition[];
  /** The environments by name; each is one stack. @default { local: {} } */
  readonly environments?: Readonly<Record<string, Environment>>;
}

export interface Project {
  readonly kind: "project";
  readonly name: string;
  readonly definitions: readonly Definition[];
  readonly environments: Readonly<Record<string, Environment>>;
}

/**
 * Declares a project; it is the default export of the project file.
 *
 * @example
 * export default project("flights", { definitions: [flights, routes, lateTraining, late, lateArrival] })
 */
export function project(name: string, { definitions, environments = { local: {} } }: ProjectOptions): Project {
  return { kind: "project", name, definitions, environments };
}
