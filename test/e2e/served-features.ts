/**
 * Whether features that a server looks up are those that training gave an example of the same moment.
 * @module
 */
import { tmpdir } from "node:os";
import { expect } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quotePath } from "../../framework/data/sql.ts";
import { trainingSetSchema } from "../../framework/features/training-set.ts";
import { modelPackageSchema } from "../../framework/models/model-package.ts";
import type { StackView } from "../support/deployed.ts";

const endpoint = "late-arrival";

const example = z.object({
  time: z.string(),
  origin: z.string(),
  destination: z.string(),
  distance: z.number(),
  originDelay7d: z.number(),
  routeDelay7d: z.number(),
});
const answer = z.object({ features: z.record(z.string(), z.unknown()) });

/** Asks the example's endpoint about its last flights, and expects the delays of the week before that training knew. */
export async function expectServedAsTrained(view: StackView): Promise<void> {
  const { address, package: digest } = await view.liveEndpoint(endpoint);
  const examples = await readLastExamples(view, digest);
  expect(examples.length).toBeGreaterThan(0);
  for (const { time, originDelay7d, routeDelay7d, ...columns } of examples) {
    const asked = await fetch(`${address}/${endpoint}/predict?explain=features`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ date: time, ...columns }),
    });
    const text = await asked.text();
    expect(asked.status, text).toBe(200);
    const { features } = answer.parse(JSON.parse(text));
    // Means are added up from another row on: their last digits may differ.
    expect(features["originDelay7d"]).toBeCloseTo(originDelay7d, 9);
    expect(features["routeDelay7d"]).toBeCloseTo(routeDelay7d, 9);
  }
}

/** The last examples of the test rows: what they knew is what the online store has, which is as of the last flight. */
async function readLastExamples(view: StackView, digest: string): Promise<readonly z.output<typeof example>[]> {
  return view.store(async (store) => {
    const { trainingSet } = await store.getJson(digest, modelPackageSchema);
    const { splits } = await store.getJson(trainingSet, trainingSetSchema);
    const rows = `read_parquet(${quotePath(await store.fetchFile(splits.test.object))})`;
    const query = `SELECT strftime(__time, '%Y-%m-%dT%H:%M:%SZ') AS time, origin, destination, distance, originDelay7d, routeDelay7d
      FROM ${rows} WHERE __time = (SELECT max(__time) FROM ${rows}) AND routeDelay7d IS NOT NULL ORDER BY ALL`;
    return withDuckDb(tmpdir(), (db) => db.rows(query, example));
  });
}
