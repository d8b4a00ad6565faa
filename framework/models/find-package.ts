/**
 * Finding a model package by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import { readOrLose, sayLoss } from "../store/loss.ts";
import type { Store } from "../store/store.ts";
import { findLost } from "./find-lost.ts";
import { modelPackageSchema } from "./model-package.ts";

export interface FoundPackage {
  /** Of the package, when it is whole with its model. @default it was not made, or is lost */
  readonly digest?: Digest;
  /** What of it is lost. @default it is whole, or was never made */
  readonly lost?: string;
}

/** Finds the package of an identity. The bytes of its model, and of its framework's answers, are checked. */
export async function findPackage(
  store: Pick<Store, "readName" | "writeOnce" | "has" | "getJson" | "check">,
  identity: Digest,
): Promise<FoundPackage> {
  const digest = await readArtefact(store, artefactNames.package(identity));
  if (digest === undefined) return {};
  const found = await readOrLose(store, digest, modelPackageSchema);
  if ("state" in found) return { lost: sayLoss("its package", found.state) };
  const lost = await findLost(store, found.document, "its package");
  return lost === undefined ? { digest } : { lost };
}
