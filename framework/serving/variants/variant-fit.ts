/**
 * Whether the versions of a routing can stand beside one another: what callers bring to one of them must be enough for the others, and
 * what they are told the same. Pure.
 * @module
 */
import type { ModelPackage } from "../../models/model-package.ts";
import { listOutputs } from "../protocol.ts";
import { allPoints, type Variant } from "./routing.ts";

/** What decides it, of a package. */
export type FittedPackage = Pick<ModelPackage, "task" | "output" | "classes">;

/**
 * Where each input of one version is among those of another: `same` where it is where it was, `none` where the two have other inputs,
 * so that a caller who brings the features of one brings too few for the other.
 */
export type InputOrder = readonly number[] | "same" | "none";

/** Finds each input of a version among those that callers bring by the names and datatypes of another. */
export function orderInputs(own: ModelPackage["inputs"], brought: ModelPackage["inputs"]): InputOrder {
  const places = own.map(({ name, type }) => brought.findIndex((input) => input.name === name && input.type === type));
  if (own.length !== brought.length || places.includes(-1)) return "none";
  return places.every((place, i) => place === i) ? "same" : places;
}

/** Puts what stands one row after the other in the order of one version's inputs into that of another's. */
export function reorder<T>(values: readonly T[], order: readonly number[]): T[] {
  const width = order.length;
  return Array.from(values, (_, i) => values[i - (i % width) + (order[i % width] as number)] as T);
}

/** What is wrong with a routing whatever its packages are. @returns nothing where nothing is */
export function findRoutingProblem(variants: readonly Variant[]): string | undefined {
  const sum = variants.reduce((all, { weight }) => all + weight, 0);
  if (sum !== allPoints) return `the weights of its variants are ${sum} together, and should be ${allPoints}`;
  const names = variants.map(({ name }) => name);
  const unsaid = names.find((name) => !/^[\x21-\x7e]{1,64}$/.test(name));
  // A header tells callers which one answered.
  if (unsaid !== undefined)
    return `a variant is called ${JSON.stringify(unsaid.slice(0, 64))}, which no header could say`;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? undefined : `two of its variants are called "${twice}"`;
}

/** How a variant's outputs differ from the champion's. @returns nothing where they do not */
export function findOutputProblem(name: string, own: FittedPackage, champion: FittedPackage): string | undefined {
  const [found, expected] = [describeOutputs(own), describeOutputs(champion)];
  return found === expected
    ? undefined
    : `variant "${name}" answers with ${found}, and the champion with ${expected}: callers could not read both`;
}

function describeOutputs(of: FittedPackage): string {
  const outputs = listOutputs(of).map(({ name, datatype }) => `${name} ${datatype}`);
  const classes = of.classes ? ` of ${of.classes.join(", ")}` : "";
  return `${outputs.join(" and ")}${classes}`;
}
