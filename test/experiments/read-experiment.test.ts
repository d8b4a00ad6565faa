import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { routeExperiment } from "../../framework/experiments/experiment-routing.ts";
import { followExperiment } from "../../framework/experiments/follow-experiment.ts";
import { type ReadingTerms, readExperiment } from "../../framework/experiments/read-experiment.ts";
import { assignVariant } from "../../framework/serving/variants/assignment.ts";
import type { Store } from "../../framework/store/store.ts";
import { createChance, specOf } from "../campaigns/experiments/simulation.ts";

const hour = 3_600_000;
const begun = Date.parse("2026-03-01T00:00:00Z");
const spec = specOf({ metric: "accuracy", per: "unit", window: "1 hour", atMost: "10 days", minimum: 0.06 });
const releaseOf = (model: string) => ({ model, version: 1, package: model });
const releases = { control: releaseOf("late"), treatment: releaseOf("late-bigger") };
const routing = routeExperiment("desk", spec, { releases });

/** A store that holds nothing: all there is stands in the segments of this machine. */
const emptyStore = {
  listNames: async function* () {},
  entries: { list: async function* () {}, read: () => Promise.resolve(undefined) },
} as unknown as Store;

describe("an experiment that is read from the log of its endpoint", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-experiment-"));
    await mkdir(join(folder, "segments"));
    const chance = createChance(31);
    const [answers, labels]: [object[], object[]] = [[], []];
    for (let i = 0; i < 6000; i += 1) {
      const unit = `customer-${i % 3000}`;
      const variant = routing && assignVariant(routing, unit)?.name;
      const time = begun + (i % 3000) * 10_000 + (i >= 3000 ? 60_000 : 0);
      const probability = chance();
      // The treatment is right in nine of ten, the control in eight.
      const isRight = chance() < (variant === "treatment" ? 0.9 : 0.8);
      const record = { id: `${i}`, time: new Date(time).toISOString(), version: "1", package: "p", unit, variant };
      answers.push({ ...record, outputs: { probability: [probability], label: [probability >= 0.5] } });
      const label = { id: `${i}`, row: 0, label: probability >= 0.5 === isRight };
      labels.push({
        ...label,
        time: new Date(time + hour).toISOString(),
        recorded: new Date(time + hour).toISOString(),
      });
    }
    // Beside them one that named no unit, and one that nobody saw.
    const at = new Date(begun + hour).toISOString();
    const other = { time: at, version: "1", package: "p", outputs: { probability: [0.5], label: [true] } };
    answers.push({ ...other, id: "unnamed", variant: "control" });
    answers.push({ ...other, id: "unseen", of: "0", shadow: true, variant: "treatment", unit: "customer-1" });
    for (const [stream, records] of Object.entries({ requests: answers, feedback: labels })) {
      const lines = records.map((record, i) => `${JSON.stringify({ sequence: i + 1, ...record })}\n`).join("");
      await writeFile(join(folder, "segments", `${stream}-0000000000000001.jsonl`), lines);
    }
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const read = (terms: Partial<ReadingTerms>) => {
    const feedback = { label: { type: "boolean" }, matures: "2 hours" } as const;
    const logs = {
      endpoint: "desk",
      feedback,
      task: "binary",
      store: emptyStore,
      folder: join(folder, "segments"),
    } as const;
    return withDuckDb(folder, (db) =>
      readExperiment(db, logs, { experiment: spec, asOf: begun + 24 * hour, ...terms }),
    );
  };

  it("has each unit once, and finds the arm that is right more often", async () => {
    const { summary, unnamed } = await read({});
    expect(unnamed).toBe(1);
    expect(summary).toMatchObject({ endpoint: "desk", experiment: "bigger", crossed: 0 });
    const { decision } = followExperiment(spec, summary);
    expect(decision).toMatchObject({ verdict: "winner", winner: "treatment" });
    const exposed = summary.cohorts.flatMap(({ arms }) => Object.values(arms).map((arm) => arm.exposed));
    expect(exposed.reduce((sum, one) => sum + one, 0)).toBe(3000);
  });

  it("reads nothing that an experiment before it was answered, whose arms had the same names", async () => {
    const since = begun + 5 * hour;
    const { summary, unnamed } = await read({ since });
    expect(unnamed).toBe(0);
    expect(summary.begun).toBe(new Date(since).toISOString());
    const exposed = summary.cohorts.flatMap(({ arms }) => Object.values(arms).map((arm) => arm.exposed));
    // Of 3000 units, one each 10 seconds; those that come a second time had their first while in the one before.
    expect(exposed.reduce((sum, one) => sum + one, 0)).toBeLessThan(3000 - 1790);
  });

  it("sees as of a moment what was known then, and of later cohorts nothing", async () => {
    const early = await read({ asOf: begun + 4 * hour, begun });
    const late = await read({ begun });
    const { matured } = followExperiment(spec, early.summary).decision.units["control"] ?? {};
    // Of the first hour's 360 units, whose requests and labels are complete, the control has half.
    expect(matured).toBeGreaterThan(150);
    expect(matured).toBeLessThan(210);
    expect(late.summary.cohorts.slice(0, early.summary.cohorts.length)).toEqual(early.summary.cohorts);
  });
});
