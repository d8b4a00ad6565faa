/**
 * The programs among the steps of a derived dataset.
 * @module
 */
import type { StepOf } from "./derivation-step.ts";
import type { DatasetSpec } from "./spec.ts";

interface StepProgram extends Pick<StepOf<"python">, "file" | "lock"> {
  /** Where it stands in its dataset: `source.steps[2].python`. */
  readonly at: string;
}

/** The programs of a dataset's steps, in their order; only a derived one may have any. Pure. */
export function listPrograms({ source }: Pick<DatasetSpec, "source">): readonly StepProgram[] {
  if (source.kind !== "derived") return [];
  return source.steps.flatMap((step, i) =>
    step.step === "python" ? [{ at: `source.steps[${i}].python`, file: step.file, lock: step.lock }] : [],
  );
}
