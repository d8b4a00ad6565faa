/**
 * The promise, on real parts: what ran, as Temporal's histories and the store tell it, is within what was planned, and
 * what was to run has run. Every mutant of the planner breaks it.
 *
 * `STEWARD_CAMPAIGN=full` draws more edits under more seeds, and writes what it saw to `results/promise.json`;
 * `STEWARD_SEEDS=3,4` draws under those instead, and writes nothing.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../support/minio.ts";
import { type RecordedEdit, runCampaign } from "./promise/campaign.ts";
import { createDraw } from "./promise/draw.ts";
import { drawEdits, shortList } from "./promise/edits.ts";
import { catchMutants } from "./promise/mutants.ts";
import { Stage } from "./promise/stage.ts";

const full = process.env["STEWARD_CAMPAIGN"] === "full";
const otherSeeds = process.env["STEWARD_SEEDS"]?.split(",").map(Number);
const drawn = full ? (otherSeeds ?? [1, 2]) : [];
const campaigns = [
  { seed: 20_240_101, edits: shortList },
  ...drawn.map((seed) => ({ seed, edits: drawEdits(createDraw(seed), 30) })),
];

const all: (RecordedEdit & { readonly seed: number })[] = [];

describe.each(campaigns)("the promise, seed $seed", ({ seed, edits }) => {
  let stage: Stage;
  let recorded: RecordedEdit[];

  beforeAll(async () => {
    stage = await Stage.open(await findFreePort());
    recorded = await runCampaign(stage, seed, edits);
    all.push(...recorded.map((edit) => ({ ...edit, seed })));
  }, 1_800_000);

  afterAll(() => stage?.stack.end(), 60_000);

  it("holds in every edit", () => {
    expect(recorded.flatMap(({ title, breaches }) => breaches.map((breach) => `${title}: ${breach}`))).toEqual([]);
    expect(recorded).toHaveLength(edits.length);
  });

  it("was judged by everything that ran", async () => {
    await expect
      .poll(() => stage.journal.listSteps(), { timeout: 20_000 })
      .toEqual([...stage.journal.workflowIds].sort());
  });
});

describe("a planner that forgets", () => {
  it("is caught, whatever it forgets", async () => {
    const caught = catchMutants(all);
    if (full && !otherSeeds) await writeResult(caught);
    expect(Object.keys(caught).length).toBeGreaterThanOrEqual(10);
    expect(Object.entries(caught).flatMap(([title, by]) => (by.length === 0 ? [title] : []))).toEqual([]);
  });
});

async function writeResult(mutants: Record<string, readonly string[]>): Promise<void> {
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  const edits = all.map(({ seed, title, before, after, failed, skipped, breaches, seconds }) => ({
    seed,
    title,
    ran: [...before, ...after].map(({ step, subject, ended }) =>
      ended === "completed" ? `${step} ${subject}` : `${step} ${subject}, ${ended}`,
    ),
    failed,
    skipped,
    breaches,
    seconds: Math.round(seconds * 10) / 10,
  }));
  const steps = edits.reduce((sum, { ran }) => sum + ran.length, 0);
  const breaches = edits.reduce((sum, each) => sum + each.breaches.length, 0);
  const result = {
    seeds: campaigns.map(({ seed }) => seed),
    edits: edits.length,
    steps,
    breaches,
    mutants,
    log: edits,
  };
  await writeFile(join(folder, "promise.json"), `${JSON.stringify(result, undefined, 2)}\n`);
}
