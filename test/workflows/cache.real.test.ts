/**
 * What is there already is not made again: the same identity, and every artefact as it was written. What is lost or altered is, and the
 * plan and the timeline say why. With everything real.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { openClient } from "../../framework/store/bucket.ts";
import { objectKey } from "../../framework/store/keys.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { findRun } from "../../framework/training/find-run.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { type AppliedShop, openAppliedShop, shopJob, shopModel } from "../support/applied-shop.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "./given-engine.ts";

/** How many events a history may gain for what is there already. */
const most = 12;
const job: TrainingJobSpec = { ...shopJob, params: { ...shopJob.params, weight: 0.3 } };
const least = (value: number): ModelSpec => ({ ...shopModel, gates: [{ kind: "atLeast", metric: "auc", value }] });

describe("a result that is there already", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let shop: AppliedShop;
  let run: string;

  beforeAll(async () => {
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder));
    shop = await openAppliedShop(stack);
    run = await deploy(shopModel);
  });
  afterAll(() => stack.end());

  /** Applies a model of the job, and waits until it is in production. */
  async function deploy(model: ModelSpec): Promise<string> {
    const applied = await shop.apply(job, model);
    const status = await shop.settled(model.name, applied.generation);
    expect(status, status.reasons.join("\n")).toMatchObject({ state: "ready", live: { run: applied.run } });
    return applied.run;
  }
  const eventsOf = async (id: string) => (await stack.engine.client.workflow.getHandle(id).fetchHistory()).events ?? [];
  /** What the timeline of the model's entity says of its steps. */
  const timeline = async () =>
    (await eventsOf("shop/model/spender")).flatMap(({ userMetadata }) => {
      const data = userMetadata?.summary?.data;
      return data ? [String(JSON.parse(Buffer.from(data).toString()))] : [];
    });
  async function findModel(): Promise<Reference> {
    const { found } = await findRun(stack.store, run);
    if (!found) throw new Error("there is no run");
    return found.run.onnx;
  }
  const bucket = () => ({ client: openClient(stack.connection.store), name: stack.connection.store.bucket });

  it("costs nothing where the same is applied again", async () => {
    const begun = await shop.begun();
    const before = await eventsOf("shop/model/spender");
    await deploy(shopModel);
    const gained = (await eventsOf("shop/model/spender")).slice(before.length);
    expect(gained.length).toBeLessThanOrEqual(most);
    expect(gained.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)).toEqual([]);
    expect(await shop.begun()).toEqual(begun);
  });

  it("is found by the step of another model, which trains nothing", async () => {
    const begun = await shop.begun();
    await deploy({ ...shopModel, name: "twin" });
    expect(await shop.begun()).toEqual(begun);
    expect((await eventsOf(`shop/train/spending@${run.slice(0, 12)}`)).length).toBeLessThanOrEqual(most);
  });

  it("is made again when its model is gone, and the plan and the timeline say so", async () => {
    const begun = await shop.begun();
    const onnx = await findModel();
    const { client, name } = bucket();
    await client.removeObject(name, objectKey("", onnx.sha256));
    const why = "the model file of its package is gone from the store";
    expect(await shop.foretell(job, least(0.61))).toContainEqual(
      expect.stringContaining(`will: train spending — ${why}`),
    );
    await deploy(least(0.61));
    expect(await shop.begun()).toEqual([...begun, run]);
    expect(await timeline()).toContain(`training spending again: ${why}`);
    expect(await stack.store.check(onnx)).toBe("whole");
  });

  it("is made again when its model was altered, and is whole again", async () => {
    const begun = await shop.begun();
    const onnx = await findModel();
    const { client, name } = bucket();
    await client.putObject(name, objectKey("", onnx.sha256), Buffer.alloc(onnx.size, "x"));
    const why = "the model file of its package has other bytes in the store than were written";
    expect(await shop.foretell(job, least(0.62))).toContainEqual(
      expect.stringContaining(`will: train spending — ${why}`),
    );
    await deploy(least(0.62));
    expect(await shop.begun()).toEqual([...begun, run]);
    expect(await timeline()).toContain(`training spending again: ${why}`);
    expect(await stack.store.check(onnx)).toBe("whole");
  });
});
