import { describe, expect, it } from "vitest";
import { Counter } from "../../framework/serving/metrics/counter.ts";
import { writeMetrics } from "../../framework/serving/metrics/metric-text.ts";
import { describeTables } from "../../framework/serving/metrics/read-metrics.ts";

describe("metrics as text", () => {
  it("are declared, and have a line for each value", () => {
    const requests = new Counter({ name: "asked_total", help: "How\noften.", labels: ["route", "status"] });
    expect(writeMetrics([requests.read()])).toBe("# HELP asked_total How\\noften.\n# TYPE asked_total counter\n");
    requests.add({ route: "infer", status: "200" });
    requests.add({ status: "200", route: "infer" }, 2);
    requests.add({ route: 'a"b\\c\n', status: "404" });
    expect(writeMetrics([requests.read()])).toBe(
      [
        "# HELP asked_total How\\noften.",
        "# TYPE asked_total counter",
        'asked_total{route="infer",status="200"} 3',
        'asked_total{route="a\\"b\\\\c\\n",status="404"} 1',
        "",
      ].join("\n"),
    );
  });

  it.each([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [1e-7, "1e-7"],
  ])("write %f as Prometheus reads it", (value, text) => {
    const gauge = { name: "g", type: "gauge", help: "", samples: [{ labels: {}, value }] } as const;
    expect(writeMetrics([gauge]).split("\n").at(-2)).toBe(`g ${text}`);
  });
});

describe("the metrics of online tables", () => {
  it("say how old each is that is there", () => {
    const status = { table: "t", generation: 1, layout: "", rows: 3, asOf: 5_000_000n, materialisedAt: 0n, root: "" };
    const [freshness, rows] = describeTables(
      new Map([
        ["t", status],
        ["gone", undefined],
      ]),
      12_500_000n,
    );
    expect(freshness).toMatchObject({
      name: "steward_online_freshness_seconds",
      samples: [{ labels: { table: "t" }, value: 7.5 }],
    });
    expect(rows?.samples).toEqual([{ labels: { table: "t" }, value: 3 }]);
  });
});
