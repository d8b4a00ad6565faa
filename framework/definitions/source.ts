/**
 * Sources: where the rows of a dataset come from.
 * @module
 */
import type { Input } from "./input.ts";
import { isRecord } from "./plain.ts";
import type { RemoteFiles } from "./remote-files.ts";
import type { SourceFormat } from "./source-format.ts";
import type { SourceSpec } from "./spec.ts";

/** Where the rows of a dataset come from, unless it is derived from another dataset. */
export type Source = Exclude<SourceSpec, { readonly kind: "derived" }>;

/** Files on this machine. */
export type FileSource = Extract<SourceSpec, { readonly kind: "file" }>;

/** Files elsewhere. */
export type RemoteSource = Extract<SourceSpec, { readonly kind: "s3" | "http" }>;

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
 * @param path relative to the project file, `npm:<package>/<path>`, or an input; a file, or a pattern of files; or `s3(…)`, `http(…)`
 * @example
 * parquet("npm:vega-datasets/data/flights-3m.parquet")
 * @example
 * parquet("flights/*.parquet")
 */
export function parquet(path: Path): FileSource;
export function parquet(files: RemoteFiles): RemoteSource;
export function parquet(path: Path | RemoteFiles): FileSource | RemoteSource {
  return file("parquet", path);
}

/**
 * An Arrow file, or many: IPC files and IPC streams, as pyarrow, polars and R write them, compressed with LZ4 or Zstandard or not;
 * Feather of version 2 is the same. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input; a file, or a pattern of files; or `s3(…)`, `http(…)`
 * @example
 * arrow("flights/*.arrow")
 */
export function arrow(path: Path): FileSource;
export function arrow(files: RemoteFiles): RemoteSource;
export function arrow(path: Path | RemoteFiles): FileSource | RemoteSource {
  return file("arrow", path);
}

/**
 * A CSV file with a header line: commas, UTF-8, `.gz` or not; or many. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input; a file, or a pattern of files; or `s3(…)`, `http(…)`
 * @example
 * csv("weather.csv.gz")
 * @example
 * csv("weather/2024-*.csv.gz")
 */
export function csv(path: Path): FileSource;
export function csv(files: RemoteFiles): RemoteSource;
export function csv(path: Path | RemoteFiles): FileSource | RemoteSource {
  return file("csv", path);
}

/**
 * A JSON file: an array of objects, or one object a line, `.gz` or not; or many. It stands in `source` of a dataset.
 *
 * @param path relative to the project file, `npm:<package>/<path>`, or an input; a file, or a pattern of files; or `s3(…)`, `http(…)`
 * @example
 * json(input("unemployment.path"))
 */
export function json(path: Path): FileSource;
export function json(files: RemoteFiles): RemoteSource;
export function json(path: Path | RemoteFiles): FileSource | RemoteSource {
  return file("json", path);
}

function file(format: SourceFormat, path: Path | RemoteFiles): FileSource | RemoteSource {
  if (isRemote(path)) return { ...path, format };
  return { kind: "file", format, path: isInput(path) ? `input:${path.input}` : path };
}

function isRemote(path: Path | RemoteFiles): path is RemoteFiles {
  return isRecord(path) && (path["kind"] === "s3" || path["kind"] === "http");
}

/** What is neither a path nor an input stays as it is, for the check of the shape. */
function isInput(path: Path): path is Input {
  return isRecord(path) && path["kind"] === "input" && typeof path["input"] === "string";
}
