import { describe, expect, it } from "vitest";
import { chooseTimeUnit, formatExperimentPage } from "../../framework/experiments/experiment-page.ts";
import { clusteredRate, createChance, simulate, specOf } from "../campaigns/experiments/simulation.ts";

const spec = specOf({ name: "<b>trees", guardrails: [{ metric: "errors", better: "lower", by: 0.01 }] });
const followed = simulate({ spec, population: clusteredRate(0.2, 0.05), units: 6000, perLook: 100 }, createChance(21));
const nothing = simulate({ spec, population: clusteredRate(0.2), units: 0, perLook: 100 }, createChance(21));

describe("the page of an experiment", () => {
  const page = formatExperimentPage(spec, followed);

  it("shows what was decided, and the interval of each arm over time", () => {
    expect(followed.decision.winner).toBe("treatment");
    expect(page).toContain("treatment beside control");
    expect(page).toMatch(/<polyline class="own" points="[\d., ]+"/);
    expect(page).toContain("difference in label");
    expect(page).toContain("errors");
    expect(page.match(/<article>/g)).toHaveLength(3);
    // Over the ends of numbers stand the ends of their heads.
    expect(page).toContain('<th>arm</th><th>measure</th><th class="number">units</th>');
  });

  it("needs nothing else, and takes no name for markup", () => {
    expect(page).not.toContain("<b>trees");
    expect(page).toContain("&lt;b&gt;trees");
    expect(page).not.toMatch(/<script|https?:/);
  });

  it.each([
    [30, "seconds"],
    [119, "seconds"],
    [120, "minutes"],
    [3600, "minutes"],
    [7200, "hours"],
    [86_400, "hours"],
    [172_800, "days"],
  ])("counts %i seconds in %s", (length, name) => {
    expect(chooseTimeUnit(length).name).toBe(name);
  });

  it("has an axis of time as short as its looks are apart, and one minus sign", () => {
    expect(page).toContain("days since the first look");
    // The same looks, 10 s apart and not a day.
    const [first = 0] = followed.looks.map(({ until }) => Date.parse(until));
    const looks = followed.looks.map((look) => {
      const until = new Date(first + (Date.parse(look.until) - first) / 8640).toISOString();
      return { ...look, until };
    });
    const short = formatExperimentPage(spec, { ...followed, looks });
    expect(short).toMatch(/(minutes|seconds) since the first look/);
    expect(short).toMatch(/text-anchor="end">−0\.\d+</);
    expect(short).not.toMatch(/>-\d/);
  });

  it("says so where too little is known", () => {
    expect(formatExperimentPage(spec, nothing)).toContain("Too little is known yet.");
  });
});
