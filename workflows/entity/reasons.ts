/**
 * Why work failed, as sentences for people: the innermost message of a chain of failures, without the layers around it.
 * @module
 */
import { ApplicationFailure, CancelledFailure, TemporalFailure, TimeoutFailure } from "@temporalio/workflow";

/** The sentences that say why `error` happened. */
export function reasonsOf(error: unknown): readonly string[] {
  let innermost = error;
  while (innermost instanceof TemporalFailure && innermost.cause instanceof Error) innermost = innermost.cause;
  if (innermost instanceof ApplicationFailure && innermost.type === "reasons") {
    const [reasons] = innermost.details ?? [];
    if (Array.isArray(reasons)) return reasons.filter((reason): reason is string => typeof reason === "string");
  }
  if (innermost instanceof TimeoutFailure) return [`it took too long or its worker was lost: ${innermost.message}`];
  if (innermost instanceof CancelledFailure) return ["it was cancelled"];
  return [innermost instanceof Error ? innermost.message : String(innermost)];
}

/** A failure whose reasons a person reads one by one; it is not tried again. */
export function failWith(reasons: readonly string[]): ApplicationFailure {
  return ApplicationFailure.create({
    type: "reasons",
    message: reasons.join("\n"),
    details: [reasons],
    nonRetryable: true,
  });
}
