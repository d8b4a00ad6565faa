/**
 * Sources of model versions: where a version's files are, as whoever registers it says. Only what this server keeps can be one, and
 * nothing else that a request carries changes what is taken. Pure.
 * @module
 */
import { readArtifactPath } from "../artifacts/artifact-path.ts";
import { readArtifactUri } from "../artifacts/artifact-uri.ts";
import { invalid, TrackingFailure } from "../tracking-failure.ts";
import { readModelName } from "./registry-name.ts";

export type ModelSource =
  /** `models:/m-<id>`: a logged model. */
  | { readonly kind: "logged-model"; readonly id: string }
  /** `models:/<name>/<version>`, `models:/<name>@<alias>`: another version. */
  | { readonly kind: "version"; readonly name: string; readonly version: string }
  | { readonly kind: "alias"; readonly name: string; readonly alias: string }
  /** `runs:/<run>/<path>`: files of a run. */
  | { readonly kind: "run"; readonly run: string; readonly path: string }
  /** `mlflow-artifacts:/<path>`: files of a run or of a logged model. */
  | { readonly kind: "artifacts"; readonly path: string }
  /** What clients send for a prompt, which has no files. It means nothing, whatever the tags say. */
  | { readonly kind: "none" };

const placeholders: readonly string[] = ["dummy-source", "prompt-template"];

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` for any other address, and for one that could be read in two ways */
export function readModelSource(source: string): ModelSource {
  if (placeholders.includes(source)) return { kind: "none" };
  try {
    const [, scheme, path = ""] = /^(models|runs):\/([^/].*)$/s.exec(source) ?? [];
    if (scheme === "models") return readModelUri(path);
    if (scheme === "runs") return readRunUri(readArtifactPath(path));
    return { kind: "artifacts", path: readArtifactUri(source) };
  } catch (error) {
    if (!(error instanceof TrackingFailure)) throw error;
    throw refuseSource(source, "It must be an address of this server: models:/, runs:/ or mlflow-artifacts:/");
  }
}

/** What is said of a source that is not taken. */
export function refuseSource(source: string, reason: string): TrackingFailure {
  return invalid(`Invalid model version source: '${source}'. ${reason}.`);
}

/** What is said of a source that the run or the logged model which is named does not hold. */
export function refuseOwner(source: string, parameter: "run_id" | "model_id"): TrackingFailure {
  return refuseSource(source, `The ${parameter} request parameter must identify the resource that contains the source`);
}

function readModelUri(path: string): ModelSource {
  const safe = readArtifactPath(path);
  if (/^m-[0-9a-f]{32}$/.test(safe)) return { kind: "logged-model", id: safe };
  const [, aliased, alias] = /^([^/@]+)@([^/@]+)$/.exec(safe) ?? [];
  if (aliased !== undefined && alias !== undefined) return { kind: "alias", name: readModelName(aliased), alias };
  const [, name, version] = /^([^/]+)\/(\d+)$/.exec(safe) ?? [];
  if (name !== undefined && version !== undefined) return { kind: "version", name: readModelName(name), version };
  throw invalid("no address of a model");
}

function readRunUri(path: string): ModelSource {
  const [run = "", ...rest] = path.split("/");
  return { kind: "run", run, path: rest.join("/") };
}
