import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { referenceSchema } from "../../../framework/store/reference.ts";
import { openDatabase } from "../../../framework/tracking/database.ts";
import { trackingAreas } from "../../../framework/tracking/parts.ts";
import { rebuildRuns } from "../../../framework/tracking/seal/rebuild-runs.ts";
import { sealedRunSchema, sealName } from "../../../framework/tracking/seal/sealed-run.ts";
import { useTracking } from "../tracking-stack.ts";
import { until } from "../until.ts";

const given = useTracking();
afterEach(() => expect(given.reported).toEqual([]));

const api = "/api/2.0/mlflow";
const post = (path: string, body: unknown) => given.ask("POST", `${api}/${path}`, body);
const readRun = async (run: string) => (await given.ask("GET", `${api}/runs/get?run_id=${run}`)).body.run;

let turn = 0;
/** A run with everything that a run may have. */
async function createRun(): Promise<string> {
  const { body: experiment } = await post("experiments/create", {
    name: `sealing ${++turn}`,
    tags: [{ key: "team", value: "delays" }],
  });
  const { experiment_id } = experiment;
  const { body } = await post("runs/create", { experiment_id, start_time: 1000, user_id: "anna", run_name: "sealed" });
  const { run_id } = body.run.info;
  const answers = [
    await post("runs/log-batch", {
      run_id,
      metrics: [
        { key: "loss", value: 1, timestamp: 1, step: 0 },
        { key: "loss", value: 0.5, timestamp: 2, step: 1 },
        { key: "__proto__", value: "NaN", timestamp: 2, step: 1 },
      ],
      params: [{ key: "depth", value: "6" }],
      tags: [{ key: "note", value: "first" }],
    }),
    await post("runs/log-inputs", {
      run_id,
      datasets: [
        {
          tags: [{ key: "mlflow.data.context", value: "training" }],
          dataset: { name: "flights", digest: "abc", source_type: "s3", source: "s3://b/f.csv", schema: "{}" },
        },
      ],
      models: [{ model_id: "m-1" }],
    }),
    await given.ask("PUT", `/api/2.0/mlflow-artifacts/artifacts/${experiment_id}/${run_id}/artifacts/a/b.txt`, "bytes"),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  return run_id;
}

/** A seal of a run, once it is there. */
async function readSeal(run: string, number: number) {
  const name = await until(() => given.store.readName(sealName(run, number)), `seal ${number}`);
  const reference = referenceSchema.parse(name);
  return { reference, document: await given.store.getJson(reference, sealedRunSchema) };
}
const end = (run_id: string, status = "FINISHED") => post("runs/update", { run_id, status, end_time: 2000 });

describe("a run that ends", () => {
  it.each(["FINISHED", "FAILED", "KILLED"])(
    "as %s is sealed: all that it has is a document by digest",
    async (status) => {
      const run = await createRun();
      await end(run, status);
      const { reference, document } = await readSeal(run, 1);
      expect(document).toMatchObject({
        format: "sealed-run/1",
        run,
        number: 1,
        experiment: { name: `sealing ${turn}`, tags: [{ key: "team", value: "delays" }] },
        name: "sealed",
        status,
        user: "anna",
        actor: "local",
        start: 1000,
        end: 2000,
        lifecycle: "active",
        params: [{ key: "depth", value: "6" }],
        tags: [
          { key: "mlflow.runName", value: "sealed" },
          { key: "note", value: "first" },
          { key: "steward.actor", value: "local" },
        ],
        datasets: [{ name: "flights", digest: "abc", tags: [{ key: "mlflow.data.context", value: "training" }] }],
        models: [{ direction: "input", model: "m-1", step: 0 }],
        amendments: [],
      });
      expect(document.metrics).toEqual([
        { key: "__proto__", points: [[1, 2, "NaN"]] },
        {
          key: "loss",
          points: [
            [0, 1, 1],
            [1, 2, 0.5],
          ],
        },
      ]);
      expect(document.artifacts.files.map(({ path }) => path)).toEqual(["a/b.txt"]);
      const recorded = await until(async () => {
        const [row] = await given.postgres.sql`SELECT sha256, size::int FROM tracking.seals WHERE run_id = ${run}`;
        return row;
      }, "the record");
      expect(recorded).toEqual(reference);
    },
  );

  it("and goes on is sealed again at its next end, never between", async () => {
    const run = await createRun();
    await end(run);
    await readSeal(run, 1);
    await post("runs/update", { run_id: run, status: "RUNNING" });
    await post("runs/log-metric", { run_id: run, key: "loss", value: 0.1, timestamp: 9, step: 2 });
    await given.restart();
    expect(await given.store.readName(sealName(run, 2))).toBeUndefined();
    await end(run);
    expect((await readSeal(run, 2)).document.metrics.at(-1)?.points).toHaveLength(3);
  });
});

it("what is changed in a sealed run is an amendment: found by a search, and beside what was sealed", async () => {
  const run = await createRun();
  await end(run);
  const first = await readSeal(run, 1);
  await post("runs/set-tag", { run_id: run, key: "note", value: "second" });
  await post("runs/set-tag", { run_id: run, key: "note", value: "second" });
  await post("runs/log-metric", { run_id: run, key: "loss", value: 0.25, timestamp: 3, step: 2 });
  await post("runs/log-metric", { run_id: run, key: "loss", value: 0.25, timestamp: 3, step: 2 });
  await post("runs/log-parameter", { run_id: run, key: "late", value: "x" });
  await post("runs/delete-tag", { run_id: run, key: "note" });
  const { body } = await post("runs/search", {
    experiment_ids: [String(first.document.experiment.id)],
    filter: "metrics.loss < 0.3 AND params.late = 'x'",
  });
  expect(body.runs).toHaveLength(1);
  const whats = await until(async () => {
    const [last] = await given.postgres.sql<{ number: number | null }[]>`
      SELECT max(number)::int AS number FROM tracking.seals WHERE run_id = ${run}`;
    const { document } = await readSeal(run, last?.number ?? 1);
    return document.amendments.length === 4 ? document.amendments : undefined;
  }, "the amendments");
  expect(whats.map(({ actor, what }) => [actor, what])).toEqual([
    ["local", { tag: { key: "note", value: "second" } }],
    ["local", { metric: { key: "loss", value: 0.25, timestamp: 3, step: 2 } }],
    ["local", { param: { key: "late", value: "x" } }],
    ["local", { "deleted-tag": { key: "note" } }],
  ]);
  expect(await given.store.getJson(first.reference, sealedRunSchema)).toEqual(first.document);
});

it("a value that is logged for a model is sealed with the model, soon after", async () => {
  const sealed = async (id: string) => {
    const { sql } = given.postgres;
    const due = await sql`SELECT 1 FROM tracking.record_changes WHERE kind = 'logged-model' AND id = ${id}`;
    const seals = await sql`SELECT 1 FROM tracking.record_seals WHERE kind = 'logged-model' AND id = ${id}`;
    return due.length === 0 ? seals.length : 0;
  };
  const run_id = await createRun();
  const { experiment_id } = (await readRun(run_id)).info;
  const { model_id } = (await post("logged-models", { experiment_id, name: "measured" })).body.model.info;
  const before = await until(() => sealed(model_id), "the seal of the model");
  // What the model's own routes told the sealer is over.
  await sleep(1_500);
  await post("runs/log-metric", { run_id, model_id, key: "loss", value: 0.25, timestamp: 3, step: 2 });
  await until(async () => (await sealed(model_id)) === before + 1, "the seal of its value");
  await end(run_id);
  await readSeal(run_id, 1);
});

it("a run that ended while the store was away is sealed by the next server", async () => {
  const run = await createRun();
  // As if the server had been killed between its answer and the seal.
  await given.server.close();
  await given.postgres.sql`
    UPDATE tracking.runs SET status = 'FINISHED', end_time = 2000, seal_due = true WHERE run_id = ${run}`;
  await given.restart();
  expect((await readSeal(run, 1)).document.status).toBe("FINISHED");
});

it("runs are restored from their seals into an empty database, as they were", async () => {
  const runs = [await createRun(), await createRun()];
  for (const run of runs) await end(run);
  await post("runs/delete", { run_id: runs[1] });
  for (const run of runs) await readSeal(run, 1);
  await until(
    async () => (await given.postgres.sql`SELECT 1 FROM tracking.runs WHERE seal_due`).length === 0,
    "all seals",
  );
  const before = await Promise.all(runs.map(readRun));
  const files = await given.postgres.sql`SELECT path, sha256, size FROM tracking.artifacts ORDER BY path`;
  await given.server.close();
  await given.postgres.sql`DROP SCHEMA tracking CASCADE`;
  const sql = await openDatabase({ url: given.postgres.url, areas: trackingAreas });
  try {
    const { restored } = await rebuildRuns(sql, given.store);
    expect(restored).toBeGreaterThanOrEqual(2);
    const records = { experiment: 0, "logged-model": 0, "registered-model": 0, "model-version": 0 };
    expect(await rebuildRuns(sql, given.store)).toEqual({ restored: 0, present: restored, records });
  } finally {
    await sql.end();
  }
  await given.restart();
  expect(await Promise.all(runs.map(readRun))).toEqual(before);
  expect(await given.postgres.sql`SELECT path, sha256, size FROM tracking.artifacts ORDER BY path`).toEqual(files);
  // What is made after that takes no number that is taken.
  const { body } = await post("experiments/create", { name: "after" });
  expect(Number(body.experiment_id)).toBeGreaterThan(turn);
  // What changes now is an amendment after those that there were.
  await post("runs/set-tag", { run_id: runs[0], key: "after", value: "x" });
  expect((await readSeal(runs[0] ?? "", 2)).document.amendments.at(-1)?.what).toEqual({
    tag: { key: "after", value: "x" },
  });
});
