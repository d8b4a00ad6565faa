/**
 * Expecting an error for people.
 * @module
 */
import { StewardError } from "../../framework/definitions/problem.ts";

/** The error with which a promise is rejected; it must be one for people. */
export async function failure(promise: Promise<unknown>): Promise<StewardError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StewardError)) throw new Error("expected a StewardError", { cause: error });
  return error;
}
