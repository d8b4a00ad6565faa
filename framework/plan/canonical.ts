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
export function toCanonicalJson(value: unknown, path = "$"): string {
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
      if (Array.isArray(value)) return `[${value.map((item, i) => toCanonicalJson(item, `${path}[${i}]`)).join(",")}]`;
      if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
        throw new TypeError(`${path} is a ${value.constructor.name}, which JSON cannot carry`);
      }
      return `{${Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => `${toCanonicalJson(key, `a key of ${path}`)}:${toCanonicalJson(item, `${path}.${key}`)}`)
        .join(",")}}`;
    case "bigint":
    case "function":
    case "symbol":
    case "undefined":
      throw new TypeError(`${path} is a ${typeof value}, which JSON cannot carry`);
  }
}
