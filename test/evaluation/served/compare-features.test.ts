import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../../../framework/definitions/spec.ts";
import type { CandidateOrigin } from "../../../framework/evaluation/candidate-origin.ts";
import { compareFeatures } from "../../../framework/evaluation/served/compare-features.ts";
import { buildTrainingSet } from "../../../framework/features/build-training-set.ts";
import { createFolderStore, type FolderStore, storeVersion } from "../../features/folder-store.ts";
import { column, dataset, features, literal, trainingJob, window } from "../../features/given.ts";

/** Ten flights an hour of four days, and what the weather was at their airports. */
const flightRows = `SELECT TIMESTAMP '2024-01-01' + INTERVAL (i // 10) HOUR AS time,
  CASE WHEN i % 3 = 0 THEN 'SEA' WHEN i % 3 = 1 THEN 'JFK' ELSE 'O''Hare' END AS airport,
  i % 7 = 0 AS charter, CASE WHEN i % 11 = 0 THEN NULL ELSE (i % 13) / 4.0 END AS load, i % 17 AS delay
  FROM range(960) t(i)`;
const weatherRows = `SELECT TIMESTAMP '2024-01-01' + INTERVAL (i * 20) MINUTE AS time,
  CASE WHEN i % 2 = 0 THEN 'SEA' ELSE 'JFK' END AS airport, (i * 37 % 101) / 3.0 AS wind FROM range(280) t(i)`;

const flights = dataset("flights", {
  time: "timestamp",
  airport: "string",
  charter: "boolean",
  load: "number",
  delay: { type: "integer", known: "2 hours" },
});
const weather = dataset("weather", { time: "timestamp", airport: "string", wind: "number" }, { key: ["airport"] });

const plain = features("plain", "flights", {
  hour: { op: "hour", of: column("time") },
  twice: { op: "multiply", left: column("load"), right: literal(2) },
  charter: ["boolean", column("charter")],
  airport: ["category", { op: "category", of: column("airport") }],
});
const past = features("past", "flights", {
  usual: window("mean", column("delay"), { by: [column("airport")], over: "12 hours", lag: "2 hours" }),
  flown: window("count", column("delay"), { by: [column("airport")], over: "5 hours", lag: "3 hours" }),
});
const winds = features("winds", "weather", { wind: column("wind") });

let store: FolderStore;
let origin: CandidateOrigin["datasets"];
let versions: Readonly<
  Record<string, { readonly spec: DatasetSpec; readonly version: CandidateOrigin["datasets"][string]["version"] }>
>;
beforeAll(async () => {
  store = await createFolderStore();
  const stored = {
    flights: { spec: flights, version: (await storeVersion(store, flights, [flightRows])).version },
    weather: { spec: weather, version: (await storeVersion(store, weather, [weatherRows])).version },
  };
  versions = stored;
  origin = {
    flights: { version: stored.flights.version, root: "a".repeat(64) },
    weather: { version: stored.weather.version, root: "b".repeat(64) },
  };
});
afterAll(() => store[Symbol.asyncDispose]());

type Sets = Readonly<Record<string, FeaturesSpec>>;

/** Compares a training set of some feature sets with what a server makes of others. */
async function compare(trained: Sets, uses: TrainingJobSpec["features"], served: Sets = trained, most?: number) {
  const training = trainingJob({ features: uses, label: column("delay") });
  const { trainingSet } = await buildTrainingSet({
    training,
    features: trained,
    datasets: versions,
    identity: "i",
    store,
    workFolder: store.folder,
  });
  const specs = { training, features: served, datasets: { flights, weather } };
  return await compareFeatures({
    origin: { specs, datasets: origin },
    trainingSet,
    objects: store,
    workFolder: store.folder,
    ...(most !== undefined && { most }),
  });
}

const ofPlain = [{ set: "plain", by: {} }];
const ofAll = [...ofPlain, { set: "past", by: {} }, { set: "winds", by: { airport: column("airport") } }];

describe("features of training and serving", () => {
  it("are the same where they are made of the row alone, at rows from all over the test split", async () => {
    expect(await compare({ plain }, ofPlain)).toEqual({
      verdict: "pass",
      reason: "features: a server makes of 100 rows what training had",
      rows: 100,
      exceeding: 0,
    });
  });

  it("are not compared where too many rows happened at the moments of the examples", async () => {
    const { verdict, reason } = await compare({ plain }, ofPlain, { plain }, 100);
    expect(verdict).toBe("not-compared");
    expect(reason).toMatch(/^not compared: features, because \d+ rows may be those that are compared$/);
  });

  it("are the same where they are looked up in tables as of a moment", async () => {
    const found = await compare({ plain, past, winds }, ofAll);
    expect(found).toEqual({
      verdict: "pass",
      reason: "features: a server makes of 10 rows what training had",
      rows: 10,
      exceeding: 0,
    });
  });

  it.each<[string, Sets, RegExp]>([
    [
      "computed",
      {
        plain: features("plain", "flights", {
          ...pick(plain),
          hour: ["number", { op: "dayOfWeek", of: column("time") }],
        }),
      },
      /"hour" is \d+ for a server and was \d+ in training/,
    ],
    [
      "looked up in a window",
      {
        past: features("past", "flights", {
          ...pick(past),
          flown: [
            "number",
            window("count", column("delay"), { by: [column("airport")], over: "4 hours", lag: "3 hours" }),
          ],
        }),
      },
      /"flown" is/,
    ],
    [
      "looked up in a joined set",
      { winds: features("winds", "weather", { wind: { op: "add", left: column("wind"), right: literal(1) } }) },
      /"wind" is/,
    ],
  ])("that are %s otherwise are found", async (_, changed, reason) => {
    const trained = { plain, past, winds };
    const found = await compare(trained, ofAll, { ...trained, ...changed });
    expect(found.verdict).toBe("fail");
    expect(found.reason).toMatch(reason);
  });

  it("are not compared at rows that a server would refuse, and how many those are is said", async () => {
    const strict = {
      ...flights,
      columns: flights.columns.map((one) => (one.name === "load" ? { ...one, max: -1 } : one)),
    };
    const training = trainingJob({ features: ofPlain, label: column("delay") });
    const { trainingSet } = await buildTrainingSet({
      training,
      features: { plain },
      datasets: versions,
      identity: "i",
      store,
      workFolder: store.folder,
    });
    const specs = { training, features: { plain }, datasets: { flights: strict } };
    const found = await compareFeatures({
      origin: { specs, datasets: origin },
      trainingSet,
      objects: store,
      workFolder: store.folder,
    });
    expect(found.reason).toContain("would be refused");
    expect(found.rows).toBeLessThan(100);
  });
});

/** The columns of a set as they are given. */
function pick(set: FeaturesSpec) {
  return Object.fromEntries(set.columns.map(({ name, type, expression }) => [name, [type, expression] as const]));
}
