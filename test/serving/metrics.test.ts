import { describe, expect, it } from "vitest";
import { Counter } from "../../framework/serving/metrics/counter.ts";
import { Histogram } from "../../framework/serving/metrics/histogram.ts";
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

describe("a histogram", () => {
  it("has in each bucket all that were at most so long, and the sum of all", () => {
    const times = new Histogram({ name: "took_seconds", help: "How long.", label: "route" });
    for (const seconds of [0.0001, 0.0002, 0.3, 60]) times.observe("infer", seconds);
    times.observe("predict", 0);
    const lines = writeMetrics([times.read()]).split("\n");
    expect(lines[1]).toBe("# TYPE took_seconds histogram");
    expect(lines.filter((line) => line.includes('route="infer"'))).toEqual([
      ...[1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3].map(
        (count) =>
          expect.stringMatching(new RegExp(`^took_seconds_bucket\\{route="infer",le="[0-9.]+"\\} ${count}$`)) as string,
      ),
      'took_seconds_bucket{route="infer",le="+Inf"} 4',
      'took_seconds_sum{route="infer"} 60.3003',
      'took_seconds_count{route="infer"} 4',
    ]);
    expect(lines).toContain('took_seconds_bucket{route="predict",le="0.0001"} 1');
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
