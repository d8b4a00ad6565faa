/**
 * The inputs of a model as SQL over rows of features: the numbers that `models/encode.ts` makes of them one by one, made of many at once.
 * Pure.
 * @module
 */
import { quoteName, quoteNumber, quoteText } from "../data/sql.ts";
import { compileSteps, type FittedStep } from "../features/fitted-step.ts";
import type { EncodingSignature } from "../models/encode.ts";

export interface EncodedInputs {
  /** What is to be run once, before rows are encoded. */
  readonly setup: readonly string[];
  /** SQL of each input, a DOUBLE or null where it is missing, in their order. */
  readonly inputs: readonly string[];
  /** The places of inputs that refuse a text that no training row had: they have `refusedCode` then. */
  readonly refusing: readonly number[];
}

/** Stands for a text that a feature refuses. No category has it. */
export const refusedCode = -2;
/** As `models/encode.ts` has it. */
const unknownCode = -1;

/** Compiles the encoding of features that stand under their names: numbers and booleans as DOUBLE, categories as VARCHAR. */
export function encodeInputs({ inputs, categories, fitted = {} }: EncodingSignature): EncodedInputs {
  const own = <T>(record: Readonly<Record<string, readonly T[]>>, name: string): readonly T[] =>
    (Object.hasOwn(record, name) && record[name]) || [];
  const encoded = inputs.map(({ name, type }, place): Encoded => {
    const [sql, steps] = [quoteName(name), own(fitted, name)];
    if (type === "category")
      return encodeCategory(sql, { categories: own(categories, name), steps, type: `category_${place}` });
    return { input: type === "number" && steps.length > 0 ? compileSteps(finiteOf(sql), steps) : sql };
  });
  return {
    setup: encoded.flatMap(({ setup = [] }) => setup),
    inputs: encoded.map(({ input }) => input),
    refusing: encoded.flatMap(({ refuses = false }, place) => (refuses ? [place] : [])),
  };
}

interface Encoded {
  readonly input: string;
  /** @default nothing is to be run before */
  readonly setup?: readonly string[];
  /** @default false */
  readonly refuses?: boolean;
}

/** A number that is none, or infinite, is missing: so the training rows have it. */
function finiteOf(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
}

interface Category {
  readonly categories: readonly string[];
  readonly steps: readonly FittedStep[];
  /** The name of a type that is made for it. */
  readonly type: string;
}

/** A text by its place among the categories, as a type of its own has it. */
function encodeCategory(sql: string, { categories, steps: [step], type }: Category): Encoded {
  const refuses = step?.op === "category" && step.unseen === "error";
  const other = step?.op === "category" && step.unseen === "other" ? categories.indexOf(step.other) : unknownCode;
  const unseen = refuses ? refusedCode : other;
  const code = `coalesce(CAST(enum_code(TRY_CAST(${sql} AS ${type})) AS DOUBLE), ${quoteNumber(unseen)})`;
  const known = categories.length > 0 ? code : quoteNumber(unseen);
  return {
    setup:
      categories.length > 0
        ? [`CREATE TYPE ${type} AS ENUM (SELECT unnest([${categories.map(quoteText).join(", ")}]))`]
        : [],
    input: `CASE WHEN ${sql} IS NULL THEN ${quoteNumber(unknownCode)} ELSE ${known} END`,
    refuses,
  };
}
