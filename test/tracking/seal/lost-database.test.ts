import { afterEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../../framework/tracking/database.ts";
import { trackingAreas } from "../../../framework/tracking/parts.ts";
import { whileRebuilding } from "../../../framework/tracking/seal/lost-database.ts";
import { recordPrefix } from "../../../framework/tracking/seal/sealed-record.ts";
import { type GivenTracking, useTracking } from "../tracking-stack.ts";
import { until } from "../until.ts";

const api = "/api/2.0/mlflow";
const refused = {
  status: 400,
  body: { error_code: "INVALID_STATE", message: expect.stringContaining("npx steward rebuild") },
};

const sealAll = (given: GivenTracking) =>
  until(async () => (await given.postgres.sql`SELECT 1 FROM tracking.record_changes`).length === 0, "all seals");

async function loseAll(given: GivenTracking): Promise<void> {
  // What it is about to seal is not to be looked for where there is no table any more.
  await given.server.close();
  await given.postgres.sql`DROP SCHEMA tracking CASCADE`;
  await given.restart();
}

describe("a database that has lost what was sealed", () => {
  const given = useTracking();
  afterEach(() => expect(given.reported).toEqual([]));
  const create = (name: string) => given.ask("POST", `${api}/experiments/create`, { name });
  const listSeals = async () => {
    const names: string[] = [];
    for await (const name of given.store.listNames(recordPrefix)) names.push(name);
    return names.sort();
  };

  it("is neither answered from nor sealed until that is restored", async () => {
    expect((await create("sealed")).status).toBe(200);
    await sealAll(given);
    const sealed = await listSeals();
    await loseAll(given);
    expect(await create("new")).toEqual(refused);
    expect(await given.ask("POST", `${api}/experiments/search`, { max_results: 5 })).toEqual(refused);
    expect(await given.ask("GET", `${api}/experiments/get?experiment_id=0`)).toEqual(refused);
    expect((await given.ask("GET", "/health")).status).toBe(200);
    // What every database has is not sealed over what it was.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await listSeals()).toEqual(sealed);

    const sql = await openDatabase({ url: given.postgres.url, areas: trackingAreas });
    try {
      await whileRebuilding(sql, async () => {
        const experiment = { experiment_id: 1, name: "sealed", artifact_location: "mlflow-artifacts:/1" };
        await sql`INSERT INTO experiments ${sql({ ...experiment, creation_time: 1, last_update_time: 1 })}`;
        expect(await create("new")).toEqual(refused);
      });
      await sql`SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'), 1)`;
    } finally {
      await sql.end();
    }
    expect(await create("new")).toEqual({ status: 200, body: { experiment_id: "2" } });
  });
});

describe("an empty database", () => {
  const given = useTracking();
  afterEach(() => expect(given.reported).toEqual([]));

  it("is answered from where all that was sealed is in every database, or was deleted", async () => {
    const model = { name: "deleted" };
    expect((await given.ask("POST", `${api}/registered-models/create`, model)).status).toBe(200);
    await sealAll(given);
    expect((await given.ask("DELETE", `${api}/registered-models/delete`, model)).status).toBe(200);
    await sealAll(given);
    await loseAll(given);
    expect((await given.ask("POST", `${api}/experiments/create`, { name: "new" })).status).toBe(200);
  });
});
