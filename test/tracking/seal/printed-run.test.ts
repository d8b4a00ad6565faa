import { afterEach, expect, it, vi } from "vitest";
import { openDatabase } from "../../../framework/tracking/database.ts";
import { trackingAreas } from "../../../framework/tracking/parts.ts";
import { makePrints } from "../../../framework/tracking/runs/read-runs.ts";
import { sealName } from "../../../framework/tracking/seal/sealed-run.ts";
import { useTracking } from "../tracking-stack.ts";
import { until } from "../until.ts";

const given = useTracking();
afterEach(() => {
  vi.restoreAllMocks();
  expect(given.reported).toEqual([]);
});

const post = (path: string, body: unknown) => given.ask("POST", `/api/2.0/mlflow/${path}`, body);
/** A run as a search tells it. */
async function readRun(run: string) {
  const { body } = await given.ask("GET", `/api/2.0/mlflow/runs/get?run_id=${run}`);
  const { experiment_id } = body.run.info;
  const search = { experiment_ids: [experiment_id], filter: `run_id = '${run}'`, run_view_type: "ALL" };
  const found = (await post("runs/search", search)).body.runs;
  expect(found).toHaveLength(1);
  return found[0];
}

/** Waits until what is kept of a run is what it is. */
async function awaitPrint(run: string): Promise<string> {
  return until(async () => {
    const [row] = await given.postgres.sql<{ print: string }[]>`
      SELECT p.print FROM tracking.runs r JOIN tracking.printed_runs p ON p.run_id = r.run_id AND p.seals = r.seals
      WHERE r.run_id = ${run} AND NOT r.seal_due`;
    return row?.print;
  }, "the print");
}

/** What is made of the tables, whatever is kept. */
async function makePrint(run: string): Promise<string | undefined> {
  const sql = await openDatabase({ url: given.postgres.url, areas: trackingAreas, connections: 2 });
  try {
    return (await makePrints(sql, [run])).get(run);
  } finally {
    await sql.end();
  }
}

let turn = 0;
async function endRun(): Promise<string> {
  const { body: experiment } = await post("experiments/create", { name: `printing ${++turn}` });
  const { body } = await post("runs/create", { ...experiment, start_time: 1000, user_id: "anna", run_name: "printed" });
  const { run_id } = body.run.info;
  const logged = await post("runs/log-batch", {
    run_id,
    metrics: [
      { key: "loss", value: 0.5, timestamp: 2, step: 1 },
      { key: "a b/c.d-1", value: "NaN", timestamp: 2, step: 1 },
      { key: "huge", value: 1e300, timestamp: 2, step: 1 },
    ],
    params: [{ key: "depth", value: "6\n\u2028" }],
    tags: [{ key: "note", value: 'first "ü" \\' }],
  });
  expect(logged.status).toBe(200);
  await post("runs/update", { run_id, status: "FINISHED", end_time: 2000 });
  return run_id;
}

const changes: readonly [string, (run: string) => Promise<unknown>][] = [
  ["a tag", (run_id) => post("runs/set-tag", { run_id, key: "note", value: "second" })],
  ["a tag that goes", (run_id) => post("runs/delete-tag", { run_id, key: "note" })],
  ["a value", (run_id) => post("runs/log-metric", { run_id, key: "loss", value: 0.1, timestamp: 9, step: 2 })],
  ["a parameter", (run_id) => post("runs/log-parameter", { run_id, key: "late", value: "x" })],
  ["a name", (run_id) => post("runs/update", { run_id, run_name: "other" })],
  ["a status", (run_id) => post("runs/update", { run_id, status: "FAILED" })],
  ["an end of its life", (run_id) => post("runs/delete", { run_id })],
  [
    "a dataset",
    (run_id) =>
      post("runs/log-inputs", { run_id, datasets: [{ tags: [], dataset: { name: "flights", digest: "abc" } }] }),
  ],
  ["a model", (run_id) => post("runs/log-inputs", { run_id, models: [{ model_id: "m-1" }] })],
];

it.each(changes)(
  "a sealed run that gets %s is told with it at once, and when it is sealed again",
  async (_, change) => {
    const run = await endRun();
    const before = await awaitPrint(run);
    expect(before).toBe(await makePrint(run));
    expect(await readRun(run)).toEqual(JSON.parse(before));
    expect(await change(run)).toMatchObject({ status: 200 });
    const now = await readRun(run);
    expect(now).not.toEqual(JSON.parse(before));
    const after = await awaitPrint(run);
    expect(JSON.parse(after)).toEqual(now);
    expect(after).toBe(await makePrint(run));
  },
);

it("a sealed run is told by what is kept of it", async () => {
  const run = await endRun();
  const print = await awaitPrint(run);
  await given.postgres.sql`
    UPDATE tracking.printed_runs SET print = ${print.replace("printed", "kept")} WHERE run_id = ${run}`;
  expect((await readRun(run)).info.run_name).toBe("kept");
});

it("a run that goes on after its end is told as it is, not as it was sealed", async () => {
  const run = await endRun();
  await awaitPrint(run);
  await post("runs/update", { run_id: run, status: "RUNNING" });
  await post("runs/log-metric", { run_id: run, key: "loss", value: 0.2, timestamp: 9, step: 3 });
  expect(await readRun(run)).toEqual(JSON.parse((await makePrint(run)) ?? ""));
});

it("a run that goes on while its seal is being kept is told as it goes on", async () => {
  const run = await endRun();
  await awaitPrint(run);
  const { sql } = given.postgres;
  const waiting = (count: number) =>
    until(async () => {
      const asked = await sql`
        SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'steward tracking'`;
      return asked.length === count;
    }, `${count} that wait`);
  const writeOnce = given.store.writeOnce.bind(given.store);
  let goesOn: Promise<unknown> | undefined;
  const isKept = new Promise<unknown>((resolve) => {
    vi.spyOn(given.store, "writeOnce").mockImplementation(async (name, value) => {
      const written = await writeOnce(name, value);
      if (name !== sealName(run, 2)) return written;
      // The run has been read: what is changed from here on is not in this seal. The change has the run, and waits to record itself.
      const connection = await sql.reserve();
      await connection`BEGIN`;
      await connection`LOCK TABLE tracking.amendments IN SHARE MODE`;
      goesOn = post("runs/update", { run_id: run, status: "RUNNING" });
      await waiting(1);
      resolve(
        waiting(2).finally(async () => {
          await connection`COMMIT`;
          connection.release();
        }),
      );
      return written;
    });
  });
  await post("runs/set-tag", { run_id: run, key: "note", value: "second" });
  await isKept;
  expect(await goesOn).toMatchObject({ status: 200 });
  await until(async () => {
    const [kept] = await sql`SELECT 1 FROM tracking.printed_runs WHERE run_id = ${run} AND seals = 2`;
    return kept;
  }, "the second seal");
  expect((await readRun(run)).info.status).toBe("RUNNING");
  // What is due is due until it is sealed.
  await post("runs/update", { run_id: run, status: "KILLED" });
  expect(JSON.parse(await awaitPrint(run)).info.status).toBe("KILLED");
});
