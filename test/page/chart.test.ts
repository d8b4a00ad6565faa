import { describe, expect, it } from "vitest";
import { drawChart } from "../../framework/page/chart.ts";
import { listEvenTicks } from "../../framework/page/even-ticks.ts";

const axis = (label: string) => ({ label, from: 0, to: 1 });

describe("a chart", () => {
  const svg = drawChart({
    label: "<b>share</b>",
    x: axis("x & y"),
    y: axis("y"),
    marks: [
      {
        kind: "line",
        tone: "ideal",
        points: [
          [0, 0],
          [1, 1],
        ],
      },
      {
        kind: "line",
        tone: "own",
        name: "<i>own</i>",
        points: [
          [0, 0],
          [0.5, 1],
        ],
      },
      { kind: "points", tone: "other", points: [[2, 5]], titles: ["far <out>"] },
      {
        kind: "bars",
        tone: "own",
        points: [
          [0, 0.5],
          [0.5, 0],
        ],
      },
    ],
  });

  it("has the lines, the points and the bars where they belong, and none beyond its axes", () => {
    expect(svg).toContain(`<polyline class="ideal" points="44,206 350,8"/>`);
    expect(svg).toContain(`<polyline class="own" points="44,206 197,8"/>`);
    expect(svg).toContain(`<circle class="other" cx="350" cy="8" r="3">`);
    expect(svg).toMatch(/<rect class="own" x="44" y="107" width="152.4" height="99">/);
    expect(svg).toMatch(/<rect class="own" x="197" y="206" width="152.4" height="0">/);
  });

  it("has a legend of what is named, and nothing that a text could become", () => {
    expect(svg.match(/class="key /g)).toHaveLength(1);
    expect(svg).toContain("&lt;i&gt;own&lt;/i&gt;");
    expect(svg).toContain("far &lt;out&gt;");
    expect(svg).not.toMatch(/<b>|<i>|<out>/);
  });

  it("of a single value has no number that is none", () => {
    const flat = { label: "x", from: 3, to: 3 };
    const one = drawChart({
      label: "one",
      x: flat,
      y: flat,
      marks: [{ kind: "points", tone: "own", points: [[3, 3]] }],
    });
    expect(one).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("even ticks", () => {
  it.each([
    [0, 1, 5, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [-7, 23, 5, 0, [0, 10, 20]],
    [0, 3, 10, 1, [0, 1, 2, 3]],
    [0.1, 0.3, 2, 0, [0.1, 0.2, 0.3]],
    [3, 3, 5, 0, []],
  ])("from %d to %d, %d at most, %d apart at least", (from, to, most, least, ticks) => {
    expect(listEvenTicks({ from, to }, most, least)).toEqual(ticks);
  });
});
