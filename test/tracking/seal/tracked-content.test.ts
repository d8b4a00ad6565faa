import { afterEach, expect, it } from "vitest";
import { openDatabase } from "../../../framework/tracking/database.ts";
import { trackingAreas } from "../../../framework/tracking/parts.ts";
import { requireEmpty, requireSameExperiments } from "../../../framework/tracking/seal/tracked-content.ts";
import { useTracking } from "../tracking-stack.ts";
import { until } from "../until.ts";

const given = useTracking();
afterEach(() => expect(given.reported).toEqual([]));

const due = async () => {
  const { sql } = given.postgres;
  return [
    ...(await sql`SELECT 1 FROM tracking.runs WHERE seal_due`),
    ...(await sql`SELECT 1 FROM tracking.record_changes`),
  ];
};

it("a database with another experiment under a number that was sealed is told from one that has lost it", async () => {
  await given.ask("POST", "/api/2.0/mlflow/experiments/create", { name: "sealed" });
  await until(async () => (await due()).length === 0, "all seals");
  await given.server.close();
  await given.postgres.sql`DROP SCHEMA tracking CASCADE`;
  const sql = await openDatabase({ url: given.postgres.url, areas: trackingAreas });
  try {
    await requireEmpty(sql);
    const experiment = { name: "new", artifact_location: "mlflow-artifacts:/1", creation_time: 1, last_update_time: 1 };
    await sql`INSERT INTO experiments ${sql(experiment)}`;
    await expect(requireEmpty(sql)).rejects.toThrow(/1 experiment.*\[database-not-empty\]/s);
    await expect(requireSameExperiments(sql, given.store)).rejects.toThrow(
      /experiment 1 of the database is another one/,
    );
  } finally {
    await sql.end();
  }
  await given.restart();
});
