/**
 * The shape of a path that a team writes.
 * @module
 */
import { z } from "zod";

/** Relative to the project file, or whatever its reader makes of it; no address. */
export const pathShape = z
  .string()
  .min(1)
  .refine((value) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(value) && !value.includes("\0") && value !== "input:", {
    error: "a path relative to the project file, no address",
  });
