/**
 * The shape of an expression as builders make it.
 * @module
 */
import { z } from "zod";
import { expressionTree } from "./expression-tree.ts";
import { isRecord } from "./plain.ts";
import { holdsStep } from "./preprocessing.ts";

/** An expression of a row. */
export const expressionShape = z
  .custom((value) => isRecord(value) && "op" in value, "an expression of the row, such as row.delay.abs()")
  .refine(
    (value) => !holdsStep(value),
    "imputed(), scaled() and the options of category() at the end of a feature, and nowhere else",
  )
  .pipe(expressionTree);
