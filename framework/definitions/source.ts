/**
 * Sources: where the rows of a dataset come from.
 * @module
 */
import type { Input } from "./input.ts";
import { isRecord } from "./plain.ts";
import type { SourceSpec } from "./spec.ts";

/** Where the rows of a dataset come from. */
export type Source = SourceSpec;

/**
 * A path relative to the project file, `npm:<package>/<path>` for a file that an installed package ships, or an input for
 * a path that the stack supplies.
 */
export type Path = string | Input;

/**
 * A Parquet file. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input
 * @example
 * parquet("npm:vega-datasets/data/flights-3m.parquet")
 */
export function parquet(path: Path): Source {
  return file("parquet", path);
}

/**
 * A CSV file with a header line: commas, UTF-8, `.gz` or not. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input
 * @example
 * csv("weather.csv.gz")
 */
export function csv(path: Path): Source {
  return file("csv", path);
}

/**
 * A JSON file: an array of objects, or one object a line, `.gz` or not. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input
 * @example
 * json(input("unemployment.path"))
 */
export function json(path: Path): Source {
  return file("json", path);
}

function file(format: Source["format"], path: Path): Source {
  return { kind: "file", format, path: isInput(path) ? `input:${path.input}` : path };
}

/** What is neither a path nor an input stays as it is, for the check of the shape. */
function isInput(path: Path): path is Input {
  return isRecord(path) && path["kind"] === "input" && typeof path["input"] === "string";
}
