/**
 * The tracer of a server: it begins the spans of those requests that are traced.
 * @module
 */
import { randomBytes } from "node:crypto";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import type { Origin } from "./origin.ts";
import { isSampled, type Sampler } from "./sampler.ts";
import { RequestSpans } from "./span.ts";
import { SpanExporter } from "./span-exporter.ts";
import type { TraceSettings } from "./trace-settings.ts";

export interface TracerOptions {
  readonly settings: TraceSettings;
  /** Steward's version. */
  readonly version: string;
  readonly metrics: Pick<ServerMetrics, "spans">;
  readonly report: (line: string) => void;
}

export class Tracer {
  readonly #exporter: SpanExporter;
  readonly #sampler: Sampler;

  constructor({ settings, version, metrics, report }: TracerOptions) {
    const { url, headers, attributes } = settings;
    this.#sampler = settings.sampler;
    this.#exporter = new SpanExporter({
      url,
      headers,
      resource: { attributes, version },
      count: (outcome, spans) => metrics.spans.add({ outcome }, spans),
      report,
    });
  }

  /** Begins the spans of a request. @param started when it came, as `performance.now()` tells it. @returns nothing where it is not traced */
  begin({ trace: told }: Origin, started: number): RequestSpans | undefined {
    const traceId = told?.traceId ?? randomBytes(16).toString("hex");
    if (!isSampled(this.#sampler, traceId, told)) return undefined;
    return new RequestSpans(traceId, { told, started, export: (spans) => this.#exporter.add(spans) });
  }

  /** Sends what it has. */
  close(): Promise<void> {
    return this.#exporter.close();
  }
}
