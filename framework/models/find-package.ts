/**
 * Finding a model package by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { modelPackageSchema } from "./model-package.ts";

/** Finds the digest of the package of an identity. @returns nothing when there is none, or its model is not in the store */
export async function findPackage(store: Store, identity: Digest): Promise<Digest | undefined> {
  const digest = await readArtefact(store, artefactNames.package(identity));
  if (!digest || !(await store.has(digest))) return undefined;
  const { onnx } = await store.getJson(digest, modelPackageSchema);
  return (await store.has(onnx.sha256)) ? digest : undefined;
}
