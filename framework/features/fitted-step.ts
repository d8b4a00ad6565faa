/**
 * Fitted steps: preprocessing with the constants that were found in the training rows. What they do stands here twice, as
 * SQL for what a trainer reads and as a function for what a caller sends, equal in every bit.
 * @module
 */
import { z } from "zod";
import { quoteNumber, quoteText } from "../data/sql.ts";

/** A step with its constants, which are finite and never −0. */
export const fittedStep = z.discriminatedUnion("op", [
  /** A missing number is `value`. */
  z.strictObject({ op: z.literal("imputed"), value: z.number() }),
  /** A number x is (x − center) ÷ scale in double precision, and missing where that overflows. `scale` is not 0. */
  z.strictObject({ op: z.literal("scaled"), center: z.number(), scale: z.number() }),
  z.discriminatedUnion("unseen", [
    /** A request whose text is none of the categories is refused. In rows with a label such a text counts as missing. */
    z.strictObject({ op: z.literal("category"), unseen: z.literal("error") }),
    /** A text that is none of the categories is `other`, which is one of them. */
    z.strictObject({ op: z.literal("category"), unseen: z.literal("other"), other: z.string() }),
  ]),
]);
export type FittedStep = z.output<typeof fittedStep>;

/** The steps of features by their names, each in the order in which it is applied. */
export const fittedSteps = z.record(z.string(), z.array(fittedStep).min(1));

/** A number after steps; one that is missing, or has become too large, is null. */
export type Transform = (value: number | null) => number | null;

/** The function of steps of a number. */
export function createTransform(steps: readonly FittedStep[]): Transform {
  const functions = steps.map(toFunction);
  return (value) => functions.reduce((result, apply) => apply(result), value === null ? null : toFinite(value));
}

function toFunction(step: FittedStep): Transform {
  switch (step.op) {
    case "imputed":
      return (value) => value ?? step.value;
    case "scaled":
      return (value) => (value === null ? null : toFinite((value - step.center) / step.scale));
    case "category":
      return (value) => value;
  }
}

function toFinite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** SQL of a number, or of a text that is one of `categories`, after steps. What it is made from is finite or NULL. */
export function compileSteps(sql: string, steps: readonly FittedStep[], categories: readonly string[] = []): string {
  return steps.reduce((result, step) => compileStep(result, step, categories), sql);
}

function compileStep(sql: string, step: FittedStep, categories: readonly string[]): string {
  switch (step.op) {
    case "imputed":
      return `coalesce(${sql}, ${quoteNumber(step.value)})`;
    case "scaled": {
      const scaled = `((${sql} - ${quoteNumber(step.center)}) / ${quoteNumber(step.scale)})`;
      return `CASE WHEN isfinite(${scaled}) THEN ${scaled} END`;
    }
    case "category": {
      if (step.unseen === "error") return sql;
      // A list may not be empty, and "other" is always among the categories.
      const known = `${sql} IN (${categories.map(quoteText).join(", ")})`;
      return `CASE WHEN ${sql} IS NULL OR ${known} THEN ${sql} ELSE ${quoteText(step.other)} END`;
    }
  }
}
