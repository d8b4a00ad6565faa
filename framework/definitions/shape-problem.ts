/**
 * Shapes, and what is wrong with a value that has not the shape it must have, in the words of a problem.
 * @module
 */
import { z } from "zod";
import { escapeHidden } from "./hidden-text.ts";
import { isRecord } from "./plain.ts";
import type { Report } from "./report.ts";
import { findNearest } from "./suggestion.ts";
import { describeValue, quote } from "./value-text.ts";

type Path = readonly PropertyKey[];

export interface ShapeScope {
  /** What the value is, in words: `dataset "flights"`. */
  readonly subject: string;
  /** The place of the value. */
  readonly at: string;
  readonly report: Report;
  /** The path as its writer knows it. @default the path in the value */
  readonly rename?: (path: Path) => Path;
}

/**
 * Reports everything about a value that its shape does not allow, and says whether there was nothing. A schema's own
 * message is what it expects.
 */
export function reportShape(shape: z.ZodType, value: unknown, scope: ShapeScope): boolean {
  // The empty message marks what has no words of its own. Only here does zod tell which options an object has.
  const error = ({ code, inst }: z.core.$ZodRawIssue) => {
    if (code === "unrecognized_keys") return listOptions(inst);
    if (code === "invalid_union") return listKinds(inst);
    return code === "invalid_type" && inst instanceof z.ZodObject ? `{ ${filterKnown(listOptions(inst))} }` : "";
  };
  const result = shape.safeParse(value, { reportInput: true, error });
  const issues = result.error?.issues.flatMap((one) => unfold(one)) ?? [];
  // Where there are no options at all, it says nothing that each of them is missing.
  const without = issues.filter(lacksOptions).map(({ path }) => path);
  for (const issue of issues) {
    if (
      lacksOptions(issue) ||
      !without.some((path) => path.every((key, i) => key === issue.path[i])) ||
      issue.path[0] === "name"
    )
      reportIssue(issue, scope);
  }
  return result.success;
}

function listOptions(inst: unknown): string {
  const { shape } = (inst as z.core.$ZodObject)._zod.def;
  return Object.keys(shape).join(", ");
}

/** The values that tell the alternatives of a union apart, if something does. */
function listKinds(inst: unknown): string {
  const { discriminator, options } = (inst as z.core.$ZodDiscriminatedUnion)._zod.def;
  if (discriminator === undefined) return "";
  return options.flatMap((option) => [...(option._zod.propValues?.[discriminator] ?? [])].map(String)).join(", ");
}

/** Whether something else was given where a builder takes its options: it keeps that under `options`. */
function lacksOptions(issue: z.core.$ZodIssue): boolean {
  return issue.code === "unrecognized_keys" && issue.keys.includes("options") && !isRecord(readGiven(issue));
}

function readGiven({ input }: z.core.$ZodIssue): unknown {
  return isRecord(input) ? input["options"] : undefined;
}

/** Of a union, the issues of the one alternative that the value was meant to be, if there is one. */
function unfold(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors.filter((issues) => issues.every(({ path }) => path.length > 0) || issues.some(isOptions));
  const [alternative] = meant;
  if (alternative === undefined || meant.length > 1) return [issue];
  return alternative.flatMap((one) => unfold({ ...one, path: [...issue.path, ...one.path] }));
}

function isOptions({ code, path }: z.core.$ZodIssue): boolean {
  return code === "unrecognized_keys" && path.length === 0;
}

function reportIssue(issue: z.core.$ZodIssue, scope: ShapeScope): void {
  const union = issue.code === "invalid_union" ? issue : undefined;
  // What tells the alternatives apart is no field of a team's own.
  const kind = union?.discriminator;
  const got = kind !== undefined && isRecord(issue.input) ? issue.input[kind] : issue.input;
  const path = (scope.rename ?? ((same) => same))(kind === undefined ? issue.path : issue.path.slice(0, -1));
  const place = { code: "definition-invalid", at: formatPath(scope.at, path) } as const;
  if (issue.code === "unrecognized_keys") {
    if (lacksOptions(issue)) reportNoOptions({ issue, path, scope });
    else for (const key of issue.keys) reportOption(key, { issue, path, scope });
    return;
  }
  const what = `${nameField(path) ?? scope.subject} ${sayFault(issue)}`;
  const expected = issue.message || sayExpected(issue);
  const nearest =
    issue.code === "invalid_value" && typeof issue.input === "string"
      ? findNearest(issue.input, issue.values.map(String))
      : undefined;
  scope.report({
    ...place,
    what,
    ...(got !== undefined && { got: describeValue(got) }),
    ...(expected && { expected }),
    ...(nearest && { fix: `did you mean "${nearest}"?` }),
    ...(got === undefined && { fix: "add it" }),
  });
}

interface OptionScope {
  readonly issue: z.core.$ZodIssue;
  readonly path: Path;
  readonly scope: ShapeScope;
}

function reportNoOptions({ issue, path, scope }: OptionScope): void {
  const given = readGiven(issue);
  const what = `${nameField(path) ?? scope.subject} is given no options`;
  const got = given === null ? "nothing" : describeValue(given);
  const expected = `{ ${filterKnown(issue.message)} }`;
  const place = { code: "definition-invalid", at: formatPath(scope.at, path) } as const;
  scope.report({ ...place, what, got, expected, fix: "give them in braces" });
}

function filterKnown(options: string): string {
  const known = options.split(", ").map((one) => (one === "spine" ? "features" : one));
  return [...new Set(known)].filter((one) => !internal.has(one)).join(", ");
}

function reportOption(key: string, { issue, path, scope }: OptionScope): void {
  const of = nameField(path) ?? scope.subject;
  const given = key === "options" ? readGiven(issue) : undefined;
  // A builder keeps there what it says of a definition itself.
  const unknown = isRecord(given) ? Object.keys(given) : [key];
  const options = filterKnown(issue.message);
  for (const one of unknown) {
    const nearest = findNearest(one, options.split(", "));
    scope.report({
      code: "option-unknown",
      at: formatPath(scope.at, [...path, one]),
      what: `${of} has no option ${quote(one)}`,
      expected: options || "none",
      fix: nearest ? `did you mean "${nearest}"?` : "leave it out",
    });
  }
}

/** What builders write and nobody gives. */
const internal = new Set("kind name on rule metric joined obligations op aggregate of".split(" "));

function sayFault(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return "is missing";
  if (issue.code === "too_small" && isEmpty(issue.input)) return "is empty";
  return issue.code === "too_small" || issue.code === "too_big" ? "is out of range" : "takes no such value";
}

function isEmpty(input: unknown): boolean {
  return input === "" || (Array.isArray(input) && input.length === 0);
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function sayExpected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map(describeValue).join(", ");
    case "too_small":
      if (isEmpty(issue.input)) return issue.origin === "array" ? "one at least" : "a text";
      return sayBound(issue, { bound: String(issue.minimum), open: "more than", closed: "at least" });
    case "too_big":
      return sayBound(issue, { bound: String(issue.maximum), open: "less than", closed: "at most" });
    case "invalid_union":
      return [...new Set(issue.errors.flatMap(([first]) => (first ? first.message || sayExpected(first) : [])))].join(
        " or ",
      );
    default:
      return "";
  }
}

function sayBound(
  { origin, inclusive }: { readonly origin: string; readonly inclusive?: boolean | undefined },
  { bound, open, closed }: Readonly<Record<"bound" | "open" | "closed", string>>,
): string {
  const limit = `${inclusive === false ? open : closed} ${bound}`;
  return origin === "array" ? `${limit} of them` : origin === "string" ? `${limit} characters` : limit;
}

/** The field at the end of a path, in quotes: `"from[0]"`; nothing for the value itself. */
function nameField(path: Path): string | undefined {
  const start = path.findLastIndex((key) => typeof key === "string");
  return start < 0 ? undefined : quote(formatPath("", path.slice(start)).slice(1));
}

/** A place: `late-arrival.gates[1]`. The middle of a long one is left out. */
export function formatPath(at: string, path: Path): string {
  const shown = path.length > longest ? [...path.slice(0, longest - 3), "…", ...path.slice(-2)] : path;
  const place = shown.reduce<string>(
    (all, key) => all + (typeof key === "number" ? `[${key}]` : `.${String(key)}`),
    at,
  );
  return escapeHidden(place).replaceAll("\n", "\\n");
}

/** More keys than any place has that a person wrote. */
const longest = 12;
