/**
 * Plain copies: what a project file hands over is read once, whatever it is, and is data from then on. A value that is no
 * data (a getter that throws, a circle, an instance of a class) is replaced by what is to be said of it, which no shape
 * accepts, so that the check of the shape reports it at its place.
 * @module
 */

/** Deeper than any definition that a person writes, and shallow enough for everything that walks a copy. */
const deepest = 200;
/** More values than any definition has: an expression that is used twice in itself, over and over, doubles each time. */
const most = 100_000;

interface Walk {
  /** What is to stand for an object as a whole; undefined to copy what it holds. */
  readonly keep: (value: object) => unknown;
  readonly above: Set<object>;
  left: number;
}

/**
 * Copies what is data. Functions and what `keep` returns are taken as they are, a field that is `undefined` is left out,
 * −0 becomes 0. It never throws.
 */
export function copyPlain(value: unknown, keep: Walk["keep"] = () => undefined): unknown {
  const walk = { keep, above: new Set<object>(), left: most };
  const plain = copy(value, walk);
  return walk.left < 0 ? refuse(`more than ${most} values`) : plain;
}

/** What is to be said of a value that is no data, of what `copyPlain` put in its place. */
export function readRefusal(value: unknown): string | undefined {
  return typeof value === "symbol" && refusals.has(value) ? value.description : undefined;
}

/** A function, a circle and a broken getter alike become a symbol: a primitive that JSON and every shape refuse. */
const refusals = new Set<symbol>();

/** Stands for a value that is no data, which no shape accepts. */
export function refuse(text: string): symbol {
  const refusal = Symbol(text);
  refusals.add(refusal);
  return refusal;
}

function copy(value: unknown, walk: Walk): unknown {
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value;
  if (walk.above.has(value)) return refuse("a value that contains itself");
  if (walk.above.size >= deepest) return refuse(`a value nested more than ${deepest} deep`);
  walk.above.add(value);
  try {
    const kept = walk.keep(value);
    if (kept !== undefined) return kept;
    walk.left -= 1 + (Array.isArray(value) ? value.length : 0);
    if (walk.left < 0) return undefined;
    return Array.isArray(value) ? Array.from(value, (item) => copy(item, walk)) : copyRecord(value, walk);
  } catch (error) {
    return refuse(`an object that cannot be read: ${sayThrown(error)}`);
  } finally {
    walk.above.delete(value);
  }
}

function copyRecord(value: object, walk: Walk): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return refuse(sayInstance(value));
  const record = readFields(value);
  for (const [key, item] of Object.entries(record)) setField(record, key, copy(item, walk));
  return record;
}

/** The fields of an object, each by itself, so that one that throws does not hide the others. */
export function readFields(value: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of Reflect.ownKeys(value).filter((one) => Object.prototype.propertyIsEnumerable.call(value, one))) {
    const item = readField(value, key);
    if (item !== undefined) setField(fields, String(key), item);
  }
  return fields;
}

/** An assignment to "__proto__" would set the prototype. */
function setField(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
}

function readField(value: object, key: string | symbol): unknown {
  try {
    return Reflect.get(value, key);
  } catch (error) {
    return refuse(`a getter that throws ${sayThrown(error)}`);
  }
}

function sayInstance(value: object): string {
  const maker: unknown = value.constructor;
  const name = typeof maker === "function" && maker !== Object ? maker.name : "";
  return name ? `an instance of ${name}` : "an object with a prototype of its own";
}

/** What was thrown, in a line: its kind and message, never its stack. */
export function sayThrown(error: unknown): string {
  try {
    return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split("\n", 1)[0] ?? "";
  } catch {
    return "something that cannot be printed";
  }
}

/** Whether a value has fields of its own: no list, no function. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
