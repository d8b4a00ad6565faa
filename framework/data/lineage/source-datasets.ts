/**
 * What a dataset is made of, as OpenLineage names data that are kept elsewhere. Pure.
 * @module
 */
import type { IngestedVersion } from "./ingested-version.ts";
import type { LineagePlace } from "./place.ts";

export interface SourceDataset {
  readonly namespace: string;
  readonly name: string;
  /** @default it has none of its own */
  readonly uri?: string;
}

/** The sources of a dataset: one, or, where it is derived, the datasets that it is derived from. */
export function nameSources(
  { name, source }: IngestedVersion["spec"],
  { jobNamespace, datasetNamespace }: LineagePlace,
): readonly SourceDataset[] {
  switch (source.kind) {
    case "file":
      return [nameFile(source.path)];
    case "s3":
      return [{ namespace: `s3://${source.bucket}`, name: source.path, uri: `s3://${source.bucket}/${source.path}` }];
    case "http": {
      const { origin, pathname } = new URL(source.url);
      // What follows the path may be a key.
      return [{ namespace: origin, name: pathname, uri: `${origin}${pathname}` }];
    }
    case "postgres":
      // Where the database is the stack supplies: the address is a secret.
      return [{ namespace: "postgres", name: `${source.url}/${name}` }];
    case "push":
      return [{ namespace: jobNamespace, name: `${name}.push` }];
    case "derived":
      return source.from.map((from) => ({ namespace: datasetNamespace, name: from }));
  }
}

function nameFile(path: string): SourceDataset {
  if (!path.startsWith("npm:")) return { namespace: "file", name: path };
  return { namespace: "npm", name: path.slice("npm:".length), uri: encodeURI(path) };
}
