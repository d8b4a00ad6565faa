/**
 * Finding a run by what it depends on.
 * @module
 */
import { findLost } from "../models/find-lost.ts";
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import { readOrLose, sayLoss } from "../store/loss.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";
import { type Run, runSchema } from "./run.ts";

export interface FoundRun {
  /** The run, when it is whole with its model. @default it was not trained, or is lost */
  readonly found?: { readonly run: Run; readonly reference: Reference };
  /** What of it is lost. @default it is whole, or was never trained */
  readonly lost?: string;
}

/** Finds the run of an identity. The bytes of its model, and of its framework's answers, are checked. */
export async function findRun(
  store: Pick<Store, "readName" | "writeOnce" | "has" | "getJson" | "check" | "stat">,
  identity: Digest,
): Promise<FoundRun> {
  const digest = await readArtefact(store, artefactNames.run(identity));
  if (digest === undefined) return {};
  const read = await readOrLose(store, digest, runSchema);
  if ("state" in read) return { lost: sayLoss("its run", read.state) };
  const lost = await findLost(store, read.document, "its run");
  if (lost !== undefined) return { lost };
  const reference = await store.stat(digest);
  return reference ? { found: { run: read.document, reference } } : { lost: sayLoss("its run", "gone") };
}
