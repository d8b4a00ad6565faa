/**
 * A collector of spans that answers as a test says, and holds what it is sent against the message of OTLP.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach } from "vitest";
import { z } from "zod";

const attributes = z.array(
  z.strictObject({
    key: z.string().min(1),
    value: z.union([
      z.strictObject({ stringValue: z.string() }),
      z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
      z.strictObject({ doubleValue: z.number() }),
      z.strictObject({ boolValue: z.boolean() }),
    ]),
  }),
);
const nanoseconds = z.string().regex(/^[1-9]\d{18}$/);
const span = z.strictObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  traceState: z.string().optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  status: z.strictObject({ code: z.int().min(0).max(2), message: z.string() }).optional(),
});
const message = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string(), version: z.string() }), spans: z.array(span) }),
      ),
    }),
  ),
});

/** A span as it was sent, with its attributes by their names. */
export interface SentSpan extends Omit<z.output<typeof span>, "attributes"> {
  readonly attributes: Readonly<Record<string, unknown>>;
}

export class Collector {
  spans: SentSpan[] = [];
  /** What all spans say of their process, the last time they came. */
  resource: Readonly<Record<string, unknown>> = {};
  headers: IncomingHttpHeaders[] = [];
  #server: Server | undefined;

  /** Starts it. @param statuses of its answers, one after the other; the last one is repeated @returns its address */
  async start(...statuses: readonly number[]): Promise<string> {
    const server = createServer(async (request, response) => {
      this.headers.push(request.headers);
      const status = statuses[Math.min(this.headers.length, statuses.length) - 1] ?? 200;
      const sent = message.parse(JSON.parse(await text(request)));
      if (status === 200)
        for (const { resource, scopeSpans } of sent.resourceSpans) {
          this.resource = byName(resource.attributes);
          for (const { spans } of scopeSpans)
            this.spans.push(...spans.map((one) => ({ ...one, attributes: byName(one.attributes) })));
        }
      response.writeHead(request.url === "/v1/traces" ? status : 404, {
        "content-type": "application/json",
        ...(status === 429 && { "retry-after": "0" }),
      });
      response.end("{}");
    });
    this.#server = server;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1/traces`;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

function byName(read: z.output<typeof attributes>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(read.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** A collector for each test of a file that starts it. */
export function useCollector(): { readonly collector: Collector } {
  const given = { collector: new Collector() };
  afterEach(async () => {
    await given.collector.close();
    given.collector = new Collector();
  });
  return given;
}
