/**
 * Quoting for DuckDB's SQL: names and values of a team's project end up in queries only through here.
 * @module
 */

/** A name of a table or column. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text value. DuckDB takes a NUL within quotes for the end of the query, so it is put in by its number. */
export function quoteText(text: string): string {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length > 1 ? `(${parts.join(" || chr(0) || ")})` : parts.join("");
}

/** A number as a DOUBLE, whatever it looks like: a bare literal may be a DECIMAL, which compares otherwise. */
export function quoteNumber(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}

/** The path of one file for a reading function, which would take `*`, `?` and `[` for patterns. */
export function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, (character) => `[${character}]`));
}
