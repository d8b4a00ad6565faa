/**
 * The check of one definition: whether it has the shape of its kind, whatever it was made by.
 * @module
 */
import { z } from "zod";
import type { Definition } from "./definition.ts";
import { definitionShapes } from "./definition-shape.ts";
import { findNameFault } from "./name.ts";
import { copyPlain, isRecord } from "./plain.ts";
import type { Report } from "./report.ts";
import { reportShape } from "./shape-problem.ts";
import { reportTexts } from "./text-problem.ts";
import { describeValue, quote } from "./value-text.ts";

export interface CheckedDefinition {
  /** A copy as plain data, whose references are the definitions that were given. */
  readonly copy: Definition;
  /** Whether it has its shape. Of one that has not, only kind and name may be read. */
  readonly isSound: boolean;
}

/** Whether a value says that it is a definition. */
export function isDefinition(value: unknown): value is Definition {
  return isRecord(value) && typeof value["kind"] === "string" && Object.hasOwn(definitionShapes, value["kind"]);
}

/** A copy of a definition, and everything about it that its kind does not allow, reported. */
export function checkDefinition(
  definition: Definition,
  { at, report }: { readonly at: string; readonly report: Report },
): CheckedDefinition {
  const plain = copyPlain(definition, (value) => (value !== definition && isWhole(value) ? value : undefined));
  if (!isDefinition(plain)) {
    const got = describeValue(plain);
    report({ code: "definition-invalid", at, what: "the definition cannot be read", got, expected: "plain data" });
    return { copy: { kind: "dataset", name: "" } as Definition, isSound: false };
  }
  const rename = (path: Path): Path => renamePath(plain, path);
  reportTexts(plain, { at, report, rename, skips: (part) => part !== plain && isWhole(part) });
  const named = reportName(plain.name, { subject: plain.kind, at: `${at}.name`, report });
  const isSound = reportShape(definitionShapes[plain.kind], plain, {
    subject: describeDefinition(plain),
    at,
    report,
    rename,
  });
  return { copy: plain, isSound: isSound && named };
}

/** Whether a part of a definition is something by itself: a schema, or another definition. */
export function isWhole(part: object): boolean {
  return part instanceof z.ZodType || isDefinition(part);
}

/** Reports a name that a definition, a project or an environment cannot have; what is no text is reported by its shape. */
export function reportName(
  name: unknown,
  { subject, at, report }: { readonly subject: string; readonly at: string; readonly report: Report },
): boolean {
  const expected = typeof name === "string" ? findNameFault(name) : undefined;
  if (expected === undefined) return true;
  report({ code: "name-invalid", at, what: `the ${subject} has no valid name`, got: describeValue(name), expected });
  return false;
}

/** A definition in words: `dataset "flights"`. */
export function describeDefinition({ kind, name }: { readonly kind: string; readonly name: unknown }): string {
  return typeof name === "string" ? `${kind} ${quote(name)}` : `a ${kind} without a name`;
}

type Path = readonly PropertyKey[];

/** The path of a field as a team writes it. */
function renamePath(definition: Definition, [first, second, third, ...rest]: Path): Path {
  const path = [first, second, third, ...rest].filter((key) => key !== undefined);
  switch (first) {
    case "columns": {
      const columns: unknown = definition.kind === "features" && definition.columns;
      const column: unknown = Array.isArray(columns) && columns[Number(second)];
      const name = isRecord(column) && column["name"];
      if (typeof name !== "string") return path;
      if (isRecord(column) && third === "preprocessing") return [name, ...renameStep(column["preprocessing"], rest)];
      return third === "expression" ? [name, ...rest] : path;
    }
    case "contract": {
      const name: unknown =
        definition.kind === "dataset" && second === "rules" && definition.contract.rules?.[Number(third)]?.name;
      if (typeof name !== "string") return path;
      return ["contract", "rules", name, ...(rest[0] === "expression" ? rest.slice(1) : rest)];
    }
    case "spine":
      return ["features", 0];
    case "joined":
      if (typeof second !== "number") return ["features"];
      return ["features", second + 1, ...(third === undefined || third === "set" ? rest : [third, ...rest])];
    case "gates":
      return third === "rule" ? ["gates", Number(second), ...rest] : path;
    case "rollout":
      return path.filter((key) => key !== "rule");
    case "obligations":
      return path.slice(1);
    default:
      return path;
  }
}

/** The path of a step as the method that a team calls: `scaled`, `category.min`. */
function renameStep(steps: unknown, [at, ...rest]: Path): Path {
  const step: unknown = Array.isArray(steps) && typeof at === "number" ? steps[at] : undefined;
  const op = isRecord(step) && step["op"];
  return typeof op === "string" ? [op, ...rest.filter((key) => key !== "by")] : [];
}
