import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findSampler, isSampled } from "../../../framework/serving/trace/sampler.ts";
import { findTraceSettings, traceVariables } from "../../../framework/serving/trace/trace-settings.ts";

const low = `${"a".repeat(18)}00000000000000`;
const high = `${"a".repeat(18)}ffffffffffffff`;
const half = `${"a".repeat(18)}7fffffffffffff`;
const told = (traceId: string, sampled: boolean) => ({ traceId, parentId: "b".repeat(16), isSampled: sampled });

describe("a sampler", () => {
  it.each([
    ["always_on", 0, high, undefined, true],
    ["always_on", 0, high, false, true],
    ["always_off", 1, low, undefined, false],
    ["always_off", 1, low, true, false],
    ["traceidratio", 0.5, half, undefined, true],
    ["traceidratio", 0.49, half, undefined, false],
    ["traceidratio", 0, low, undefined, false],
    ["traceidratio", 1, high, undefined, true],
    ["traceidratio", 0.5, low, false, true],
    ["parentbased_always_on", 0, high, undefined, true],
    ["parentbased_always_on", 0, high, false, false],
    ["parentbased_always_off", 1, low, undefined, false],
    ["parentbased_always_off", 1, low, true, true],
    ["parentbased_traceidratio", 0.5, high, undefined, false],
    ["parentbased_traceidratio", 0.5, high, true, true],
    ["parentbased_traceidratio", 0.5, low, false, false],
  ] as const)("%s of %d", (name, ratio, traceId, parent, sampled) => {
    const context = parent === undefined ? undefined : told(traceId, parent);
    expect(isSampled(findSampler(name, ratio), traceId, context)).toBe(sampled);
  });
});

describe("the settings of traces", () => {
  const find = (variables: Readonly<Record<string, string>>) =>
    findTraceSettings(z.object(traceVariables).parse(variables), "late-arrival");

  it.each([
    ["nothing is said", {}],
    ["the address is empty", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }],
    ["it is disabled", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a:1", OTEL_SDK_DISABLED: "true" }],
  ])("are none where %s", (_what, variables) => {
    expect(find(variables)).toBeUndefined();
  });

  it("are the usual ones where an address alone is said", () => {
    expect(find({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://a:4318/" })).toEqual({
      url: "http://a:4318/v1/traces",
      headers: {},
      sampler: { isParentBased: true, ratio: 1 },
      attributes: { "service.name": "late-arrival" },
    });
  });

  it("are what is said of traces before what is said of everything", () => {
    expect(
      find({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://a:4318",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://b/x",
        OTEL_EXPORTER_OTLP_HEADERS: "a=1",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: "authorization=Bearer%20x, b=2=3",
        OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "0.25",
        OTEL_SERVICE_NAME: "mine",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=local,service.name=other",
      }),
    ).toEqual({
      url: "https://b/x",
      headers: { authorization: "Bearer x", b: "2=3" },
      sampler: { isParentBased: true, ratio: 0.25 },
      attributes: { "deployment.environment": "local", "service.name": "mine" },
    });
  });

  it.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "authorization"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"],
    ["OTEL_TRACES_SAMPLER", "sometimes"],
    ["OTEL_TRACES_SAMPLER_ARG", "2"],
    ["OTEL_SDK_DISABLED", "yes"],
  ])("are refused with %s of %s", (name, value) => {
    expect(z.object(traceVariables).safeParse({ [name]: value }).success).toBe(false);
  });
});
