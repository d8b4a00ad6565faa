/**
 * Samplers: which requests are traced. Pure.
 *
 * Source: https://opentelemetry.io/docs/specs/otel/trace/sdk/#built-in-samplers.
 * @module
 */
import type { TraceContext } from "./trace-context.ts";

/** The samplers of OpenTelemetry, by the names that `OTEL_TRACES_SAMPLER` has for them. */
export const samplerNames = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

export interface Sampler {
  /** Whether a caller that is traced, or says that it is not, decides for its requests. */
  readonly isParentBased: boolean;
  /** The share of the other traces that are recorded, from 0 to 1. */
  readonly ratio: number;
}

/** @param ratio of those samplers that have one */
export function findSampler(name: (typeof samplerNames)[number], ratio: number): Sampler {
  const isParentBased = name.startsWith("parentbased_");
  const rest = isParentBased ? name.slice("parentbased_".length) : name;
  return { isParentBased, ratio: { always_on: 1, always_off: 0, traceidratio: ratio }[rest] ?? ratio };
}

/**
 * Whether a request is traced. Of a share 52 of the lower bits of the trace's id decide, which chance made, so that all servers
 * that see a trace decide alike.
 * @param traceId of the request's trace, whether it was told or is made
 */
export function isSampled({ isParentBased, ratio }: Sampler, traceId: string, told: TraceContext | undefined): boolean {
  if (isParentBased && told) return told.isSampled;
  if (ratio >= 1) return true;
  return Number.parseInt(traceId.slice(18, 31), 16) < ratio * 2 ** 52;
}
