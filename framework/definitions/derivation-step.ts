/**
 * Derivation steps as data: what is done to the rows of one dataset to make those of another.
 * @module
 */
import { z } from "zod";
import { expressionTree } from "./expression-tree.ts";
import { duration } from "./units.ts";

/** What a value of a column is while steps are done: whole numbers are numbers. */
export const derivedKinds = ["string", "number", "boolean", "timestamp"] as const;
export type DerivedKind = (typeof derivedKinds)[number];

/** What a missing value is filled with, found among the values that are there. */
export const fillings = ["mean", "median", "most-frequent"] as const;

const kind = z.enum(derivedKinds);
const column = z.string();
const expressions = z.array(z.strictObject({ name: column, expression: expressionTree })).min(1);
const constant = z.union([z.string(), z.number(), z.boolean()]);
const seed = z.int();

/** The file of a Python program and its hash-locked requirements, relative to the project file. */
const program = { file: z.string(), lock: z.string() };

/** One step; they are done in their order. Lists of columns are in the order of their names, each name once. */
export const derivationStep = z.discriminatedUnion("step", [
  /** Keeps the rows of which the condition is true. */
  z.strictObject({ step: z.literal("filter"), condition: expressionTree }),
  /** Adds columns, or replaces those of the same name. All are computed from the row as it was before. */
  z.strictObject({ step: z.literal("derive"), columns: expressions }),
  /** Makes values of another kind. What cannot be made one is null. */
  z.strictObject({ step: z.literal("cast"), columns: z.array(z.strictObject({ name: column, to: kind })).min(1) }),
  /** Takes numbers to the nearest of those between two bounds, which are given, or fitted. */
  z.strictObject({
    step: z.literal("clip"),
    columns: z
      .array(
        z.union([
          z.strictObject({ name: column, low: z.number(), high: z.number() }),
          z.strictObject({ name: column, quantiles: z.tuple([z.number(), z.number()]) }),
        ]),
      )
      .min(1),
  }),
  /** Fills what is missing, with a constant, or with what is fitted. */
  z.strictObject({
    step: z.literal("impute"),
    columns: z
      .array(
        z.union([z.strictObject({ name: column, by: z.enum(fillings) }), z.strictObject({ name: column, constant })]),
      )
      .min(1),
  }),
  /** Keeps one row of those that have the same values in these columns: the first or last in order of event time. */
  z.strictObject({
    step: z.literal("deduplicate"),
    /** @default all columns */
    by: z.array(column).min(1).optional(),
    keep: z.enum(["first", "last"]),
  }),
  /** Adds columns of another dataset's row, the latest of the key that was known at the row's event time. */
  z.strictObject({
    step: z.literal("join"),
    /** The dataset's name. */
    dataset: z.string(),
    /** A value for each of the dataset's key columns. */
    by: z.array(z.strictObject({ name: column, expression: expressionTree })),
    take: expressions,
    /** How old the other row may be at the row's time. @default of any age */
    ttl: duration.optional(),
  }),
  /** Keeps a share of the rows. */
  z.strictObject({ step: z.literal("sample"), fraction: z.number(), seed }),
  /** Keeps a share, or a number, of the rows of each group. */
  z.strictObject({
    step: z.literal("stratify"),
    by: z.array(column).min(1),
    keep: z.union([z.strictObject({ fraction: z.number() }), z.strictObject({ perGroup: z.int() })]),
    seed,
  }),
  /** Repeats rows of small groups until each has a share of the largest one's rows. */
  z.strictObject({ step: z.literal("oversample"), by: z.array(column).min(1), ratio: z.number(), seed }),
  /** Adds copies of each row, in which numbers lie a little beside what they were. */
  z.strictObject({
    step: z.literal("augment"),
    copies: z.int(),
    noise: z.array(z.strictObject({ name: column, amount: z.number() })).min(1),
    seed,
    /** A column that is true of copies alone. @default nothing tells them */
    mark: column.optional(),
  }),
  /** What a program makes of all the rows. */
  z.strictObject({
    step: z.literal("python"),
    ...program,
    /** The columns of its rows. @default those that it is given */
    gives: z
      .array(z.strictObject({ name: column, kind }))
      .min(1)
      .optional(),
  }),
]);

export type DerivationStep = z.output<typeof derivationStep>;
export type StepOf<Name extends DerivationStep["step"]> = Extract<DerivationStep, { readonly step: Name }>;
