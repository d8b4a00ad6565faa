/**
 * Finding a run by what it depends on.
 * @module
 */
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
  const { onnx, answers } = read.document;
  const state = await store.check(onnx);
  if (state !== "whole") return { lost: sayLoss("the model file of its run", state) };
  const answersState = answers ? await store.check(answers) : "whole";
  if (answersState !== "whole") return { lost: sayLoss("what its framework answered", answersState) };
  const reference = await store.stat(digest);
  return reference ? { found: { run: read.document, reference } } : { lost: sayLoss("its run", "gone") };
}
