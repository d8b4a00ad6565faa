/**
 * Where the files of a version are: its source, followed to a run, a logged model or another version that this server has.
 * @module
 */
import { joinPath } from "../artifacts/artifact-path.ts";
import { liesWithin, readArtifactUri, toArtifactUri } from "../artifacts/artifact-uri.ts";
import type { AnySql } from "../database.ts";
import { TrackingFailure } from "../tracking-failure.ts";
import { findAliased } from "./alias-routes.ts";
import { readModelSource, refuseOwner, refuseSource } from "./model-source.ts";
import { findVersion, type VersionKey } from "./model-version.ts";

/** What a request says of where a version comes from. */
export interface GivenSource {
  readonly source: string;
  /** @default "" none */
  readonly run_id: string;
  /** A logged model. @default "" none */
  readonly model_id: string;
}

/** Where a version comes from, for the record. */
export interface ResolvedSource {
  readonly source: string;
  readonly location: string;
  readonly run_id: string | null;
  readonly logged_model: string | null;
}

/** A run or a logged model, as far as sources are about it. */
interface Owner {
  readonly location: string;
  readonly run_id: string | null;
}

/**
 * Follows a source. Whatever else the request names must be there and must hold it, and what it does not name is filled in.
 * @throws TrackingFailure `INVALID_PARAMETER_VALUE` for a source that is none of this server's, or not of the run or model it is given
 * with; `RESOURCE_DOES_NOT_EXIST` for a version that is none
 */
export async function resolveSource(sql: AnySql, given: GivenSource): Promise<ResolvedSource> {
  const meant = readModelSource(given.source);
  const { source } = given;
  const run = given.run_id === "" ? undefined : await findRun(sql, given.run_id, source);
  const model = given.model_id === "" ? undefined : await findLoggedModel(sql, given.model_id, source);
  const owners = { run_id: run?.run_id ?? model?.run_id ?? null, logged_model: model ? given.model_id : null };
  switch (meant.kind) {
    case "none":
      return { source, location: source, ...owners };
    case "logged-model": {
      if (model && given.model_id !== meant.id) throw refuseOwner(source, "model_id");
      const { location, run_id } = model ?? (await findLoggedModel(sql, meant.id, source));
      return { source, location, run_id: run?.run_id ?? run_id, logged_model: meant.id };
    }
    case "run": {
      if (model) throw refuseOwner(source, "model_id");
      if (run && given.run_id !== meant.run) throw refuseOwner(source, "run_id");
      const { location } = run ?? (await findRun(sql, meant.run, source));
      const path = joinPath(pathOf(location, source), meant.path);
      return { source, location: toArtifactUri(path), run_id: meant.run, logged_model: null };
    }
    case "artifacts": {
      const owner = model ?? run;
      const parameter = model ? "model_id" : "run_id";
      if (!owner || !liesWithin(meant.path, pathOf(owner.location, source))) throw refuseOwner(source, parameter);
      return { source, location: toArtifactUri(meant.path), ...owners };
    }
    case "version":
      return followVersion(sql, await findVersion(sql, meant), { name: meant.name, given });
    case "alias":
      return followVersion(sql, await findAliased(sql, meant.name, meant.alias), { name: meant.name, given });
  }
}

async function followVersion(
  sql: AnySql,
  { model, version }: VersionKey,
  { name, given }: { readonly name: string; readonly given: GivenSource },
): Promise<ResolvedSource> {
  const [found] = await sql<ResolvedSource[]>`
    SELECT source, location, run_id, logged_model FROM model_versions WHERE model = ${model} AND version = ${version}`;
  if (!found || readModelSource(found.source).kind === "none") {
    throw refuseSource(given.source, "Prompt versions cannot be used as model version sources");
  }
  const { location, run_id, logged_model } = found;
  if (differs(given.run_id, run_id) || differs(given.model_id, logged_model)) {
    throw refuseSource(
      given.source,
      "The run_id and model_id request parameters must match the referenced model version",
    );
  }
  return { source: `models:/${name}/${version}`, location, run_id, logged_model };
}

function differs(given: string, found: string | null): boolean {
  return given !== "" && given !== found;
}

async function findRun(sql: AnySql, run: string, source: string): Promise<Owner> {
  const [found] = await sql<Owner[]>`SELECT artifact_uri AS location, run_id FROM runs WHERE run_id = ${run}`;
  if (found) return found;
  throw refuseOwner(source, "run_id");
}

async function findLoggedModel(sql: AnySql, id: string, source: string): Promise<Owner> {
  const [found] = await sql<Owner[]>`
    SELECT artifact_uri AS location, source_run_id AS run_id FROM logged_models
    WHERE model_id = ${id} AND lifecycle_stage = 'active'`;
  if (found) return found;
  throw refuseOwner(source, "model_id");
}

/** An experiment may have been given a place that is not this server's. */
function pathOf(location: string, source: string): string {
  try {
    return readArtifactUri(location);
  } catch (error) {
    if (error instanceof TrackingFailure) throw refuseSource(source, "Its artifacts are not kept by this server");
    throw error;
  }
}
