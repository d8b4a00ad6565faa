/**
 * A version of a model with all that is recorded of it, for commands.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import { modelSpec } from "../definitions/spec.ts";
import type { Candidate, EntityStatus, LiveModel } from "../engine/entity-status.ts";
import { evaluationSchema } from "../evaluation/evaluation.ts";
import type { CardParts } from "../evaluation/model-card.ts";
import { modelPackageSchema } from "../models/model-package.ts";
import { describeCode } from "../project/code-record.ts";
import { artefactNames, type NameStore, readArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { runSchema } from "../training/run.ts";

/** Which version is meant: the one in production, or the candidate that waits for a decision. */
export type Stage = "production" | "candidate";

/**
 * Finds a version of a model.
 *
 * @param status of the model; nothing where none of that name is deployed
 * @throws StewardError `entity-unknown` where there is no such model, `model-not-live` where it has no version of that stage
 */
export function findModelVersion(
  name: string,
  status: EntityStatus | undefined,
  stage: Stage = "production",
): LiveModel | Candidate {
  const found = stage === "candidate" ? status?.candidate : status?.live;
  if (found && "evaluation" in found && "desired" in found) return found;
  if (!status) {
    throw new StewardError({
      code: "entity-unknown",
      at: `model/${name}`,
      what: `there is no model "${name}"`,
      fix: "npx steward status lists what there is",
    });
  }
  throw new StewardError({
    code: "model-not-live",
    at: `model/${name}`,
    what:
      stage === "candidate" ? `no candidate of model "${name}" waits` : `model "${name}" has no version in production`,
    got: status.summary,
  });
}

/** Reads all that is recorded of a version. */
export async function readModelVersion(
  store: Pick<Store, "getJson">,
  found: Pick<LiveModel, "package" | "evaluation" | "desired" | "from"> & { readonly version?: number },
): Promise<CardParts> {
  return {
    spec: await store.getJson(found.desired.spec, modelSpec),
    package: await store.getJson(found.package, modelPackageSchema),
    packageDigest: found.package,
    evaluation: await store.getJson(found.evaluation, evaluationSchema),
    ...(found.version !== undefined && { version: found.version }),
    ...(found.from && { from: found.from }),
    ...(found.desired.code && { source: describeCode(found.desired.code) }),
  };
}

/**
 * The names of the GPUs that a run was trained on.
 *
 * @param run its identity
 * @returns nothing where it was trained on none, or where its record is not in the store any more
 */
export async function findRunGpus(
  store: NameStore & Pick<Store, "has" | "getJson">,
  run: string,
): Promise<readonly string[] | undefined> {
  const digest = await readArtefact(store, artefactNames.run(run));
  if (digest === undefined || !(await store.has(digest))) return undefined;
  return (await store.getJson(digest, runSchema)).gpus?.map(({ name }) => name);
}
