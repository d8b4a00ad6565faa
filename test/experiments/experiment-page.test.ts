import { describe, expect, it } from "vitest";
import { formatExperimentPage } from "../../framework/experiments/experiment-page.ts";
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
  });

  it("needs nothing else, and takes no name for markup", () => {
    expect(page).not.toContain("<b>trees");
    expect(page).toContain("&lt;b&gt;trees");
    expect(page).not.toMatch(/<script|https?:/);
  });

  it("says so where too little is known", () => {
    expect(formatExperimentPage(spec, nothing)).toContain("Too little is known yet.");
  });
});
