/**
 * Where two evaluations of one project differ.
 * @module
 */
import type { Problem } from "../definitions/problem.ts";
import type { ProjectSpec } from "../definitions/spec.ts";
import { describeValue } from "../definitions/value-text.ts";
import type { VaryingCall } from "./variation.ts";

interface Difference {
  readonly at: string;
  readonly first: unknown;
  readonly second: unknown;
}

/** Describes the first difference between two evaluations, and the calls that may have made it. */
export function describeDifference(first: ProjectSpec, second: ProjectSpec, calls: readonly VaryingCall[]): Problem {
  const { at, first: a, second: b } = findFirst(first, second);
  const listed = calls.map(({ call, place }) => `${call} at ${place.file}:${place.line}`).join(", ");
  return {
    code: "project-not-deterministic",
    at,
    what: "the project is different each time it is evaluated",
    got: `${describeValue(a)}, then ${describeValue(b)}`,
    ...calls[0]?.place,
    ...(listed !== "" && { fix: `write down the value instead of calling ${listed}` }),
  };
}

/** The paths of definitions begin with their names, as those of all problems do. */
function findFirst(first: ProjectSpec, second: ProjectSpec): Difference {
  for (const [i, definition] of first.definitions.entries()) {
    const other = second.definitions[i];
    const isSame = other?.kind === definition.kind && other.name === definition.name;
    const found = isSame ? findDifference(definition, other, definition.name) : undefined;
    if (found) return found;
    if (!isSame) break;
  }
  return findDifference(first, second, first.name) ?? { at: first.name, first, second };
}

function findDifference(first: unknown, second: unknown, at: string): Difference | undefined {
  if (Object.is(first, second)) return undefined;
  if (!isBranch(first) || !isBranch(second) || Array.isArray(first) !== Array.isArray(second))
    return { at, first, second };
  for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
    const found = findDifference(first[key], second[key], Array.isArray(first) ? `${at}[${key}]` : `${at}.${key}`);
    if (found) return found;
  }
  return undefined;
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
