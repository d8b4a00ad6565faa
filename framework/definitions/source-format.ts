/**
 * The format in which the rows of a source are read.
 * @module
 */
import type { SourceSpec } from "./spec.ts";

/** What files of rows are written in. */
export type SourceFormat = Extract<SourceSpec, { readonly format: unknown }>["format"];

/** The format of what a source gives: a database answers in CSV, rows are pushed as JSON, and steps write Parquet. */
export function formatOfSource(source: SourceSpec): SourceFormat {
  switch (source.kind) {
    case "file":
    case "s3":
    case "http":
      return source.format;
    case "postgres":
      return "csv";
    case "push":
      return "json";
    case "derived":
      return "parquet";
  }
}
