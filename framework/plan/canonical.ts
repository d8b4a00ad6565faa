/**
 * The canonical bytes of a JSON value (RFC 8785): one value, one text, whatever the order it was built in.
 * @module
 */

/** A value that JSON can carry without loss. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * Writes a value as RFC 8785 asks: keys sorted by UTF-16 code units, numbers and strings as ECMAScript prints them, no
 * space. A property that is `undefined` is left out.
 *
 * @throws TypeError for what JSON cannot carry (NaN, infinity, a function, a lone surrogate), naming its path.
 */
export function toCanonicalJson(value: unknown): string {
  // Where it is not JSON, the place is looked for: to carry it along would take longer than all else.
  return write(value) ?? writeNamingPlaces(value, "$");
}

/** The text of a value; nothing when JSON cannot carry it. */
function write(value: unknown): string | undefined {
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "string":
      return value.isWellFormed() ? JSON.stringify(value) : undefined;
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : undefined;
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? writeArray(value) : writeObject(value);
    default:
      return undefined;
  }
}

function writeArray(items: readonly unknown[]): string | undefined {
  let text = "";
  for (const item of items) {
    const written = write(item);
    if (written === undefined) return undefined;
    text += text === "" ? written : `,${written}`;
  }
  return `[${text}]`;
}

function writeObject(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const properties = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const key of Object.keys(properties).sort()) {
    const item = properties[key];
    if (item === undefined) continue;
    const [name, written] = [write(key), write(item)];
    if (name === undefined || written === undefined) return undefined;
    text += text === "" ? `${name}:${written}` : `,${name}:${written}`;
  }
  return `{${text}}`;
}

function writeNamingPlaces(value: unknown, path: string): string {
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "string":
      if (!value.isWellFormed()) throw new TypeError(`${path} has a lone surrogate, which JSON cannot carry`);
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}, which JSON cannot carry`);
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value))
        return `[${value.map((item, i) => writeNamingPlaces(item, `${path}[${i}]`)).join(",")}]`;
      if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
        throw new TypeError(`${path} is a ${value.constructor.name}, which JSON cannot carry`);
      }
      return `{${Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(
          ([key, item]) => `${writeNamingPlaces(key, `a key of ${path}`)}:${writeNamingPlaces(item, `${path}.${key}`)}`,
        )
        .join(",")}}`;
    case "bigint":
    case "function":
    case "symbol":
    case "undefined":
      throw new TypeError(`${path} is a ${typeof value}, which JSON cannot carry`);
  }
}
