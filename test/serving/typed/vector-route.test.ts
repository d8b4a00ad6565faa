/**
 * A model of a vector, asked by rows and by features.
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { formatOf } from "../../../framework/definitions/format.ts";
import type { DesiredModel } from "../../../framework/engine/desired.ts";
import { buildTrainingSet } from "../../../framework/features/build-training-set.ts";
import { nameServingPlan } from "../../../framework/features/online/serving-plan.ts";
import { type ModelPackage, productionRefName } from "../../../framework/models/model-package.ts";
import { type ModelServer, startServer } from "../../../framework/serving/server.ts";
import { storeVersion } from "../../features/folder-store.ts";
import { column, dataset, features, trainingJob } from "../../features/given.ts";
import { useStore } from "../../support/test-store.ts";
import { createLinearOnnx } from "../linear-onnx.ts";

const given = useStore();
let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const articles = dataset("articles", {
  time: "timestamp",
  title: { type: "vector", length: 3 },
  clicks: { type: "number", known: "1 hour" },
});
const title = column("title");
const embedded = features("embedded", "articles", {
  title_0: { op: "at", of: title, index: 0 },
  title_1: { op: "at", of: title, index: 1 },
  title_2: { op: "at", of: title, index: 2 },
  size: { op: "norm", of: title },
});
const training = trainingJob({ features: [{ set: "embedded", by: {} }], label: column("clicks") });
const rows = `SELECT TIMESTAMP '2024-03-01' + to_hours(i::INTEGER) AS time, [i / 7, -i / 3, 1]::DOUBLE[] AS title, i % 9 AS clicks
  FROM range(240) AS r(i)`;
const weights = [1, 2, 4, 8];

async function start(): Promise<number> {
  const { store, folder } = given;
  const version = await storeVersion(Object.assign({}, store, { folder }), articles, [rows]);
  const sets = { embedded };
  const datasets = { articles: version };
  const built = await buildTrainingSet({
    training,
    features: sets,
    datasets,
    identity: "v",
    store,
    workFolder: folder,
  });
  const modelPackage: ModelPackage = {
    format: formatOf("model-package"),
    model: "clicks",
    onnx: await store.putBytes(createLinearOnnx({ task: "regression", weights })),
    task: "regression",
    inputs: built.trainingSet.features,
    output: "value",
    categories: built.trainingSet.categories,
    run: "r",
    trainingSet: built.reference.sha256,
    example: Object.fromEntries(built.trainingSet.features.map(({ name }) => [name, null])),
  };
  const { sha256: digest } = await store.putJson(modelPackage);
  const desired: DesiredModel = {
    kind: "model",
    spec: { sha256: "", size: 0 },
    training: await store.putJson(training),
    trainer: { sha256: "", size: 0 },
    features: { embedded: await store.putJson(embedded) },
    datasets: {
      articles: { spec: await store.putJson(articles), root: (await store.putJson(version.version)).sha256 },
    },
  };
  await nameServingPlan(store, { package: digest, desired });
  const value = { format: formatOf("production"), generation: 1, version: 1, package: digest, evaluation: "e" };
  await store.moveRef(productionRefName("clicks"), { generation: 1, value });
  server = await startServer({
    endpoint: "desk",
    model: "clicks",
    store,
    segmentFolder: join(folder, "segments"),
    log: { requests: "all", durability: "disk" },
    port: 0,
    pollMilliseconds: 5,
  });
  return server.port;
}

describe("a model of a vector", () => {
  it("takes it as an array by the typed route, and as a tensor for each number by the route of the protocol", async () => {
    const port = await start();
    const ask = async (path: string, body: object) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: JSON.stringify(body) });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const vector = [3, 0, 4];
    const value = 3 * 1 + 4 * 4 + 5 * 8;
    const asked = await ask("/desk/predict?explain=features", { title: vector });
    expect(asked).toMatchObject({
      status: 200,
      body: { value, features: { title_0: 3, title_1: 0, title_2: 4, size: 5 } },
    });
    const inputs = Object.entries({ title_0: 3, title_1: 0, title_2: 4, size: 5 }).map(([name, number]) => ({
      name,
      shape: [1],
      datatype: "FP64",
      data: [number],
    }));
    const plain = await ask("/v2/models/clicks/infer", { inputs });
    expect(plain).toMatchObject({ status: 200, body: { outputs: [{ name: "value", data: [value] }] } });
    expect(await ask("/desk/predict", { title: [3, 0] })).toMatchObject({
      status: 400,
      body: { problems: [{ column: "title", got: "a list of 2", expected: "an array of 3 numbers or null" }] },
    });
    await server?.close();
    server = undefined;
    const folder = join(given.folder, "segments");
    const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), "utf8")));
    const records = texts.flatMap((text) =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    );
    expect(records).toContainEqual(expect.objectContaining({ request: expect.objectContaining({ title: [vector] }) }));
  });
});
