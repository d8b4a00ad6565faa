/**
 * Addresses to which rows are pushed. Pure.
 * @module
 */
import type { ProjectSpec } from "../../definitions/spec.ts";

/** The names of the datasets of a project that take rows. */
export function listPushDatasets(definitions: ProjectSpec["definitions"]): readonly string[] {
  return definitions.flatMap((spec) => (spec.kind === "dataset" && spec.source.kind === "push" ? [spec.name] : []));
}

/** Where the rows of each of some datasets are pushed, by their names, on the local platform. */
export function addressRows(port: number, datasets: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(datasets.map((name) => [name, `http://127.0.0.1:${port}/datasets/${name}/rows`]));
}
