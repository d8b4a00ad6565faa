/**
 * Finding an evaluation by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import { readOrLose, sayLoss } from "../store/loss.ts";
import type { Store } from "../store/store.ts";
import { evaluationSchema } from "./evaluation.ts";

export interface FoundEvaluation {
  /** Of the report, when it is whole. @default it was not made, or is lost */
  readonly digest?: Digest;
  /** That it is lost, in words. @default it is whole, or was never made */
  readonly lost?: string;
}

/** Finds the evaluation of an identity. */
export async function findEvaluation(store: Store, identity: Digest): Promise<FoundEvaluation> {
  const digest = await readArtefact(store, artefactNames.evaluation(identity));
  if (digest === undefined) return {};
  const found = await readOrLose(store, digest, evaluationSchema);
  return "state" in found ? { lost: sayLoss("its evaluation", found.state) } : { digest };
}
