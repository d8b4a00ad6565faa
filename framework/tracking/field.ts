/**
 * Fields of requests as MLflow's clients send them: proto3 as JSON, where whole numbers may be texts and a query has nothing but
 * texts. Pure.
 * @module
 */
import { z } from "zod";

/** The largest that a key of a metric, a parameter or a tag may be, in characters. */
export const longestKey = 250;

/** A whole number of eight bytes, as a number or as its digits. It must be exact as a double. */
export const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number)
    .pipe(z.int()),
]);

/** A double, also as MLflow writes those that JSON has not: "NaN", "Infinity", "-Infinity". What lies beyond is the largest there is. */
export const double = z.union([
  z.number(),
  z.enum(["NaN", "Infinity", "-Infinity"]).transform((text) => clampDouble(Number(text))),
  z
    .string()
    .regex(/^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/)
    .transform((text) => clampDouble(Number(text))),
]);

/** A text that must be there and say something. */
export const required = z.string().min(1);

/** Zero or more texts; a query that has one of them has it alone. */
export const texts = z.union([z.array(z.string()), z.string().transform((one) => [one])]).default([]);

/** Of which stages of life something is looked for, by its name or by its number in the protocol. */
export const viewType = z
  .union([z.enum(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]), z.enum(["1", "2", "3"]), z.literal([1, 2, 3])])
  .default("ACTIVE_ONLY")
  .transform((view) => {
    const number = Number(view);
    return Number.isNaN(number)
      ? (view as "ALL")
      : ((["ACTIVE_ONLY", "DELETED_ONLY", "ALL"] as const)[number - 1] ?? "ALL");
  });

/** A key and a value, as tags and parameters are sent; a value that is not sent is empty. */
export const keyValue = z.object({
  key: z.string(),
  value: z
    .string()
    .nullish()
    .transform((value) => value ?? ""),
});

/** Pairs of keys and values. */
export const keyValues = z.array(keyValue).default([]);

/** Infinities are the largest doubles, on the wire and in the database. */
function clampDouble(value: number): number {
  return Number.isNaN(value) ? value : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

/** A double as it is sent. */
export function writeDouble(value: number): number | "NaN" {
  return Number.isNaN(value) ? "NaN" : value;
}
