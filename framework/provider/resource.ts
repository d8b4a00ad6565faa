/**
 * What the provider must know of a type of resource. Decisions are pure functions in `resources/`; this is their frame.
 * @module
 */
import type { z } from "zod";
import type { Actor } from "../engine/messages.ts";
import type { GitState } from "../project/git-state.ts";
import type { Backend } from "./backend.ts";
import { joinPath } from "./difference.ts";
import type { Reporter } from "./progress.ts";
import type { SeenSpecs } from "./seen-specs.ts";
import { isKnown, isList, type Properties, propertiesOf, type Value } from "./values.ts";

/** What a call can use. */
export interface CallContext {
  readonly backend: Backend;
  readonly reporter: Reporter;
  /** Fires when the engine asks to stop: nothing more is to be waited for. */
  readonly cancelled: AbortSignal;
  readonly actor: Actor;
  /** What git has of the checkout that is deployed, asked once. @default it is not asked */
  readonly code?: () => Promise<GitState | undefined>;
  /** Whether entities of other stacks are to be taken over. */
  readonly adopt: boolean;
  /** Whether a destroy leaves entities as they are instead of retiring them. */
  readonly abandon: boolean;
  readonly seen: SeenSpecs;
}

/** What the state has of a resource. */
export interface Recorded {
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** One input that is not right, by its path. */
export interface InputFailure {
  readonly property: string;
  readonly reason: string;
}

/** What reality has that the state has not. */
export interface Drift {
  /** The output that shows it. */
  readonly output: string;
  /** One sentence for people. */
  readonly reason: string;
}

/** A type of resource. Inputs have been checked before any other function sees them, but may hold unknowns in previews. */
export interface ResourceType {
  /** `steward:index:Dataset`. */
  readonly token: string;
  /** Inputs whose change makes another resource. */
  readonly replaceOn: readonly string[];
  check(inputs: Properties, context: CallContext): readonly InputFailure[];
  /** Its id, from inputs that are known. */
  identify(inputs: Properties): string;
  /** How reality differs from what the state says of it. */
  drift(recorded: Recorded, context: CallContext): Promise<readonly Drift[]>;
  /** The outputs as far as they are certain before anything is done. */
  plan(inputs: Properties, context: CallContext): Promise<Properties>;
  /** Makes it so, and waits for it. @throws NotReady when it exists but has not become what was asked */
  apply(inputs: Properties, context: CallContext): Promise<Properties>;
  /** The outputs as they are now. @returns nothing when it is gone */
  read(recorded: Recorded, context: CallContext): Promise<Properties | undefined>;
  remove(recorded: Recorded, context: CallContext): Promise<void>;
}

/** Every problem of inputs against their schema, except where an unknown stands: that is checked when it is known. */
export function checkInputs(schema: z.ZodType, inputs: Properties): readonly InputFailure[] {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return [];
  return parsed.error.issues
    .flatMap((issue) => flattenIssue(issue, []))
    .flatMap(({ path, reason }) => {
      const value = valueAt(inputs, path);
      if (value !== undefined && !isKnown(value)) return [];
      return [{ property: path.reduce<string>(joinPath, ""), reason }];
    });
}

/** Inputs of a definition whose change makes another one. */
export const definitionReplaceOn = ["project", "spec.kind", "spec.name"] as const;

/** Checks the inputs of a definition, and keeps its spec for the definitions that refer to it. */
export function checkDefinition(
  schema: z.ZodType,
  inputs: Properties,
  { seen }: Pick<CallContext, "seen">,
): readonly InputFailure[] {
  const failures = checkInputs(schema, inputs);
  if (failures.length === 0 && isKnown(inputs["spec"] ?? null)) seen.add(inputs["spec"]);
  return failures;
}

interface Located {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

function flattenIssue(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): readonly Located[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], reason: `"${key}" is not a property here` }));
  }
  // Of the branches of a union, the one that got furthest is what the writer meant.
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const [closest = []] = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a));
    if (depthOf(closest) > 0) return closest.flatMap((inner) => flattenIssue(inner, path));
  }
  return [{ path, reason: issue.message }];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function valueAt(inputs: Properties, path: readonly PropertyKey[]): Value | undefined {
  let value: Value | undefined = inputs;
  for (const step of path) {
    if (value === undefined || typeof value === "symbol") return value;
    value = typeof step === "number" && isList(value) ? value[step] : propertiesOf(value)[String(step)];
  }
  return value;
}
