/**
 * The inputs of sources elsewhere: what the stack supplies to reach them, mostly secrets.
 * @module
 */
import { type Problem, StewardError } from "./problem.ts";
import type { SourceSpec } from "./spec.ts";

const prefix = "input:";

/** What reaches a source, before it is supplied: each a reference to an input. */
export function listInputs(source: SourceSpec): readonly string[] {
  switch (source.kind) {
    case "s3":
      return source.credentials ? Object.values(source.credentials).map(nameOf) : [];
    case "http":
      return Object.values(source.headers ?? {}).map(nameOf);
    case "postgres":
      return [nameOf(source.url)];
    case "file":
    case "push":
    case "derived":
      return [];
  }
}

/** Refuses a source of which an input is not supplied. @throws StewardError with each of them */
export function requireInputs(source: SourceSpec, inputs: Readonly<Record<string, unknown>>): void {
  const missing = listInputs(source).filter((name) => !Object.hasOwn(inputs, name));
  if (missing.length > 0) throw new StewardError([...new Set(missing)].map(describeMissing));
}

/** The value of a reference. @throws StewardError when the stack does not supply it */
export function supplyInput(reference: string, inputs: Readonly<Record<string, string>>): string {
  const name = nameOf(reference);
  const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (value !== undefined) return value;
  throw new StewardError(describeMissing(name));
}

function nameOf(reference: string): string {
  return reference.slice(prefix.length);
}

function describeMissing(name: string): Problem {
  return {
    code: "input-missing",
    at: "source",
    what: `The source needs the input "${name}", which the stack does not supply`,
    fix: `npx pulumi config set --secret --path 'steward:inputs["${name}"]'`,
  };
}
