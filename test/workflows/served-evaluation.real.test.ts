/**
 * The evaluation of a candidate with everything real: a model server answers for it before it is decided on, features that are
 * looked up are those of training, and readings of the same test rows are counted together.
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectLocalFacts } from "../../framework/cli/collect-facts.ts";
import type { FeaturesSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { EntityKind } from "../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import type { ApplyMessage } from "../../framework/engine/messages.ts";
import { evaluationSchema } from "../../framework/evaluation/evaluation.ts";
import { desireModel, referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { describeTrainer } from "../../framework/training/trainer-closure.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { habits, spender, spending, visits } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "./given-engine.ts";

const actor = { id: "ann", via: "test" } as const;
const tinyTrainer = join(import.meta.dirname, "../support/tiny-trainer");
const shop = { op: "column", name: "shop" } as const;
const spent = { op: "column", name: "spent" } as const;

const training: TrainingJobSpec = {
  ...spending,
  label: { op: "gt", left: spent, right: { op: "literal", value: 20 } },
  split: { test: "20 days", validation: "5 days", gap: "1 day" },
  params: { weight: 0.1 },
};
const usual: FeaturesSpec["columns"][number] = {
  name: "usual",
  type: "number",
  expression: { op: "window", aggregate: "mean", of: spent, by: [shop], over: "10 days", lag: "2 days" },
};
const model = { ...spender, tests: [{ kind: "latency" as const, rate: 50, ratio: 10_000 }] };

describe("a candidate that is evaluated", { timeout: 300_000 }, () => {
  let stack: TestStack;
  let folder: string;
  beforeAll(async () => {
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder));
    folder = join(stack.scratch, "project");
    await mkdir(folder);
    for (const name of ["requirements.lock", "train.py"])
      await writeFile(join(folder, name), await readFile(join(tinyTrainer, name)));
    await writeFile(join(folder, "visits.csv"), writeVisits());
  });
  afterAll(() => stack.end());

  async function tell(kind: EntityKind, name: string, desired: ApplyMessage["desired"]): Promise<EntityStatus> {
    const message = { actor, owner: stack.connection.owner, adopt: false, digest: digestOf(desired), desired };
    const address = { project: "shop", kind, name } as const;
    const { generation } = await stack.engine.apply(address, message);
    for (;;) {
      const status = await stack.engine.status(address);
      if (status && status.settled >= generation && status.state !== "working") return status;
      await delay(100);
    }
  }

  /** Applies the dataset and a model on these features; its status, and its evaluation. */
  async function release(columns: FeaturesSpec["columns"]) {
    const { store } = stack;
    const features = { ...habits, columns };
    const definitions = [visits, features, training, model];
    for (const spec of definitions) await store.putJson(spec);
    const project = { name: "shop", environment: "test", definitions };
    const { sources } = await collectLocalFacts({ project, loaded: { folder }, inputs: {} });
    const source = sources["visits"];
    if (!source) throw new Error("there is no source");
    const { live } = await tell("dataset", "visits", { kind: "dataset", spec: referTo(visits), ...source });
    const closure = describeTrainer(folder, training.trainer);
    for (const { path } of closure.files) await store.putFile(join(folder, path));
    const desired = desireModel(model, {
      training,
      features: { habits: features },
      specs: new Map(definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec])),
      roots: { visits: live?.kind === "dataset" ? live.root : "" },
      trainer: await store.putJson(closure),
    });
    const status = await tell("model", model.name, desired);
    if (status.live?.kind !== "model") throw new Error(status.reasons.join("\n"));
    return { status, evaluation: await store.getJson(status.live.evaluation, evaluationSchema) };
  }

  it("is served, its features are those of training, and test rows that were read before are counted on", async () => {
    const { status, evaluation } = await release([...habits.columns, usual]);
    expect(status).toMatchObject({ state: "ready", testReads: { candidate: 1, candidates: 1 } });
    expect(evaluation.served).toEqual([
      expect.objectContaining({ check: "served", verdict: "pass", rows: 64 }),
      expect.objectContaining({ check: "framework", verdict: "not-compared" }),
      expect.objectContaining({ check: "features", verdict: "pass", exceeding: 0 }),
    ]);
    expect(evaluation.served?.[2]?.rows).toBeGreaterThan(0);
    expect(evaluation.tests).toMatchObject([{ verdict: "pass", reason: expect.stringContaining("150 rows at 50") }]);

    const next = await release(habits.columns);
    expect(next.status).toMatchObject({ state: "ready", testReads: { candidate: 1, candidates: 2 } });
    expect(next.evaluation.served?.[2]).toMatchObject({ check: "features", verdict: "pass", rows: 100 });
  });
});

/** Ten visits a day, which spend more the later they come. */
function writeVisits(): string {
  const start = Date.parse("2024-01-01T00:00:00Z");
  const rows = Array.from({ length: 600 }, (_, i) => {
    const time = new Date(start + Math.floor(i / 10) * 86_400_000 + ((i * 7) % 24) * 3_600_000);
    return `${time.toISOString()},shop-${i % 3},${time.getUTCHours() + ((i * 5) % 16)}`;
  });
  return ["at,shop,spent", ...rows, ""].join("\n");
}
