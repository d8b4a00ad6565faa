import { afterEach, expect, it } from "vitest";
import { openDatabase } from "../../../framework/tracking/database.ts";
import { trackingAreas } from "../../../framework/tracking/parts.ts";
import { rebuildRuns } from "../../../framework/tracking/seal/rebuild-runs.ts";
import { requireEmpty, requireSameExperiments } from "../../../framework/tracking/seal/tracked-content.ts";
import { runClient, useTracking } from "../tracking-stack.ts";
import { until } from "../until.ts";

const given = useTracking();
afterEach(() => expect(given.reported).toEqual([]));

const read = () => runClient("3.17", { script: "rebuild.py", url: given.url, args: ["read"] });
const post = (path: string, body: unknown) => given.ask("POST", `/api/2.0/mlflow/${path}`, body);
const due = async () => {
  const { sql } = given.postgres;
  return [
    ...(await sql`SELECT 1 FROM tracking.runs WHERE seal_due`),
    ...(await sql`SELECT 1 FROM tracking.record_changes`),
  ];
};

it("a client reads the same of an empty database that was rebuilt from what was sealed", async () => {
  await runClient("3.17", { script: "rebuild.py", url: given.url, args: ["fill"] });
  const before = await read();
  await until(async () => (await due()).length === 0, "all seals");
  const [lastModel] = await given.postgres.sql`
    SELECT max(id::int) AS id FROM tracking.record_seals WHERE kind = 'registered-model'`;
  await given.postgres.sql`DROP SCHEMA tracking CASCADE`;
  await given.restart();

  const sql = await openDatabase({ url: given.postgres.url, areas: trackingAreas });
  const seen: number[] = [];
  try {
    await requireEmpty(sql);
    const rebuilt = await rebuildRuns(sql, given.store, ({ runs }) => seen.push(runs));
    expect(rebuilt).toEqual({
      restored: 2,
      present: 0,
      records: { experiment: 4, "logged-model": 2, "registered-model": 2, "model-version": 2 },
    });
    expect(seen).toEqual([1, 2]);
    const none = { experiment: 0, "logged-model": 0, "registered-model": 0, "model-version": 0 };
    expect(await rebuildRuns(sql, given.store)).toEqual({ restored: 0, present: 2, records: none });
    await expect(requireEmpty(sql)).rejects.toThrow(/2 runs, 4 models, 3 experiments.*\[database-not-empty\]/s);
    await requireSameExperiments(sql, given.store);
  } finally {
    await sql.end();
  }
  expect(await read()).toEqual(before);

  // Numbers that were given once, to what was deleted too, are given to nothing else.
  const { body } = await given.ask("GET", "/api/2.0/mlflow/model-versions/get?name=late&version=1");
  const version = await post("model-versions/create", { name: "late", source: body.model_version.source });
  expect(version.body.model_version?.version).toBe("4");
  await post("registered-models/create", { name: "later" });
  const [later] = await given.postgres.sql`SELECT id::int FROM tracking.registered_models WHERE name = 'later'`;
  expect(later?.["id"]).toBeGreaterThan(lastModel?.["id"]);
}, 240_000);
