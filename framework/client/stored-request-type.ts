/**
 * Request types in the store: each that was ever released, by its digest, so that a client written for an older one can be told
 * what is different.
 * @module
 */
import { trainingJobSpec } from "../definitions/spec.ts";
import type { DesiredModel } from "../engine/desired.ts";
import { describeRequestShape } from "../features/online/request-shape.ts";
import { listServedTables } from "../features/online/served-tables.ts";
import { type PlanStore, readServingSpecs } from "../features/online/serving-plan.ts";
import type { Digest } from "../plan/digest.ts";
import { nameArtefact, readArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { describeRequestType, type RequestType, requestTypeSchema } from "./request-type.ts";

type TypeStore = Pick<Store, "putJson" | "readName" | "writeOnce"> & PlanStore;

/** Stores the request type of a package that has a serving plan, unless it is there. */
export async function nameRequestType(
  store: TypeStore,
  { package: digest, desired }: { readonly package: Digest; readonly desired: Pick<DesiredModel, "training"> },
): Promise<void> {
  const [specs, training] = await Promise.all([
    readServingSpecs(store, digest),
    store.getJson(desired.training, trainingJobSpec),
  ]);
  if (!specs) return;
  const type = describeRequestType(describeRequestShape(listServedTables(specs)), training);
  const { sha256 } = await store.putJson(type);
  await nameArtefact(store, typeName(sha256), sha256);
}

/** The request type of a digest. @returns nothing for one that was never released here */
export async function readRequestType(
  store: Pick<Store, "readName"> & Pick<PlanStore, "getJson">,
  digest: Digest,
): Promise<RequestType | undefined> {
  const found = await readArtefact(
    { readName: (name) => store.readName(name), writeOnce: refuseToWrite },
    typeName(digest),
  );
  return found === undefined ? undefined : store.getJson(found, requestTypeSchema);
}

function typeName(digest: Digest): string {
  return `request-types/${digest}`;
}

function refuseToWrite(): never {
  throw new TypeError("a request type is read here");
}
