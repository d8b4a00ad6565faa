/**
 * What a spec says of an endpoint's feedback.
 * @module
 */
import { z } from "zod";
import { expressionTree } from "./expression-tree.ts";
import { duration } from "./units.ts";

/** What a label may be. */
export const labelSpec = z.strictObject({
  type: z.enum(["boolean", "string", "integer", "number"]),
  /** Inclusive bounds of a number. @default none */
  min: z.number().optional(),
  max: z.number().optional(),
  /** The only values that a text may have. @default it is none */
  values: z.array(z.string()).optional(),
});
export type LabelSpec = z.output<typeof labelSpec>;

/** Of which answers a label can come to be known, where it is not of all. */
export const observedSpec = z.union(
  [
    z.strictObject({ when: z.union([z.boolean(), z.string()]) }),
    z.strictObject({ atLeast: z.number() }),
    z.strictObject({ below: z.number() }),
  ],
  '"always", { when: … }, { atLeast: … } or { below: … }',
);
export type ObservedSpec = z.output<typeof observedSpec>;

/** How the labels of an endpoint's answers come to be known. */
export const feedbackSpec = z.strictObject({
  label: labelSpec,
  /** How long after its answer a label is taken to be final. */
  matures: duration,
  /** @default a label can come to be known of every answer */
  observed: observedSpec.optional(),
  /** The dataset whose rows are labels, and what of a row is what. @default there is none */
  from: z
    .strictObject({
      dataset: z.string(),
      id: expressionTree,
      label: expressionTree,
      /** @default 0 */
      row: expressionTree.optional(),
      /** @default the event time of the dataset */
      time: expressionTree.optional(),
    })
    .optional(),
});
export type FeedbackSpec = z.output<typeof feedbackSpec>;
