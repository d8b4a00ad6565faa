/**
 * A problem as a process passes it to another.
 * @module
 */
import { z } from "zod";
import type { Problem } from "./problem.ts";
import { type ProblemCode, problemCatalogue } from "./problem-catalogue.ts";

export const problemSchema = z.strictObject({
  code: z.custom<ProblemCode>((code) => typeof code === "string" && Object.hasOwn(problemCatalogue, code)),
  at: z.string(),
  what: z.string(),
  got: z.string().exactOptional(),
  expected: z.string().exactOptional(),
  fix: z.string().exactOptional(),
  file: z.string().exactOptional(),
  line: z.int().exactOptional(),
}) satisfies z.ZodType<Problem>;
