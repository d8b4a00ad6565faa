/**
 * What outputs say, as text: the answer to a request and the record of it say the same, and the digits of a number take longer to find
 * than most of what stands around them. Pure.
 * @module
 */
import type { ModelPackage } from "../../models/model-package.ts";
import { createOutputs } from "../protocol.ts";

/** Writes each of a model's outputs, in the order of `listOutputs`, as a JSON list without its brackets. */
export function writeOutputs(modelPackage: ModelPackage, answers: readonly number[]): readonly string[] {
  return createOutputs(modelPackage, answers).map(({ data }) => {
    const [only] = data;
    // One number is what most models answer.
    return data.length === 1 && Number.isFinite(only) ? `${only}` : JSON.stringify(data).slice(1, -1);
  });
}
