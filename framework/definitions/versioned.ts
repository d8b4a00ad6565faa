/**
 * Documents that say their format, written and read.
 * @module
 */
import { z } from "zod";
import {
  type FormatName,
  type FormatOf,
  type FormatPlace,
  findFormatProblem,
  formatOf,
  type Upgrades,
  upgradeDocument,
} from "./format.ts";
import { StewardError } from "./problem.ts";

/** The schema of a document whose field `format` is the present one of a name. */
export function versioned<Name extends FormatName, Shape extends z.ZodRawShape>(
  name: Name,
  shape: Shape,
): z.ZodObject<{ format: z.ZodLiteral<FormatOf<Name>> } & Shape, z.core.$strict> {
  return z.strictObject({ format: z.literal(formatOf(name)), ...shape });
}

/**
 * Takes a document that some version of Steward wrote, brought to its present format. Without a name to ask for, one of no
 * known format is left to its reader's schema.
 *
 * @throws StewardError `format-newer`, or, where a name is asked for, `format-unknown`
 */
export function admitDocument<T>(document: T, place: FormatPlace, steps?: Upgrades): T {
  const found = typeof document === "object" && document !== null && "format" in document ? document.format : undefined;
  const problem = findFormatProblem(found, place);
  if (problem && (place.name !== undefined || problem.code === "format-newer")) throw new StewardError(problem);
  return upgradeDocument(document, steps);
}
