/**
 * Flights with weather, from which a training set is built and a model served: hundreds of them leave at the moment of the
 * materialisation.
 * @module
 */
import { z } from "zod";
import { withDuckDb } from "../../../framework/data/duckdb.ts";
import type { FeaturesSpec } from "../../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../../framework/engine/desired.ts";
import { buildTrainingSet } from "../../../framework/features/build-training-set.ts";
import { nameServingPlan } from "../../../framework/features/online/serving-plan.ts";
import type { TrainingSet } from "../../../framework/features/training-set.ts";
import { type ModelPackage, productionRefName } from "../../../framework/models/model-package.ts";
import type { Digest } from "../../../framework/plan/digest.ts";
import type { Store } from "../../../framework/store/store.ts";
import { storeVersion } from "../../features/folder-store.ts";
import { column, dataset, features, literal, trainingJob, window } from "../../features/given.ts";
import { createLinearOnnx } from "../linear-onnx.ts";

const exampleRow = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.bigint().transform(Number)]),
);

export const model = "late";
export const endpoint = "desk";
/** When the last flights leave, in microseconds since 1970. */
export const moment = 1_704_844_800_000_000n;
const hour = 3_600_000_000n;

const flights = dataset("flights", {
  time: "timestamp",
  id: "integer",
  origin: "string",
  carrier: "string",
  distance: "number",
  delay: { type: "integer", known: "2 hours" },
});
const weather = dataset(
  "weather",
  { time: "timestamp", airport: "string", wind: "number", sky: "string", fog: "boolean" },
  { key: ["airport"] },
);

const [origin, carrier, delay] = [column("origin"), column("carrier"), column("delay")];
const byOrigin = { by: [origin], over: "1 day", lag: "2 hours" };
const byBoth = { by: [origin, carrier], over: "7 days", lag: "2 hours" };
export const routes = features("routes", "flights", {
  id: column("id"),
  hour: { op: "hour", of: column("time") },
  far: ["boolean", { op: "gt", left: column("distance"), right: literal(300) }],
  origin: ["category", { op: "category", of: origin }],
  flown: window("count", delay, byOrigin),
  carriers: window("distinct", carrier, byOrigin),
  worst: window("max", delay, byOrigin),
  latest: window("last", delay, byBoth),
  lateness: window("mean", delay, byBoth),
  spread: window("std", delay, byBoth),
  above: { op: "subtract", left: window("mean", delay, byBoth), right: window("mean", delay, byOrigin) },
});
const conditions = features("conditions", "weather", {
  wind: column("wind"),
  sky: ["category", { op: "category", of: column("sky") }],
  foggy: ["boolean", column("fog")],
});
const training = trainingJob({
  features: [
    { set: "routes", by: {} },
    { set: "conditions", by: { airport: origin }, ttl: "6 hours" },
  ],
  label: delay,
  split: { test: "2 days", validation: "2 days", gap: "2 hours" },
});

/** 300 flights leave at the moment; their delays are numbers whose sums are not exact. */
const flightRows = `SELECT
    make_timestamp(${moment} - CASE WHEN i >= 5700 THEN 0 ELSE (5700 - i) * ${(hour * 20n * 24n) / 5700n} END) AS time,
    i AS id,
    CASE i % 7 WHEN 0 THEN 'JFK' WHEN 1 THEN 'LAX' WHEN 2 THEN 'SFO' WHEN 3 THEN 'ÖRE' WHEN 4 THEN NULL ELSE 'AAA' || (i % 30) END AS origin,
    'C' || (i % 5) AS carrier,
    (i * 37 % 2000) / 3.0 AS distance,
    i * i % 97 - 20 AS delay
  FROM range(6000) AS r(i)`;

/** Of an airport that nobody flies from, of one whose last reading is too old, and of most. */
const weatherRows = `SELECT
    make_timestamp(${moment} - i * ${hour / 2n} - CASE airport WHEN 'SFO' THEN ${hour * 8n} ELSE 0 END) AS time,
    airport,
    i * 1.1 AS wind,
    CASE i % 3 WHEN 0 THEN 'clear' WHEN 1 THEN NULL ELSE 'fog' END AS sky,
    i % 2 = 0 AS fog
  FROM range(400) AS r(i), (VALUES ('JFK'), ('SFO'), ('ÖRE'), ('AAA11'), ('XXX')) AS a(airport)`;

/** What a test finds: a released package, and what it was made from. */
export interface GivenFlights {
  readonly package: Digest;
  readonly trainingSet: TrainingSet;
  readonly desired: DesiredModel;
  readonly roots: Readonly<Record<string, Digest>>;
}

/** Builds a training set and puts a package of it into production. */
export async function releaseFlights(
  store: Store,
  folder: string,
  {
    sets = [routes, conditions],
    version = 1,
  }: { readonly sets?: readonly FeaturesSpec[]; readonly version?: number } = {},
): Promise<GivenFlights> {
  const room = { ...store, folder };
  const versions = {
    flights: await storeVersion(room, flights, [flightRows]),
    weather: await storeVersion(room, weather, [weatherRows]),
  };
  const chosen = {
    ...training,
    features: training.features.filter(({ set }) => sets.some(({ name }) => name === set)),
  };
  const byName = Object.fromEntries(sets.map((set) => [set.name, set]));
  const built = await buildTrainingSet({
    training: chosen,
    features: byName,
    datasets: versions,
    identity: String(version).repeat(64),
    store,
    workFolder: folder,
  });
  const { trainingSet } = built;
  const modelPackage: ModelPackage = {
    format: "model-package/3",
    model,
    onnx: await store.putBytes(
      createLinearOnnx({ task: "regression", weights: trainingSet.features.map((_, i) => i / 8) }),
    ),
    task: "regression",
    inputs: trainingSet.features,
    output: "value",
    categories: trainingSet.categories,
    run: "r",
    trainingSet: built.reference.sha256,
    example: Object.fromEntries(trainingSet.features.map(({ name }) => [name, null])),
  };
  const { sha256: digest } = await store.putJson(modelPackage);
  const roots: Record<string, Digest> = {};
  const datasets: Record<string, DesiredModel["datasets"][string]> = {};
  for (const [name, { spec, version }] of Object.entries(versions)) {
    roots[name] = (await store.putJson(version)).sha256;
    datasets[name] = { spec: await store.putJson(spec), root: roots[name] };
  }
  const references = await Promise.all(sets.map(async (set) => [set.name, await store.putJson(set)] as const));
  const desired: DesiredModel = {
    kind: "model",
    spec: { sha256: "", size: 0 },
    training: await store.putJson(chosen),
    trainer: { sha256: "", size: 0 },
    features: Object.fromEntries(references),
    datasets,
  };
  await nameServingPlan(store, { package: digest, desired });
  await promote(store, digest, version);
  return { package: digest, trainingSet, desired, roots };
}

/** Puts a package into production. */
async function promote(store: Store, digest: Digest, version: number): Promise<void> {
  const value = { format: "production/1", generation: version, version, package: digest, evaluation: "e" };
  await store.moveRef(productionRefName(model), { generation: version, value });
}

/** The rows of the training set at the moment, by the flights' ids. */
export async function readExamples(store: Store, folder: string, { splits }: TrainingSet) {
  const file = await store.fetchFile(splits.test.object);
  return withDuckDb(folder, async (db) => {
    const rows = await db.rows(
      `SELECT * EXCLUDE (__time, __label) FROM read_parquet('${file}') WHERE epoch_us(__time) = ${moment}`,
      exampleRow,
    );
    return new Map(rows.map((row) => [Number(row["id"]), row]));
  });
}

/** The columns of the flights at the moment, as a caller has them. */
export async function readFlights(folder: string) {
  return withDuckDb(folder, (db) =>
    db.rows(
      `SELECT CAST(id AS INTEGER) AS id, origin, carrier, distance FROM (${flightRows}) WHERE id >= 5700`,
      exampleRow,
    ),
  );
}
