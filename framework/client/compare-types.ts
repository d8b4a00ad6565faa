/**
 * Two request types compared: whether what was written for the one still means the same to the other. Pure.
 *
 * Only what a program's own types say is compared, and units, which no type says and every number relies on. Bounds, lengths and
 * patterns are held against each value when it comes, whatever its sender was written for.
 * @module
 */
import type { RequestType, TypeColumn } from "./request-type.ts";

/** What a program written for one type is to another. */
export interface TypeComparison {
  /** Why it must be written anew, one reason each, in words. None: it may ask. */
  readonly differences: readonly string[];
  /** The columns that it does not know and that may be null: of it they are. */
  readonly absent: readonly string[];
}

/** Compares the type that a program was written for with the one that is asked now. */
export function compareTypes(own: RequestType, live: RequestType): TypeComparison {
  const known = new Map(own.columns.map((column) => [column.name, column]));
  const now = new Map(live.columns.map((column) => [column.name, column]));
  const added = live.columns.filter(({ name }) => !known.has(name) && name !== live.eventTime);
  const removed = [...known.values()].filter(({ name }) => !now.has(name));
  const differences = [
    ...removed.map(({ name }) => `column "${name}" was removed`),
    ...added
      .filter(({ nullable }) => !nullable)
      .map((column) => `column "${column.name}" was added: ${describeType(column)}`),
    // A column that is named twice is one: what a caller tells of itself may be anything.
    ...[...known.values()].flatMap((column) => {
      const other = now.get(column.name);
      return other ? compareColumns(column, other) : [];
    }),
    ...compareTimes(own, live, now),
    ...compareAnswers(own, live),
  ];
  return { differences, absent: added.filter(({ nullable }) => nullable).map(({ name }) => name) };
}

function compareColumns(own: TypeColumn, live: TypeColumn): readonly string[] {
  const at = `column "${own.name}"`;
  const isWider = own.type === "integer" && live.type === "number";
  if (own.type !== live.type && !isWider) return [`${at} was ${describeType(own)} and is ${describeType(live)}`];
  const lost = live.values && listMissing(own.values ?? [], live.values);
  return [
    ...(own.length === live.length ? [] : [`${at} had ${own.length} numbers and has ${live.length}`]),
    ...(own.nullable && !live.nullable ? [`${at} can be null no more`] : []),
    ...(live.values && !own.values ? [`${at} could be any text and is one of ${live.values.length}`] : []),
    ...(lost && lost.length > 0 ? [`${at} can be ${lost.map(quote).join(", ")} no more`] : []),
    ...(own.unit === live.unit ? [] : [`${at} was in ${sayUnit(own)} and is in ${sayUnit(live)}`]),
  ];
}

/** What was the time of the event could be left out, and cannot be once it is a column like others. */
function compareTimes(own: RequestType, live: RequestType, now: ReadonlyMap<string, TypeColumn>): readonly string[] {
  const { eventTime } = own;
  if (eventTime === live.eventTime || !now.has(eventTime)) return [];
  return [`column "${eventTime}" is the time of the event no more, and must be sent`];
}

function compareAnswers(own: RequestType, live: RequestType): readonly string[] {
  if (own.task !== live.task) return [`the answer was ${answers[own.task]} and is ${answers[live.task]}`];
  const [before, after] = [own.classes ?? [], live.classes ?? []];
  const added = listMissing(after, before);
  const removed = listMissing(before, after);
  return [
    ...(added.length > 0 ? [`the answer can be ${added.map(quote).join(", ")} too`] : []),
    ...(removed.length > 0 ? [`the answer can be ${removed.map(quote).join(", ")} no more`] : []),
  ];
}

/** Those of texts that others do not have. */
function listMissing(texts: readonly string[], others: readonly string[]): readonly string[] {
  const has = new Set(others);
  return texts.filter((text) => !has.has(text));
}

const answers = {
  binary: "true or false",
  multiclass: "one of several classes",
  regression: "a number",
} as const satisfies Readonly<Record<RequestType["task"], string>>;

const types = {
  boolean: "a boolean",
  integer: "an integer",
  number: "a number",
  string: "a text",
  timestamp: "a time",
  vector: "a list of numbers",
} as const satisfies Readonly<Record<TypeColumn["type"], string>>;

function describeType({ type, nullable }: TypeColumn): string {
  return `${types[type]}${nullable ? " or null" : ""}`;
}

function sayUnit({ unit }: TypeColumn): string {
  return unit === undefined ? "no unit" : `"${unit}"`;
}

function quote(text: string): string {
  return `"${text}"`;
}
