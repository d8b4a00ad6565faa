/**
 * The shape of a derivation as its builder makes it.
 * @module
 */
import { z } from "zod";
import { derivedKinds, fillings } from "./derivation-step.ts";
import { expressionShape } from "./expression-shape.ts";
import { pathShape } from "./path-shape.ts";
import { isRecord } from "./plain.ts";
import { duration } from "./units.ts";

const text = z.string().min(1);
const seed = z.int().optional();
const dataset = z.custom((value) => isRecord(value) && value["kind"] === "dataset", "a dataset of the project");

/** Columns by their names, one at least. */
function columns<T extends z.ZodType>(value: T, expected: string) {
  return z
    .custom((given) => isRecord(given) && Object.keys(given).length > 0, expected)
    .pipe(z.record(z.string(), value));
}

const made = "a function that gives an object of one column at least: (row) => ({ … })";
const expressions = columns(expressionShape, made);
const names = z
  .array(text, 'columns that differ: ["flight", "date"]')
  .min(1)
  .refine((all) => new Set(all).size === all.length, "columns that differ");
const group = z.union([text, names], "a column, or columns that differ");
const share = z.number().gt(0).max(1);
const quantile = z.number().min(0).max(1);

const steps = z.discriminatedUnion("step", [
  z.strictObject({ step: z.literal("filter"), condition: expressionShape }),
  z.strictObject({ step: z.literal("derive"), columns: expressions }),
  z.strictObject({
    step: z.literal("cast"),
    columns: columns(z.enum(derivedKinds), 'kinds by columns: { distance: "number" }'),
  }),
  z.strictObject({
    step: z.literal("clip"),
    columns: columns(
      z.union(
        [z.tuple([z.number(), z.number()]), z.strictObject({ quantiles: z.tuple([quantile, quantile]) })],
        "two bounds: [-60, 600], or { quantiles: [0.01, 0.99] } from 0 to 1",
      ),
      "bounds by columns: { delay: [-60, 600] }",
    ),
  }),
  z.strictObject({
    step: z.literal("impute"),
    columns: columns(
      z.union(
        [z.enum(fillings), z.strictObject({ constant: z.union([z.string(), z.number(), z.boolean()]) })],
        '"mean", "median", "most-frequent" or { constant: … }',
      ),
      'fillings by columns: { delay: "median" }',
    ),
  }),
  z.strictObject({
    step: z.literal("deduplicate"),
    by: names.optional(),
    keep: z.enum(["first", "last"]).optional(),
  }),
  z.strictObject({
    step: z.literal("join"),
    dataset,
    by: z.record(z.string(), expressionShape, "a function that gives an object: (row) => ({ … })"),
    take: expressions,
    ttl: duration.optional(),
  }),
  z.strictObject({ step: z.literal("sample"), fraction: share, seed }),
  z
    .strictObject({
      step: z.literal("stratify"),
      by: group,
      fraction: share.optional(),
      perGroup: z.int().min(1).optional(),
      seed,
    })
    .refine(({ fraction, perGroup }) => (fraction === undefined) !== (perGroup === undefined), {
      error: '"fraction" or "perGroup", one of the two',
    }),
  z.strictObject({
    step: z.literal("oversample"),
    by: group,
    to: z.union([z.literal("balanced"), share], '"balanced", or a share above 0 and at most 1'),
    seed,
  }),
  z.strictObject({
    step: z.literal("augment"),
    copies: z.int().min(1).max(100),
    noise: columns(z.number().gt(0), "amounts by columns: { delay: 5 }"),
    mark: text.optional(),
    seed,
  }),
  z.strictObject({
    step: z.literal("python"),
    file: pathShape,
    lock: pathShape,
    gives: columns(z.enum(derivedKinds), 'kinds by columns: { score: "number" }').optional(),
  }),
]);

/** What steps make of another dataset. */
export const derivationShape = z.strictObject({
  kind: z.literal("derived"),
  from: dataset,
  steps: z.array(steps, "a function that gives the rows, with one step at least: (rows) => rows.filter(…)").min(1),
});
