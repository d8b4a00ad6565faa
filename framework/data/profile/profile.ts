/**
 * Profiles: what is known of the values of a dataset's part, so small that it is stored beside it, and such that the
 * profiles of parts merge into the profile of all their rows.
 * @module
 */
import { z } from "zod";
import { columnSpec } from "../../definitions/spec.ts";
import { versioned } from "../../definitions/versioned.ts";

/** Central moments in the form in which they merge without loss of digits (Pébay 2008). */
const momentsSchema = z.strictObject({
  mean: z.number(),
  /** The sum of squared differences from the mean; over the count it is the variance. */
  m2: z.number(),
  /** The sum of cubed differences from the mean, from which the skew is read. */
  m3: z.number(),
});

/** How many different numbers, or texts, a column has at most whose every value is kept with its count. */
export const fewNumbers = 256;
export const fewTexts = 512;

/** A value and how often it occurs. */
const numberCount = z.tuple([z.number(), z.int()]);

/**
 * A text and how often it occurs: exactly, or at least and at most. One that is long is cut and carries its digest, see
 * `text-label.ts`.
 */
const textCount = z.union([z.tuple([z.string(), z.int()]), z.tuple([z.string(), z.int(), z.int()])]);

/**
 * Numbers: of a timestamp, microseconds since 1970 (whole from 1684 to 2255, else as near as a double comes); of a vector, its
 * Euclidean length, infinite where it overflows.
 */
const numbersSchema = z.strictObject({
  kind: z.literal("numbers"),
  /** @default there is no value */
  min: z.number().optional(),
  max: z.number().optional(),
  /** @default there is no value, or they overflow a double */
  moments: momentsSchema.optional(),
  /** Values that are infinite or no number; they count as values and are in nothing else. @default 0 */
  nonFinite: z.int().optional(),
  /** Every value with its count, ascending. @default there are more than `fewNumbers` of them */
  all: z.array(numberCount).optional(),
  /** The histogram, see `histogram-code.ts`. @default `all` says more */
  histogram: z.base64().optional(),
  /** The sketch of the distinct values, see `distinct-sketch.ts`. @default `all` says more */
  distinct: z.base64().optional(),
});

const textsSchema = z.strictObject({
  kind: z.literal("texts"),
  /** Lengths in code points. @default there is no value */
  length: z.strictObject({ min: z.int(), max: z.int(), sum: z.int() }).optional(),
  /** Most frequent first, then by code units. All values where `unlisted` is 0. */
  top: z.array(textCount),
  /** How often a text that is not in `top` occurs at most; 0 when there is none. */
  unlisted: z.int(),
  /** The sketch of the distinct values. @default `top` has all of them */
  distinct: z.base64().optional(),
});

const booleansSchema = z.strictObject({ kind: z.literal("booleans"), false: z.int(), true: z.int() });

export const columnProfileSchema = z.strictObject({
  name: z.string(),
  type: columnSpec.shape.type,
  /** Values that are not null. */
  count: z.int(),
  nulls: z.int(),
  values: z.discriminatedUnion("kind", [numbersSchema, textsSchema, booleansSchema]),
});

export const profileSchema = versioned("dataset-profile", { rows: z.int(), columns: z.array(columnProfileSchema) });

export type Moments = z.output<typeof momentsSchema>;
export type NumbersProfile = z.output<typeof numbersSchema>;
export type TextsProfile = z.output<typeof textsSchema>;
export type TextCount = z.output<typeof textCount>;
export type BooleansProfile = z.output<typeof booleansSchema>;
export type ColumnProfile = z.output<typeof columnProfileSchema>;
export type Profile = z.output<typeof profileSchema>;
