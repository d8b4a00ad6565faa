/**
 * The shape of an endpoint's feedback as a team writes it.
 * @module
 */
import { z } from "zod";
import { expressionShape as expression } from "./expression-shape.ts";
import { feedbackSpec, observedSpec } from "./feedback-spec.ts";
import { isRecord } from "./plain.ts";

/** @param dataset a reference to a dataset of the project */
export function shapeFeedback(dataset: z.ZodType) {
  return feedbackSpec.extend({
    label: z.custom(
      (value) => value instanceof z.ZodType,
      "a schema of the zod that Steward uses, such as z.boolean()",
    ),
    observed: z
      .union([z.literal("always"), observedSpec], '"always", { when: … }, { atLeast: … } or { below: … }')
      .optional(),
    from: z
      .custom((value) => isRecord(value) && value["kind"] === "labels", "labels(dataset, (row) => ({ … }))")
      .pipe(
        z.strictObject({
          kind: z.literal("labels"),
          dataset,
          columns: z.strictObject(
            { id: expression, label: expression, row: expression.optional(), time: expression.optional() },
            "a function that gives an object: (row) => ({ id: …, label: … })",
          ),
        }),
      )
      .optional(),
  });
}
