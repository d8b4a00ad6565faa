import { describe, expect, it } from "vitest";
import { summariseUnits, type UnitRow } from "../../framework/experiments/summarise-units.ts";
import { UnitRows } from "../../framework/experiments/unit-rows.ts";
import { createChance, specOf } from "../campaigns/experiments/simulation.ts";

const hour = 3_600_000;
const begun = Date.parse("2026-03-01T00:00:00Z");

/** Rows of few units by time, of which some are answered by both variants, and some measure nothing. */
function drawRows(count: number): readonly UnitRow[] {
  const chance = createChance(7);
  return Array.from({ length: count }, (_, i): UnitRow => {
    const unit = `unit-${Math.floor(chance() * 200)}`;
    const isTreated = chance() < (unit.endsWith("7") ? 0.5 : unit.length % 2);
    // Several of one moment, as of one request.
    const at = begun + Math.floor(i / 3) * 60_000;
    const measures = chance() < 0.2 ? {} : { accuracy: [chance() < 0.7 ? 1 : 0, 1] as const };
    return { unit, variant: isTreated ? "treatment" : "control", at, measures };
  });
}

function gather(rows: readonly UnitRow[], window: number): readonly UnitRow[] {
  const units = new UnitRows(window);
  for (const row of rows) units.add(row);
  return [...units.list()];
}

describe("the rows of units", () => {
  it.each(["unit", "row"] as const)("come to the same summary added up and one by one, per %s", (per) => {
    const experiment = specOf({ metric: "accuracy", per, window: "2 hours", atMost: "2 days", minimum: 0.06 });
    const rows = drawRows(3000);
    const gathering = { endpoint: "desk", experiment, begun, asOf: begun + 40 * hour, matures: hour };
    const gathered = gather(rows, 2 * hour);
    expect(gathered.length).toBeLessThan(400);
    const summary = summariseUnits(gathered, gathering);
    expect(summary).toEqual(summariseUnits(rows, gathering));
    expect(summary.crossed).toBeGreaterThan(0);
  });

  it("are let go that come after a unit's first while", () => {
    const row = (at: number) => ({ unit: "u", variant: "control", at, measures: { label: [1, 1] as const } });
    expect(gather([row(0), row(10), row(11)], 10)).toEqual([{ ...row(0), measures: { label: [2, 2] } }]);
  });
});
