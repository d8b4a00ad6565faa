import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { datasetVersionSchema } from "../../framework/data/dataset-version.ts";
import { readRecord } from "../../framework/data/version-log.ts";
import { buildTrainingSet } from "../../framework/features/build-training-set.ts";
import { readScoring } from "../../framework/scoring/find-scored.ts";
import { logScored } from "../../framework/scoring/log-scored.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import { storeVersion } from "../features/folder-store.ts";
import { dataset } from "../features/given.ts";
import { routes } from "../features/orders.ts";
import { drawTrees } from "../models/random-trees.ts";
import { createTreeOnnx } from "../models/tree-onnx.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";
import { useStore } from "../support/test-store.ts";
import { ask, type Given, listOrders, placed, readRows, score, serve, stars } from "./scored-orders.ts";

const given = useStore();

const [price, gift, city] = ["price", "gift", "city"].map((name) => routes.columns.find((one) => one.name === name));
/** Features of a row alone. */
const plain = { ...routes, columns: [price, gift, city].flatMap((one) => one ?? []) };
const inputs: Given["package"]["inputs"] = [
  { name: "price", type: "number" },
  { name: "gift", type: "boolean" },
  { name: "city", type: "category" },
];
const example = { price: 1, gift: 1, city: "a" };
const cities = ["(other)", "B", "a", "b", "ä"];

/** Many trees over three inputs, each compared with its thresholds by "at most". */
function growTrees(width: number): Uint8Array {
  const trees = drawTrees({ seed: 4, trees: 120, depth: 6, columns: width });
  return createTreeOnnx({ trees: { ...trees, modes: trees.modes.map(() => 0) }, width });
}

/** What a server is asked, of the rows of `listOrders`. */
function listFeatures(from: number, to: number) {
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  const names = ["b", "ä", "B", "a", "zz", null];
  return {
    price: rows.map((i) => (i % 7 > 0 ? i / 7 : null)),
    gift: rows.map((i) => i % 2 === 0),
    city: rows.map((i) => names[i % 6] ?? null),
  };
}

const trees = (): Given => ({
  store: given.store,
  folder: given.folder,
  features: plain,
  parts: [listOrders(0, 5000), listOrders(5000, 5050)],
  onnx: growTrees(3),
  package: {
    task: "regression",
    output: "value",
    inputs,
    example,
    categories: { city: cities },
    fitted: {
      price: [
        { op: "imputed", value: 3 },
        { op: "scaled", center: 10, scale: 7 },
      ],
      city: [{ op: "category", unseen: "other", other: "(other)" }],
    },
  },
});

describe("the rows of a dataset that are scored", () => {
  it("have the answers of a model server to the last bit, beside key and time, in the order of the dataset", async () => {
    const asked = await ask({ ...trees(), columns: ["city"] });
    const result = await score(given, asked);
    expect(result).toMatchObject({ rows: 5050, refused: 0, leftOut: 0 });
    const rows = await readRows(given.store, result.root, given.folder);
    const served = await serve(given.store, asked, listFeatures(0, 5050));
    expect(rows.map((row) => row["predicted_value"])).toEqual(served);
    expect(new Set(served).size).toBeGreaterThan(30);
    expect(rows.map((row) => Number(row["id"]))).toEqual(Array.from({ length: 5050 }, (_, i) => i));
    expect(rows[3]).toEqual({
      time: "2024-03-01 03:00:00",
      city: "a",
      id: "3",
      predicted_value: served[3],
      predicted_by: asked.request.package,
    });
  });

  it("are a version that says its columns and what it was made from", async () => {
    const asked = await ask(trees());
    const { root } = await score(given, asked);
    const version = await given.store.getJson(root, datasetVersionSchema);
    expect(version).toMatchObject({
      dataset: "orders.scored-by.stars",
      eventTime: "time",
      key: ["id"],
      rows: 5050,
      fingerprint: asked.request.identity,
    });
    expect(version.columns.map(({ name, type }) => [name, type])).toEqual([
      ["time", "timestamp"],
      ["id", "integer"],
      ["predicted_value", "number"],
      ["predicted_by", "string"],
    ]);
    expect(version.files?.[0]?.parts.map(({ rows }) => rows)).toEqual([5000, 50]);
    expect(await readScoring(given.store, asked.request.identity)).toMatchObject({
      model: "stars",
      version: 3,
      package: asked.request.package,
      datasets: { orders: asked.request.datasets["orders"]?.root },
      root,
    });
  });

  it("are not scored again, and of a dataset that has grown only what is new is", async () => {
    const asked = await ask(trees());
    const shown: string[] = [];
    const show = (line: string) => void shown.push(line);
    const first = await score(given, asked, { show });
    expect(shown.at(-1)).toMatch(/^scoring: 5,050 of 5,050 rows, [\d,]+ a second, 0 s left$/);
    shown.length = 0;
    expect(await score(given, asked, { show })).toEqual(first);
    expect(shown).toEqual([]);

    const grown = await ask({ ...trees(), parts: [...trees().parts, listOrders(5050, 5060)] });
    expect(await score(given, grown, { show })).toMatchObject({ rows: 5060 });
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatch(/^scoring: 5,060 of 5,060 rows/);
  });

  it("are scored again where a part of them is lost", async () => {
    const asked = await ask(trees());
    const first = await score(given, asked);
    const version = await given.store.getJson(first.root, datasetVersionSchema);
    await given.store.inventory.remove([version.files?.[0]?.parts[1]?.object.sha256 ?? ""]);
    expect(await score(given, asked)).toEqual(first);
    expect(await readRows(given.store, first.root, given.folder)).toHaveLength(5050);
  });

  it("are numbered by the version that is there, where they had to be scored again and have other bytes", async () => {
    const asked = await ask(trees());
    const place = { jobNamespace: "jobs", datasetNamespace: "datasets" };
    const { root: lost } = await score(given, asked);
    expect(await logScored(given.store, { ...asked, at: "2026-01-01T00:00:00Z", place })).toBe(1);
    // Another Parquet writer would give the same rows as other bytes.
    const version = await given.store.getJson(lost, datasetVersionSchema);
    const { sha256: root } = await given.store.putJson({
      ...version,
      columns: version.columns.map((one) => ({ ...one, description: "written again" })),
    });
    await nameArtefact(given.store, artefactNames.scored(asked.request.identity), root);
    expect(await logScored(given.store, { ...asked, at: "2026-01-02T00:00:00Z", place })).toBe(2);
    expect(await readRecord(given.store, "orders.scored-by.stars", 2)).toMatchObject({ root });
    expect(await readScoring(given.store, asked.request.identity)).toMatchObject({ root });
  });

  it("have no answer where the model refuses a row, and a probability for each class elsewhere", async () => {
    const asked = await ask({
      ...trees(),
      onnx: createLinearOnnx({ task: "multiclass", weights: [0.01, 0.02, 0.5, 1, 0.3, 0.1], classes: 2 }),
      package: {
        task: "multiclass",
        output: "probabilities",
        classes: ["it's low", "high"],
        inputs,
        example,
        categories: { city: ["B", "a", "b", "ä"] },
        fitted: { city: [{ op: "category", unseen: "error" }] },
      },
    });
    const result = await score(given, asked);
    const all = listFeatures(0, 5050);
    expect(result).toMatchObject({ rows: 5050, refused: all.city.filter((name) => name === "zz").length });
    const rows = await readRows(given.store, result.root, given.folder);
    expect(rows[4]).toMatchObject({ id: "4", predicted_probabilities: null, predicted_label: null });
    const taken = [...rows.keys()].filter((i) => all.city[i] !== "zz");
    const pick = <T>(values: readonly T[]) => taken.map((i) => values[i] as T);
    const served = await serve(given.store, asked, {
      price: pick(all.price),
      gift: pick(all.gift),
      city: pick(all.city),
    });
    for (const [at, i] of taken.entries()) {
      const [low = 0, high = 0] = served.slice(at * 2, at * 2 + 2);
      const [ownLow, ownHigh] = (rows[i]?.["predicted_probabilities"] ?? []) as number[];
      expect(ownLow).toBeCloseTo(low, 6);
      expect(ownHigh).toBeCloseTo(high, 6);
      expect(rows[i]?.["predicted_label"]).toBe(low >= high ? "it's low" : "high");
    }
  });

  it("are those of a dataset whose columns are the features, whatever it is called", async () => {
    const basket = dataset("baskets", { time: "timestamp", city: "string", gift: "boolean", price: "number" });
    const asked = await ask({
      ...trees(),
      dataset: basket,
      parts: [`SELECT time, city, gift, price FROM (${listOrders(0, 300)}) UNION ALL SELECT NULL, 'a', true, 1`],
    });
    const result = await score(given, asked);
    expect(result).toMatchObject({ rows: 300, leftOut: 1 });
    const rows = await readRows(given.store, result.root, given.folder);
    expect(rows.map((row) => row["predicted_value"])).toEqual(await serve(given.store, asked, listFeatures(0, 300)));
  });

  it("have an answer whatever a feature is called", async () => {
    const named = dataset("baskets", { time: "timestamp", a0: "number", answers: "number" });
    const asked = await ask({
      ...trees(),
      dataset: named,
      parts: [
        "SELECT TIMESTAMP '2024-03-01' + to_hours(i) AS time, i / 7 AS a0, i / 3 AS answers FROM range(40) AS t(i)",
      ],
      onnx: growTrees(2),
      package: {
        ...trees().package,
        inputs: ["a0", "answers"].map((name) => ({ name, type: "number" })),
        example: { a0: 1, answers: 1 },
        categories: {},
        fitted: {},
      },
    });
    const { root } = await score(given, asked);
    const rows = await readRows(given.store, root, given.folder);
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const served = await serve(given.store, asked, {
      a0: numbers.map((i) => i / 7),
      answers: numbers.map((i) => i / 3),
    });
    expect(rows.map((row) => row["predicted_value"])).toEqual(served);
  });

  it("are counted as refused in each of two parts that are the same", async () => {
    const once = `SELECT TIMESTAMP '2024-03-01' AS time, 'zz' AS city, true AS gift, 1.5 AS price`;
    const asked = await ask({
      ...trees(),
      dataset: dataset("baskets", { time: "timestamp", city: "string", gift: "boolean", price: "number" }),
      parts: [once, once],
      package: { ...trees().package, fitted: { city: [{ op: "category", unseen: "error" }] } },
    });
    expect(await score(given, asked)).toMatchObject({ rows: 2, refused: 2 });
  });

  it("have features that look at other rows as a training set has them, those without a label too", async () => {
    const width = 4;
    const asked = await ask({
      ...trees(),
      features: routes,
      onnx: growTrees(width),
      parts: [listOrders(0, 240)],
      package: {
        task: "regression",
        output: "value",
        inputs: [...inputs, { name: "ratings", type: "number" }],
        example: { ...example, ratings: 1 },
        categories: { city: cities },
      },
    });
    const result = await score(given, asked);
    expect(result).toMatchObject({ rows: 240 });
    const rows = await readRows(given.store, result.root, given.folder);
    expect(rows.map((row) => Number(row["id"]))).toEqual(Array.from({ length: 240 }, (_, i) => i));

    const work = await mkdtemp(join(given.folder, "set-"));
    const store = { ...given.store, folder: work };
    const stored = await storeVersion(store, placed, [listOrders(0, 240)]);
    const { trainingSet } = await buildTrainingSet({
      training: stars,
      features: { orders: routes },
      datasets: { orders: stored },
      identity: "set",
      store: given.store,
      workFolder: work,
    });
    const answers = new Map(rows.map((row) => [row["time"], row["predicted_value"]]));
    for (const { object } of Object.values(trainingSet.splits)) {
      const examples = await readExamples(object);
      const of = (name: string) => examples.map((row) => row[name] as number);
      const served = await serve(given.store, asked, {
        price: of("price"),
        gift: of("gift"),
        city: of("city"),
        ratings: of("ratings"),
      });
      expect(examples.map((row) => answers.get(row["__time"]))).toEqual(served);
    }
  });

  it("stop being scored when that is cancelled, and are gone on with", async () => {
    const asked = await ask(trees());
    const cancelled = new Error("cancelled");
    const ending = new AbortController();
    const show = () => ending.abort(cancelled);
    await expect(score(given, asked, { show, threads: 1, signal: ending.signal })).rejects.toBe(cancelled);
    expect(await score(given, asked)).toMatchObject({ rows: 5050 });
  });
});

async function readExamples(object: { readonly sha256: string; readonly size: number }) {
  const { z } = await import("zod");
  const { withDuckDb } = await import("../../framework/data/duckdb.ts");
  const path = await given.store.fetchFile(object);
  return withDuckDb(given.folder, (db) =>
    db.rows(`SELECT * FROM read_parquet('${path}')`, z.record(z.string(), z.unknown())),
  );
}
