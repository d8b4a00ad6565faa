/**
 * Sources: where the rows of a dataset come from.
 * @module
 */
import type { Input } from "./input.ts";
import type { SourceSpec } from "./spec.ts";

export type Source = SourceSpec;

/**
 * A path relative to the project file, `npm:<package>/<path>` for a file that an installed package ships, or an input for
 * a path that the stack supplies.
 */
export type Path = string | Input;

/** A Parquet file. */
export function parquet(path: Path): Source {
  return file("parquet", path);
}

/** A CSV file with a header line. */
export function csv(path: Path): Source {
  return file("csv", path);
}

/** A JSON file: an array of objects, or one object a line. */
export function json(path: Path): Source {
  return file("json", path);
}

function file(format: Source["format"], path: Path): Source {
  return { kind: "file", format, path: typeof path === "string" ? path : `input:${path.input}` };
}
