/**
 * Where and what a server traces, by the environment variables that OpenTelemetry has for it:
 *
 * - `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`: where spans are sent; or `OTEL_EXPORTER_OTLP_ENDPOINT`, to which `/v1/traces` is added.
 *   Without one of them nothing is traced.
 * - `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, or `OTEL_EXPORTER_OTLP_HEADERS`: what is sent with them: `name=value,…`; secret.
 * - `OTEL_TRACES_SAMPLER`, by default `parentbased_always_on`, and `OTEL_TRACES_SAMPLER_ARG`, by default 1.
 * - `OTEL_SERVICE_NAME`, by default the endpoint's name, and `OTEL_RESOURCE_ATTRIBUTES`: `name=value,…`.
 * - `OTEL_SDK_DISABLED`: `true` traces nothing.
 *
 * Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/. Pure.
 * @module
 */
import { z } from "zod";
import { findSampler, type Sampler, samplerNames } from "./sampler.ts";

/** Pairs as W3C Baggage has them: percent-encoded values. */
const pairs = z.string().transform((text, context) => {
  const read = text
    .split(",")
    .filter((one) => one.trim() !== "")
    .map((one) => {
      const at = one.indexOf("=");
      return [one.slice(0, Math.max(at, 0)).trim(), at < 0 ? undefined : decode(one.slice(at + 1).trim())] as const;
    });
  if (read.every(([name, value]) => name !== "" && value !== undefined))
    return Object.fromEntries(read.map(([name, value]) => [name, value ?? ""]));
  context.addIssue({ code: "custom", message: "expected name=value,…" });
  return z.NEVER;
});

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const address = z.url({ protocol: /^https?$/, error: "expected http://… or https://…" });

/** The variables, as the program's settings take them. An empty one counts as not set. */
export const traceVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: emptyIsUnset(address),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: emptyIsUnset(address),
  OTEL_EXPORTER_OTLP_HEADERS: emptyIsUnset(pairs),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: emptyIsUnset(pairs),
  OTEL_TRACES_SAMPLER: emptyIsUnset(z.enum(samplerNames)),
  OTEL_TRACES_SAMPLER_ARG: emptyIsUnset(z.coerce.number().min(0).max(1)),
  OTEL_SERVICE_NAME: emptyIsUnset(z.string()),
  OTEL_RESOURCE_ATTRIBUTES: emptyIsUnset(pairs),
  OTEL_SDK_DISABLED: emptyIsUnset(z.enum(["true", "false"])),
};

function emptyIsUnset<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
}

const variables = z.object(traceVariables);

/** Where spans are sent, and which. */
export interface TraceSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sampler: Sampler;
  /** What all spans say of the process that they are of. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Finds what the variables say. @param service what the process is called, where they say nothing. @returns nothing where nothing is traced */
export function findTraceSettings(read: z.output<typeof variables>, service: string): TraceSettings | undefined {
  const base = read.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/+$/, "")}/v1/traces`);
  if (url === undefined || read.OTEL_SDK_DISABLED === "true") return undefined;
  const { OTEL_TRACES_SAMPLER: sampler = "parentbased_always_on", OTEL_TRACES_SAMPLER_ARG: ratio = 1 } = read;
  return {
    url,
    headers: read.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? read.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    sampler: findSampler(sampler, ratio),
    attributes: { ...read.OTEL_RESOURCE_ATTRIBUTES, "service.name": read.OTEL_SERVICE_NAME ?? service },
  };
}
