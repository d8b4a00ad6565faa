/**
 * Scorings as a real engine lists them: which are ended by what they score.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  cancelScorings,
  listUnknownScorings,
  type MeantScorings,
  scoringId,
  startScoring,
} from "../../framework/engine/scoring.ts";
import { searchAttributes } from "../../framework/engine/search-attributes.ts";
import { startTestEngine, type TestEngine } from "../workflows/given-engine.ts";

let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
});
afterAll(() => given.end());

const digest = (letter: string) => letter.repeat(64);
const all = { project: "shop", model: "spender", dataset: "visits" };

/** Starts one that no worker takes up. */
async function start(identity: string, change: { readonly root?: string; readonly columns?: readonly string[] } = {}) {
  const { root = digest("0"), columns = [] } = change;
  const request = { dataset: "visits", datasets: { visits: { spec, root } }, package: digest("f"), columns };
  await startScoring(given.client, { project: "shop", model: "spender", identity: digest(identity) }, request);
}
const spec = { sha256: digest("9"), size: 1 };

/** Whether it was asked to end. */
async function isAsked(identity: string): Promise<boolean> {
  const address = { project: "shop", model: "spender", identity: digest(identity) };
  const { events } = await given.client.workflow.getHandle(scoringId(address)).fetchHistory();
  return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes);
}

async function untilListed(count: number): Promise<void> {
  const query = `WorkflowType = "score" AND ExecutionStatus = "Running"`;
  while ((await given.client.workflow.count(query)).count < count) await delay(50);
}

it("scorings are ended by their model and dataset, whichever version they score, and closer where more is said", async () => {
  await start("a");
  await start("b", { root: digest("1") });
  await start("c", { root: digest("1"), columns: ["shop", "at"] });
  await untilListed(3);
  const cancel = (change: Partial<MeantScorings> = {}) => cancelScorings(given.client, { ...all, ...change });
  for (const other of [{ project: "mall" }, { model: "saver" }, { dataset: "archive" }, { package: digest("e") }])
    expect(await cancel(other)).toBe(0);
  expect(await cancel({ root: digest("1"), columns: ["at", "shop"] })).toBe(1);
  expect([await isAsked("a"), await isAsked("b"), await isAsked("c")]).toEqual([false, false, true]);
  expect(await cancel({ package: digest("f") })).toBeGreaterThanOrEqual(2);
  expect([await isAsked("a"), await isAsked("b")]).toEqual([true, true]);
});

it("scorings that an older version began are left, and named to whoever asks for those of their model", async () => {
  const workflowId = scoringId({ project: "old-shop", model: "spender", identity: digest("d") });
  await given.client.workflow.start("score", {
    workflowId,
    taskQueue: "steward",
    args: [{}],
    typedSearchAttributes: [{ key: searchAttributes.project, value: "old-shop" }],
  });
  const query = `WorkflowType = "score" AND StewardProject = "old-shop"`;
  while ((await given.client.workflow.count(query)).count < 1) await delay(50);
  expect(await cancelScorings(given.client, { ...all, project: "old-shop" })).toBe(0);
  const unknown = (model: string, project = "old-shop") => listUnknownScorings(given.client, { project, model });
  expect(await unknown("spender")).toEqual([workflowId]);
  expect([await unknown("spend"), await unknown("spender", "shop")]).toEqual([[], []]);
});
