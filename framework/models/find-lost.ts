/**
 * What is lost of the objects that a model stands on.
 * @module
 */
import { sayLoss } from "../store/loss.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";

/** The objects of a run, and of the package that is made of it. */
export interface ModelObjects {
  readonly onnx: Reference;
  readonly answers?: Reference | undefined;
}

/**
 * Checks the bytes of a model, and of its framework's answers.
 * @param owner what they are of, in words: `its run`
 * @returns what is lost, in words. @default undefined where all is whole
 */
export async function findLost(
  store: Pick<Store, "check">,
  { onnx, answers }: ModelObjects,
  owner: string,
): Promise<string | undefined> {
  const state = await store.check(onnx);
  if (state !== "whole") return sayLoss(`the model file of ${owner}`, state);
  const answersState = answers ? await store.check(answers) : "whole";
  return answersState === "whole" ? undefined : sayLoss("what its framework answered", answersState);
}
