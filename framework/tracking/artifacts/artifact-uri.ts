/**
 * Addresses of artifacts: `mlflow-artifacts:/1/<run>/artifacts/model`, as clients are told them and send them back. Pure.
 * @module
 */
import { invalid } from "../tracking-failure.ts";
import { readArtifactPath } from "./artifact-path.ts";

const prefix = "mlflow-artifacts:/";

/** The address of a path below the root of all artifacts. */
export function toArtifactUri(path: string): string {
  return `${prefix}${path}`;
}

/**
 * The path that an address means: it has no host, no query and no fragment, and nothing in it is encoded.
 * @throws TrackingFailure `INVALID_PARAMETER_VALUE` for any other
 */
export function readArtifactUri(uri: string): string {
  if (!uri.startsWith(prefix) || uri.startsWith(`${prefix}/`)) throw invalid("Invalid path");
  return readArtifactPath(uri.slice(prefix.length));
}

/** Whether a path is a folder's own or lies in it. */
export function liesWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
