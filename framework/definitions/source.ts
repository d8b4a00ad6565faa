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
 * a path that the stack supplies. It may be a pattern of many files: `*` is any characters of a name, `?` one, `**` any
 * folders or none, `{a,b}` either, and `\` takes the meaning from the character after it. Files whose names begin with a dot
 * are left out, unless the pattern writes the dot; at least one file has to be there. A path of a file that exists is that
 * file, whatever characters it has.
 */
export type Path = string | Input;

/**
 * A Parquet file, or many. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input; a file, or a pattern of files
 * @example
 * parquet("npm:vega-datasets/data/flights-3m.parquet")
 * @example
 * parquet("flights/*.parquet")
 */
export function parquet(path: Path): Source {
  return file("parquet", path);
}

/**
 * A CSV file with a header line: commas, UTF-8, `.gz` or not; or many. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input; a file, or a pattern of files
 * @example
 * csv("weather.csv.gz")
 * @example
 * csv("weather/2024-*.csv.gz")
 */
export function csv(path: Path): Source {
  return file("csv", path);
}

/**
 * A JSON file: an array of objects, or one object a line, `.gz` or not; or many. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input; a file, or a pattern of files
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
