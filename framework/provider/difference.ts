/**
 * What differs between two sets of properties, by property path. Pure.
 * @module
 */
import { isList, type Properties, propertiesOf, unknown, type Value } from "./values.ts";

/** One property that differs, by its path in Pulumi's notation: `spec.gates[1].value`. */
export interface PropertyDifference {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** Whether the path is of the inputs; else it is of the outputs, where reality has moved away from the state. */
  readonly of: "inputs" | "outputs";
}

/** The inputs that differ, sorted by path. An unknown differs from everything. */
export function compareInputs(before: Properties, after: Properties): readonly PropertyDifference[] {
  const found: PropertyDifference[] = [];
  compareValues({ path: "", before, after }, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Pair {
  readonly path: string;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

function compareValues({ path, before, after }: Pair, found: PropertyDifference[]): void {
  if (before === after && after !== unknown) return;
  if (before === undefined) {
    found.push({ path, kind: "add", of: "inputs" });
  } else if (after === undefined) {
    found.push({ path, kind: "delete", of: "inputs" });
  } else if (isBranch(before) && isBranch(after) && isList(before) === isList(after)) {
    for (const pair of pairChildren(path, before, after)) compareValues(pair, found);
  } else {
    found.push({ path, kind: "update", of: "inputs" });
  }
}

function isBranch(value: Value): value is Properties | readonly Value[] {
  return typeof value === "object" && value !== null;
}

function pairChildren(
  path: string,
  before: Properties | readonly Value[],
  after: Properties | readonly Value[],
): readonly Pair[] {
  if (isList(before) && isList(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => ({
      path: joinPath(path, i),
      before: before[i],
      after: after[i],
    }));
  }
  const [old, fresh] = [propertiesOf(before), propertiesOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].map((name) => ({
    path: joinPath(path, name),
    before: old[name],
    after: fresh[name],
  }));
}

/** Adds a step to a property path, quoting what is not a plain name: `environment["A.B"]`. */
export function joinPath(path: string, step: PropertyKey): string {
  if (typeof step === "number") return `${path}[${step}]`;
  const name = String(step);
  if (!/^[A-Za-z_$][A-Za-z0-9_$-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}
