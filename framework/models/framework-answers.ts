/**
 * What a trainer's own framework answered for some rows when its model was saved: what a server's answers are held against.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { versioned } from "../definitions/versioned.ts";

/** The most rows that are kept. */
const mostAnswers = 256;

const fields = {
  /** Whose answers they are: `lightgbm 4.6.0`. */
  framework: z.string().min(1).max(100),
  /** The split of the rows: the training rows where there are none to validate on. */
  split: z.enum(["train", "validation"]),
  /** The places of the rows in the split, from 0, in their order. */
  rows: z.array(z.int().min(0)).min(1).max(mostAnswers),
  /** What each was answered: one number, or one for each class. */
  answers: z.array(z.array(z.number()).min(1).max(1_000)).min(1).max(mostAnswers),
};

export const frameworkAnswersSchema = versioned("framework-answers", fields);
export type FrameworkAnswers = z.output<typeof frameworkAnswersSchema>;

/** What a job leaves beside its model. */
const written = z
  .strictObject(fields)
  .refine(({ rows, answers }) => rows.length === answers.length)
  .refine(({ rows }) => rows.every((row, at) => at === 0 || row > (rows[at - 1] ?? 0)));

/** Reads what a job has left. A job may leave anything: what is no such record is nothing. */
export function readWrittenAnswers(text: string): FrameworkAnswers | undefined {
  try {
    const { data } = written.safeParse(JSON.parse(text));
    return data && { format: formatOf("framework-answers"), ...data };
  } catch {
    return undefined;
  }
}
