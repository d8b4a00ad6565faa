/**
 * Labels as callers send them: the body of `POST /<endpoint>/feedback` in, checked labels out, or all that is wrong with all of
 * them. Pure.
 * @module
 */
import type { LabelSpec } from "../../definitions/feedback-spec.ts";
import { Refusal } from "../../http/refusal.ts";
import { readJson } from "../json-body.ts";
import { longestId, mostRows } from "../limits.ts";
import { parseMoment } from "../typed/moment.ts";
import { type LabelProblem, RefusedLabels } from "./refused-labels.ts";

/** The most labels that one request may have. */
export const mostLabels = 10_000;

/** How far a label's time may lie ahead of the server's clock, in milliseconds: clocks differ. */
const mostAhead = 5 * 60_000;

/** The first moment that a label may have become true at, in milliseconds since 1970: days before have no four digits for their year. */
const earliest = Date.parse("0001-01-01T00:00:00Z");

/** A label of an answer. */
export interface LabelItem {
  /** The id of the answer. */
  readonly id: string;
  /** Which row of the request it is of, from 0. */
  readonly row: number;
  readonly label: boolean | number | string;
  /** When it became true, RFC 3339 in UTC. */
  readonly time: string;
  /** Whether what was said before of this row was wrong, whatever its time. @default false */
  readonly correction?: true;
  /** Whether it is there only because of what the model answered. @default as the endpoint's `observed` says */
  readonly selected?: boolean;
  /** Whom it says something of, whose key it is encrypted with. @default it is not encrypted */
  readonly subject?: string;
}

/** What labels are held against. */
export interface LabelTerms {
  readonly label: LabelSpec;
  /** The server's clock, in milliseconds since 1970: the time of labels that say none. */
  readonly now: number;
  /** Whether each says whom it says something of, since it is encrypted for them. @default none does */
  readonly hasSubject?: boolean | undefined;
  /** Whether the label says something of a person: what was sent is not said back. @default as `hasSubject` says */
  readonly isPersonal?: boolean | undefined;
}

/**
 * Reads a body: one label, or `{"items": […]}`.
 * @throws Refusal 400 for what is no such body; RefusedLabels with every problem of every label: then none counts
 */
export function readLabels(body: Uint8Array, terms: LabelTerms): readonly LabelItem[] {
  const parsed = readJson(body).document;
  if (!isRecord(parsed)) throw new Refusal(400, 'the body is no object, expected a label or {"items": […]}');
  const { items, ...others } = parsed;
  if (items === undefined) return checkLabels([parsed], terms, { isList: false });
  if (!Array.isArray(items)) throw new Refusal(400, '"items" is no list of labels');
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new Refusal(400, `"${shorten(other)}" stands beside "items", expected {"items": […]} alone`);
  if (items.length === 0) throw new Refusal(400, '"items" is empty');
  if (items.length > mostLabels)
    throw new Refusal(400, `the request has ${items.length} labels, at most ${mostLabels} are taken at once`);
  return checkLabels(items, terms, { isList: true });
}

function checkLabels(
  given: readonly unknown[],
  terms: LabelTerms,
  { isList }: { readonly isList: boolean },
): readonly LabelItem[] {
  const problems: LabelProblem[] = [];
  const labels = given.flatMap((one, item) => {
    const read = readLabel(one, terms);
    if (!("problems" in read)) return [read];
    problems.push(...read.problems.map((problem) => ({ ...(isList && { item }), ...problem })));
    return [];
  });
  if (problems.length > 0) throw new RefusedLabels(problems);
  return labels;
}

const fields: readonly string[] = ["id", "label", "row", "time", "correction", "selected"];
const subjectFields: readonly string[] = [...fields, "subject"];
const personalFields: readonly string[] = ["label", "subject"];

/** Reads one label. @returns it, or all that is wrong with it */
export function readLabel(
  given: unknown,
  terms: LabelTerms,
): LabelItem | { readonly problems: readonly LabelProblem[] } {
  const isPersonal = terms.isPersonal || terms.hasSubject;
  if (!isRecord(given))
    return { problems: [{ field: "", what: "the label is no object", ...(!isPersonal && { got: describe(given) }) }] };
  const problems: LabelProblem[] = [];
  const refuse = (field: string, got: unknown, expected: string) => {
    // What is refused stands in the logs of callers, and of whoever is between.
    const isSaid = got !== undefined && !(isPersonal && personalFields.includes(field));
    const what = got === undefined ? "it is missing" : "the value does not fit";
    problems.push({ field, what, ...(isSaid && { got: describe(got) }), expected });
  };
  const known = terms.hasSubject ? subjectFields : fields;
  for (const field of Object.keys(given)) {
    if (!known.includes(field))
      problems.push({ field: shorten(field), what: "there is no such field", expected: known.join(", ") });
  }
  const { id, label, row = 0, time, correction = false, selected } = given;
  if (!isId(id)) refuse("id", id, textOfId);
  const expected = findMisfit(label, terms.label);
  if (expected !== undefined) refuse("label", label, expected);
  if (!Number.isInteger(row) || (row as number) < 0 || (row as number) >= mostRows)
    refuse("row", row, `a whole number from 0 to ${mostRows - 1}`);
  const moment = readTime(time, terms.now);
  if (moment === undefined) refuse("time", time, "a time of RFC 3339 that has come, such as 2026-03-01T09:30:00Z");
  if (typeof correction !== "boolean") refuse("correction", correction, "true or false");
  if (selected !== undefined && typeof selected !== "boolean") refuse("selected", selected, "true or false");
  const subject = terms.hasSubject ? readSubject(given["subject"]) : undefined;
  if (terms.hasSubject && subject === undefined)
    refuse("subject", given["subject"], `whom the label says something of, as requests name them: ${textOfId}`);
  if (problems.length > 0) return { problems };
  return {
    id: id as string,
    row: row as number,
    label: label as LabelItem["label"],
    time: moment ?? "",
    ...(correction === true && { correction }),
    ...(typeof selected === "boolean" && { selected }),
    ...(subject !== undefined && { subject }),
  };
}

const textOfId = `a text of 1 to ${longestId} characters`;

/** A person as requests name them: those that are numbered have the text of their number. */
function readSubject(subject: unknown): string | undefined {
  if (isId(subject)) return subject;
  return Number.isSafeInteger(subject) ? String(subject) : undefined;
}

function isId(id: unknown): id is string {
  return typeof id === "string" && id.length >= 1 && id.length <= longestId && id.isWellFormed();
}

/** What a label should have been; nothing when it fits. */
function findMisfit(label: unknown, { type, min = -Infinity, max = Infinity, values }: LabelSpec): string | undefined {
  switch (type) {
    case "boolean":
      return typeof label === "boolean" ? undefined : "true or false";
    case "string":
      return typeof label === "string" && (values ?? []).includes(label)
        ? undefined
        : `one of ${shorten((values ?? []).join(", "))}`;
    case "integer":
    case "number": {
      const isNumber = type === "integer" ? Number.isSafeInteger(label) : Number.isFinite(label);
      if (isNumber && (label as number) >= min && (label as number) <= max) return undefined;
      const bounds = [min > -Infinity && `from ${min}`, max < Infinity && `to ${max}`].filter(
        (bound) => bound !== false,
      );
      return [type === "integer" ? "a whole number" : "a number", ...bounds].join(" ");
    }
  }
}

/** A time in UTC to the millisecond, as records have it; nothing for one that is none or lies ahead. */
function readTime(time: unknown, now: number): string | undefined {
  if (time === undefined) return new Date(now).toISOString();
  const date = typeof time === "string" ? parseMoment(time)?.date : undefined;
  const isKnown = date && date.getTime() >= earliest && date.getTime() <= now + mostAhead;
  return isKnown ? date.toISOString() : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return value === null ? "null" : "an object";
  return shorten(typeof value === "string" ? JSON.stringify(value) : String(value));
}

/** Callers choose names and values, and an answer should not be as long as what they may send. */
function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
