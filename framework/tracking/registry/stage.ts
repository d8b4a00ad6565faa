/**
 * Stages of model versions, as older clients have them; aliases took their place. Pure.
 * @module
 */
import { invalid } from "../tracking-failure.ts";

/** Every stage, in the order in which messages name them. */
export const stages = ["None", "Staging", "Production", "Archived"] as const;

export type Stage = (typeof stages)[number];

/** The stages whose other versions may be archived by a transition. */
const active: readonly Stage[] = ["Staging", "Production"];

/** A stage, however it is capitalised. @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what is none */
export function readStage(given: string): Stage {
  const found = stages.find((stage) => stage.toLowerCase() === given.toLowerCase());
  if (found) return found;
  throw invalid(`Invalid Model Version stage: ${given}. Value must be one of ${stages.join(", ")}.`);
}

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` where a transition to this stage cannot archive the versions that are in it */
export function requireActive(stage: Stage): void {
  if (active.includes(stage)) return;
  const valid = `[${active.map((one) => `'${one}'`).join(", ")}]`;
  throw invalid(
    `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ${valid}`,
  );
}
