import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import type { FeedbackSpec } from "../../framework/definitions/feedback-spec.ts";
import { type CanaryLabelTerms, readCanaryLabels } from "../../framework/feedback/canary-labels.ts";
import { type ModelServer, startServer } from "../../framework/serving/server.ts";
import type { LabelEvidence } from "../../framework/serving/variants/judge-labels.ts";
import { routingRefName } from "../../framework/serving/variants/routing.ts";
import { ask, eventually, get, infer, model, putPackage } from "../serving/storm-model.ts";
import { endpoint, routing } from "../serving/variants/given-routing.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const feedback: FeedbackSpec = { label: { type: "boolean" }, matures: "0 seconds" };

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A server of two versions, the first of which says that no wind is no storm, and the second that it is one. */
async function start(change: Pick<Parameters<typeof startServer>[0], "pii" | "logKey"> = {}) {
  const { store, folder } = given;
  const [first, second] = [await putPackage(store, -1), await putPackage(store, 1)];
  const variants = [
    { package: first, weight: 5000 },
    { name: "canary", version: 2, package: second, weight: 5000, mirror: 10_000 },
  ];
  await store.moveRef(routingRefName(endpoint), { generation: 1, value: routing(1, variants) });
  server = await startServer({
    endpoint,
    model,
    store,
    logStore: store,
    segmentFolder: join(folder, "segments"),
    log: { requests: "all", durability: "store" },
    feedback,
    ...change,
    port: 0,
    pollMilliseconds: 20,
  });
  const { port } = server;
  await eventually(() => get(port, "/v2/health/ready").then(({ status }) => status)).toBe(200);
  return { port, canary: { version: 2, package: second }, champion: { version: 1, package: first } };
}

async function label(port: number, items: readonly object[]): Promise<void> {
  const sent = { method: "POST", body: JSON.stringify({ items }) };
  expect((await fetch(`http://127.0.0.1:${port}/${endpoint}/feedback`, sent)).status).toBe(200);
}

/** Asks so many times, and says that each of the answers was a storm. */
async function askAndLabel(port: number, count: number, path?: string) {
  const answers = await Promise.all(Array.from({ length: count }, () => infer(port, ask(), path)));
  await label(
    port,
    answers.map(({ answer }) => ({ id: answer.id, label: true })),
  );
  const of = (version: string) => answers.filter(({ answer }) => answer.model_version === version).length;
  return { canary: of("2"), champion: of("1") };
}

it("labels of a canary's step say of both versions what an evaluation would, and of nothing else", async () => {
  const { port, ...versions } = await start();
  await askAndLabel(port, 10);
  const since = Date.now() + 1;
  await sleep(10);
  const asked = await askAndLabel(port, 40);
  expect(Math.min(asked.canary, asked.champion)).toBeGreaterThan(0);
  // Whoever names a version chooses it, and says nothing of what its callers get.
  await askAndLabel(port, 5, `/v2/models/${model}/versions/2/infer`);
  // An answer without a label counts for nothing, nor a label that is there only because of what was answered.
  await infer(port, ask());
  await label(port, [{ id: (await infer(port, ask())).answer.id, label: true, selected: true }]);

  const read = (change: Partial<CanaryLabelTerms> = {}): Promise<LabelEvidence> => {
    const terms = {
      endpoint,
      feedback,
      store: given.store,
      metrics: ["accuracy", "auc", "log-loss"],
      since,
      ...versions,
    };
    return withDuckDb(tmpdir(), (db) => readCanaryLabels(db, { ...terms, asOf: Date.now(), ...change }));
  };
  const found = await read();
  expect(found.canary).toMatchObject({ labels: asked.canary, values: { accuracy: 1 } });
  expect(found.champion).toMatchObject({ labels: asked.champion, values: { accuracy: 0 } });
  // Of labels that are all the same there is no area under a curve.
  expect(found.canary.values).not.toHaveProperty("auc");
  expect(found.canary.values["log-loss"]).toBeCloseTo(Math.log1p(Math.exp(-1)), 5);
  expect(found.champion.values["log-loss"]).toBeCloseTo(Math.log1p(Math.exp(1)), 5);

  const none = { labels: 0, values: {} };
  expect(await read({ feedback: { ...feedback, matures: "1 hour" } })).toEqual({ canary: none, champion: none });
  expect(await read({ asOf: since - 1 })).toEqual({ canary: none, champion: none });
  // A version that never answered, as one whose package is in the store no more, is not known.
  const stranger = { version: 3, package: "0".repeat(64) };
  expect(await read({ champion: stranger })).toMatchObject({ canary: { labels: asked.canary }, champion: none });
  expect(await read({ canary: stranger })).toMatchObject({ canary: none, champion: { labels: asked.champion } });
}, 120_000);

it("labels that are hashed in the log count for whoever has the key", async () => {
  const logKey = "5".repeat(64);
  const { port, ...versions } = await start({ logKey, pii: { request: {}, inputs: {}, label: "hash" } });
  const asked = await askAndLabel(port, 20);
  const terms = { endpoint, feedback, store: given.store, metrics: ["accuracy"], since: 0, ...versions };
  const read = (key?: string) =>
    withDuckDb(tmpdir(), (db) => readCanaryLabels(db, { ...terms, asOf: Date.now(), logKey: key }));
  expect(await read(logKey)).toMatchObject({ canary: { labels: asked.canary }, champion: { labels: asked.champion } });
  expect(await read()).toMatchObject({ canary: { labels: 0 }, champion: { labels: 0 } });
}, 120_000);
