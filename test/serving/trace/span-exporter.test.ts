import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import type { Span } from "../../../framework/serving/trace/span.ts";
import { type ExporterOptions, SpanExporter } from "../../../framework/serving/trace/span-exporter.ts";
import { useCollector } from "./collector.ts";

const given = useCollector();

function span(name: string): Span {
  return {
    traceId: "a".repeat(32),
    spanId: "b".repeat(16),
    name,
    kind: "server",
    start: 1_700_000_000_000.25,
    end: 1_700_000_000_001.5,
    attributes: { text: "x", count: 3, share: 0.5, flag: true },
  };
}

/** An exporter, with what it told. */
function start(url: string, change: Partial<ExporterOptions> = {}) {
  const counted = { exported: 0, dropped: 0, failed: 0 };
  const lines: string[] = [];
  const exporter = new SpanExporter({
    url,
    resource: { attributes: { "service.name": "late" }, version: "1.2.3" },
    count: (outcome, spans) => {
      counted[outcome] += spans;
    },
    report: (line) => lines.push(line),
    waitMilliseconds: 5,
    ...change,
  });
  return { exporter, counted, lines };
}

describe("an exporter of spans", () => {
  it("sends what came together at once, as OTLP has it", async () => {
    const { collector } = given;
    const { exporter, counted } = start(await collector.start(), { headers: { authorization: "Bearer x" } });
    exporter.add([span("first"), span("second")]);
    exporter.add([span("third")]);
    await expect.poll(() => collector.spans.map(({ name }) => name)).toEqual(["first", "second", "third"]);
    expect(collector.headers).toEqual([expect.objectContaining({ authorization: "Bearer x" })]);
    expect(collector.resource).toEqual({ "service.name": "late" });
    expect(collector.spans[0]).toMatchObject({
      kind: 2,
      startTimeUnixNano: "1700000000000250000",
      endTimeUnixNano: "1700000000001500000",
      attributes: { text: "x", count: "3", share: 0.5, flag: true },
    });
    await exporter.close();
    expect(counted).toEqual({ exported: 3, dropped: 0, failed: 0 });
  });

  it("tries again while the collector has too much to do", async () => {
    const { collector } = given;
    const { exporter, counted, lines } = start(await collector.start(429, 429, 200));
    exporter.add([span("late")]);
    await expect.poll(() => collector.spans).toHaveLength(1);
    await exporter.close();
    expect(counted).toEqual({ exported: 1, dropped: 0, failed: 0 });
    expect(lines).toEqual([]);
  });

  it("gives up spans that are refused, says so once, and says when they are taken again", async () => {
    const { collector } = given;
    const { exporter, counted, lines } = start(await collector.start(400, 400, 200));
    for (const expected of [1, 2, 3]) {
      exporter.add([span("one")]);
      await expect.poll(() => counted.exported + counted.failed).toBe(expected);
    }
    await exporter.close();
    expect(counted).toEqual({ exported: 1, dropped: 0, failed: 2 });
    expect(lines).toEqual(["spans are not taken: the collector answers 400", "spans are taken again"]);
  });

  it("drops what does not fit, and counts it", async () => {
    const { exporter, counted } = start(await given.collector.start(), { mostWaiting: 3, waitMilliseconds: 60_000 });
    exporter.add([span("a"), span("b")]);
    exporter.add([span("c"), span("d")]);
    exporter.add([span("e")]);
    expect(counted.dropped).toBe(2);
    await exporter.close();
    expect(given.collector.spans.map(({ name }) => name)).toEqual(["a", "b", "e"]);
  });

  it("ends soon though its collector hangs with some of many spans", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const { exporter, counted } = start(`http://127.0.0.1:${port}/v1/traces`);
    exporter.add(Array.from({ length: 600 }, () => span("under way")));
    await once(silent, "request");
    exporter.add(Array.from({ length: 1000 }, () => span("waiting")));
    const begun = performance.now();
    await exporter.close();
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(counted).toEqual({ exported: 0, dropped: 0, failed: 1600 });
    silent.closeAllConnections();
    silent.close();
  });

  it("ends soon where no collector answers, and tells no address", async () => {
    const { exporter, counted, lines } = start("http://user:hush@127.0.0.1:9/v1/traces");
    exporter.add([span("lost")]);
    await exporter.close();
    expect(counted).toEqual({ exported: 0, dropped: 0, failed: 1 });
    expect(lines).toEqual(["spans are not taken: the collector does not answer"]);
  });
});
