/**
 * Where the traces of a stack go, as its services are told.
 * @module
 */
import { type Output, secret } from "@pulumi/pulumi";

/** The collector of a stack's traces. */
export interface TracesArgs {
  /** Where it takes OTLP over HTTP: `http://127.0.0.1:4318`. */
  readonly url: string;
  /** The share of traces that are recorded where no caller decides, from 0 to 1. @default 1 */
  readonly ratio?: number | undefined;
  /** What is sent with spans, such as a token. @default nothing */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The variables that tell of it and are not secret. */
export function tracesEnvironment({ ratio }: TracesArgs): Readonly<Record<string, string>> {
  if (ratio === undefined) return {};
  return { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: String(ratio) };
}

/** The variables that tell of it and are secret: an address may hold a password. */
export function tracesSecrets({ url, headers = {} }: TracesArgs): Readonly<Record<string, Output<string>>> {
  const pairs = Object.entries(headers).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: secret(url),
    ...(pairs.length > 0 && { OTEL_EXPORTER_OTLP_HEADERS: secret(pairs.join(",")) }),
  };
}
