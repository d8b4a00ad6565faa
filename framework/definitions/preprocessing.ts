/**
 * Fitted preprocessing: what the last steps of a feature are, whose constants are found in the training rows of each
 * training set and belong to that version of it.
 * @module
 */
import { z } from "zod";
import type { Expression } from "./expression.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import { isRecord } from "./plain.ts";

/** What a missing number is filled with: of the values that the training rows have. */
export type Imputation = "mean" | "median" | "most-frequent";

/** How a number is scaled: by mean and standard deviation, by smallest and largest value, or by median and quartiles. */
export type Scaling = "standard" | "min-max" | "robust";

/** What is inferred of a number with fitted preprocessing: a feature, of which nothing more is computed. */
export interface Prepared {
  /**
   * What it was before.
   * @example "number"
   */
  readonly prepared: "number";
}

/** A number whose missing values are filled: a feature as it is, or scaled after that. */
export interface ImputedNumber<R extends string, P extends string = never> extends Expression<Prepared, R, P> {
  /**
   * The number, filled before, scaled by constants of the training rows: see `scaled` of a number. Never null.
   * @example row.delay.imputed("median").scaled("standard")
   */
  scaled(by: Scaling): Expression<Prepared, R, P>;
}

/** A number that is scaled: a feature as it is, or filled where it is missing after that. */
export interface ScaledNumber<R extends string, P extends string = never> extends Expression<Prepared, R, P> {
  /**
   * The scaled number, where it is null filled with a constant of the scaled training rows: see `imputed` of a number. Never
   * null.
   * @example row.delay.scaled("robust").imputed("median")
   */
  imputed(by: Imputation): Expression<Prepared, R, P>;
}

/** How a text becomes a category. */
export interface CategoryOptions {
  /**
   * What becomes of a text that the training rows do not have: it is `missing`, as a null is; or an `error`, and a request
   * with it is refused; or `other`, one category for all such texts and for those that are rare in the training rows.
   * @default "missing"
   * @example "other"
   */
  readonly unseen?: "missing" | "error" | "other";
  /**
   * How many training rows have a text at least that is a category of its own and not `other`: a whole number, at least 2.
   * Only with `unseen: "other"`.
   * @default 2 — a text that was seen once says as little as one that was not
   * @example 20
   */
  readonly min?: number;
}

const imputed = z.strictObject({ op: z.literal("imputed"), by: z.enum(["mean", "median", "most-frequent"]) });
const scaled = z.strictObject({ op: z.literal("scaled"), by: z.enum(["standard", "min-max", "robust"]) });

/** A step as data. */
export const preprocessingStep = z.discriminatedUnion("op", [
  imputed,
  scaled,
  z.discriminatedUnion("unseen", [
    z.strictObject({ op: z.literal("category"), unseen: z.literal("error") }),
    z.strictObject({ op: z.literal("category"), unseen: z.literal("other"), min: z.int().min(2) }),
  ]),
]);
export type PreprocessingStep = z.output<typeof preprocessingStep>;

/** The steps as builders make them of what a team wrote. */
export const writtenSteps = z
  .array(
    z.discriminatedUnion("op", [
      imputed,
      scaled,
      z
        .strictObject({
          op: z.literal("category"),
          unseen: z.enum(["missing", "error", "other"]).optional(),
          min: z.int().min(2).optional(),
        })
        .refine(({ unseen, min }) => min === undefined || unseen === "other", '"min" with unseen: "other" alone'),
    ]),
  )
  .refine((steps) => new Set(steps.map(({ op }) => op)).size === steps.length, "imputed() and scaled(), each once");
export type WrittenStep = z.output<typeof writtenSteps>[number];

/** How a builder records a step: around the tree of what it is applied to. No tree of an expression has it inside. */
interface FittedTree {
  readonly op: "fitted";
  readonly of: ExpressionTree;
  readonly step: unknown;
}

/** What was recorded: only of this it is known that it can be read. */
const recorded = new WeakSet<object>();

/** Records a step that is applied to a tree. */
export function recordStep(of: ExpressionTree, step: unknown): ExpressionTree {
  const fitted: FittedTree = { op: "fitted", of, step };
  recorded.add(fitted);
  return fitted as never;
}

/** A feature's tree without the steps at its end, and the steps. What is no tree stays as it is. */
export function takeSteps(tree: ExpressionTree): {
  readonly expression: ExpressionTree;
  readonly preprocessing?: readonly WrittenStep[];
} {
  const steps: unknown[] = [];
  let expression: unknown = tree;
  while (isFitted(expression)) {
    steps.unshift(expression.step);
    expression = expression.of;
  }
  return {
    expression: expression as ExpressionTree,
    ...(steps.length > 0 && { preprocessing: steps as WrittenStep[] }),
  };
}

function isFitted(value: unknown): value is FittedTree {
  return isRecord(value) && recorded.has(value);
}

/** Where a tree has its operands. */
const operands = ["of", "left", "right", "condition", "value", "otherwise", "by"] as const;

/** Whether what should be a tree has a step anywhere in it. What is no tree is not looked into. */
export function holdsStep(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsStep);
  if (!isRecord(value) || !Object.hasOwn(value, "op")) return false;
  return value["op"] === "fitted" || operands.some((name) => Object.hasOwn(value, name) && holdsStep(value[name]));
}

/** The steps as a spec has them, with their defaults; undefined where they change nothing, so that equal meaning has equal bytes. */
export function specifySteps(steps: readonly WrittenStep[] = []): PreprocessingStep[] | undefined {
  const specs = steps.flatMap((step): PreprocessingStep[] => {
    if (step.op !== "category") return [step];
    const { op, unseen = "missing", min = 2 } = step;
    if (unseen === "missing") return [];
    return [unseen === "other" ? { op, unseen, min } : { op, unseen }];
  });
  return specs.length > 0 ? specs : undefined;
}
