import { beforeAll, describe, expect, it } from "vitest";
import { useTracking } from "../tracking-stack.ts";

const given = useTracking();
const api = "/api/2.0/mlflow";
let run: string;
let model: string;

/** What lies outside, hides where it lies, or is somebody else's. */
const sources = (): string[] => [
  "file:///etc/passwd",
  "/etc/passwd",
  "..\\..\\etc\\passwd",
  "s3://bucket/model",
  "http://169.254.169.254/latest/meta-data",
  "http://2852039166/",
  "http://[::]/a",
  "mlflow-artifacts://host/0/a/artifacts",
  "mlflow-artifacts:/0/another/artifacts/model",
  `mlflow-artifacts:/0/${run}/artifacts/../../another/artifacts`,
  `mlflow-artifacts:/0/${run}/artifacts/%2e%2e/%2e%2e/another`,
  `mlflow-artifacts:/0/${run}/artifacts/%252e%252e/another`,
  `mlflow-artifacts:/0/${run}/artifacts#/../../another`,
  `mlflow-artifacts:/0/${run}/artifacts?x=../../another`,
  `mlflow-artifacts:/0/${run}/artifactsother`,
  `runs:/${run}/../another`,
  "runs:/another/model",
  "models:/m-00000000000000000000000000000000",
  "$(touch /tmp/steward-was-here)",
];

beforeAll(async () => {
  const made = await given.ask("POST", `${api}/runs/create`, { experiment_id: "0" });
  run = made.body.run.info.run_id;
  const logged = await given.ask("POST", `${api}/logged-models`, { experiment_id: "0", source_run_id: run });
  model = logged.body.model.info.model_id;
  await given.ask("POST", `${api}/registered-models/create`, { name: "late" });
});

async function register(version: Record<string, unknown>): Promise<number> {
  return (await given.ask("POST", `${api}/model-versions/create`, { name: "late", ...version })).status;
}

describe("the source of a version", () => {
  it("is taken when it is the server's own, with the run or model that holds it", async () => {
    const good = [
      { source: `models:/${model}` },
      { source: `models:/${model}`, model_id: model },
      { source: `runs:/${run}/model` },
      { source: `runs:/${run}/model`, run_id: run },
      { source: `mlflow-artifacts:/0/${run}/artifacts/model`, run_id: run },
      { source: `mlflow-artifacts:/0/models/${model}/artifacts`, model_id: model },
      { source: "models:/late/1" },
      { source: "dummy-source", tags: [{ key: "mlflow.prompt.is_prompt", value: "true" }] },
    ];
    for (const version of good) expect([version.source, await register(version)]).toEqual([version.source, 200]);
  });

  it("is not taken from outside, whatever else the request says", async () => {
    const others: readonly Record<string, unknown>[] = [
      {},
      { run_id: run },
      { model_id: model },
      { run_id: run, model_id: model },
      { run_link: "http://127.0.0.1/", description: "mlflow.prompt.is_prompt" },
      { tags: [{ key: "mlflow.prompt.is_prompt", value: "true" }] },
      {
        tags: [
          { key: "mlflow.prompt.is_prompt", value: "TRUE" },
          { key: "mlflow.prompt.text", value: "x" },
        ],
      },
      { is_prompt: true, skip_validation: true, storage_location: "file:///etc", status: "READY" },
    ];
    const before = await count();
    for (const source of sources()) {
      for (const other of others)
        expect([source, other, await register({ source, ...other })]).toEqual([source, other, 400]);
    }
    expect(await count()).toBe(before);
  });

  it("is not one thing of one model and another of another", async () => {
    const other = await given.ask("POST", `${api}/logged-models`, { experiment_id: "0" });
    const { model_id, artifact_uri } = other.body.model.info;
    expect(await register({ source: `models:/${model_id}`, model_id: model })).toBe(400);
    expect(await register({ source: artifact_uri, model_id: model })).toBe(400);
    expect(await register({ source: artifact_uri, run_id: run })).toBe(400);
    expect(await register({ source: `runs:/${run}/model`, model_id: model })).toBe(400);
    expect(await register({ source: "models:/late/1", run_id: "another" })).toBe(400);
  });

  it("of a prompt is the source of no other version", async () => {
    const source = "prompt-template";
    const { body } = await given.ask("POST", `${api}/model-versions/create`, { name: "late", source });
    expect(await register({ source: `models:/late/${body.model_version.version}` })).toBe(400);
  });
});

describe("texts that a database does not keep", () => {
  it("are refused, since a client would repeat what ends in 500", async () => {
    const name = "a\u0000b";
    const asked: readonly [string, string, Record<string, unknown>][] = [
      ["POST", "registered-models/create", { name }],
      ["POST", "registered-models/create", { name: "x", description: name }],
      ["POST", "registered-models/set-tag", { name: "late", key: "k", value: name }],
      ["POST", "registered-models/alias", { name: "late", alias: name, version: "1" }],
      ["POST", "logged-models", { experiment_id: "0", params: [{ key: "k", value: name }] }],
      ["POST", "logged-models/search", { experiment_ids: ["0"], filter: `name = '${name}'` }],
      ["POST", "runs/outputs", { run_id: name, models: [{ model_id: "m" }] }],
      ["POST", "runs/outputs", { run_id: run, models: [{ model_id: name }] }],
      ["POST", "runs/log-model", { run_id: run, model_json: name }],
      ["GET", `registered-models/search?filter=${encodeURIComponent(`name = '${name}'`)}`, {}],
      ["GET", `model-versions/search?page_token=${encodeURIComponent(name)}`, {}],
      ["GET", `artifacts/list?run_id=${encodeURIComponent(name)}`, {}],
    ];
    for (const [method, path, input] of asked) {
      const { status } = await given.ask(method, `${api}/${path}`, method === "GET" ? undefined : input);
      expect([path, status]).toEqual([path, 400]);
    }
  });
});

describe("what is asked for many times over", () => {
  it("has limits: pages, comparisons, lengths", async () => {
    const search = (query: string) => given.ask("GET", `${api}/registered-models/search?${query}`);
    expect((await search("max_results=1001")).status).toBe(400);
    expect((await search("max_results=0")).status).toBe(400);
    const filter = Array.from({ length: 200 }, () => "name = 'a'").join(" AND ");
    expect((await search(`filter=${encodeURIComponent(filter)}`)).status).toBe(400);
    expect((await given.ask("POST", `${api}/registered-models/create`, { name: "x".repeat(257) })).status).toBe(400);
  });
});

async function count(): Promise<number> {
  const [row] = await given.postgres.sql<
    { count: number }[]
  >`SELECT count(*)::int AS count FROM tracking.model_versions`;
  return row?.count ?? -1;
}
