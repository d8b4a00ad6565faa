import { beforeAll, describe, expect, it } from "vitest";
import { useTracking } from "../tracking-stack.ts";

const given = useTracking();
const api = "/api/2.0/mlflow";
let experiment: string;
let run: string;

async function make(name: string, metrics: readonly object[], params: Record<string, string> = {}): Promise<void> {
  const pairs = Object.entries(params).map(([key, value]) => ({ key, value }));
  const input = { experiment_id: experiment, name, source_run_id: run, params: pairs, tags: pairs };
  const { model_id } = (await given.ask("POST", `${api}/logged-models`, input)).body.model.info;
  const logged = metrics.map((metric) => ({ timestamp: 1, step: 0, model_id, ...metric }));
  await given.ask("POST", `${api}/runs/log-batch`, { run_id: run, metrics: logged, params: [], tags: [] });
  if (name !== "c")
    await given.ask("PATCH", `${api}/logged-models/${model_id}`, { model_id, status: "LOGGED_MODEL_READY" });
}

async function search(asked: Record<string, unknown>): Promise<unknown> {
  const { status, body } = await given.ask("POST", `${api}/logged-models/search`, {
    experiment_ids: [experiment],
    ...asked,
  });
  if (status !== 200) return status;
  return (body.models as { info: { name: string } }[]).map(({ info }) => info.name);
}

beforeAll(async () => {
  experiment = (await given.ask("POST", `${api}/experiments/create`, { name: "searched" })).body.experiment_id;
  run = (await given.ask("POST", `${api}/runs/create`, { experiment_id: experiment })).body.run.info.run_id;
  const test = { dataset_name: "test", dataset_digest: "d1" };
  await make(
    "a",
    [
      { key: "loss", value: 0.3 },
      { key: "f 1", value: 1 },
    ],
    { depth: "3", kind: "Tree" },
  );
  await make(
    "b",
    [
      { key: "loss", value: 0.1 },
      { key: "loss", value: 0.9, ...test, step: 1, timestamp: 2 },
    ],
    { depth: "4" },
  );
  await make("c", [{ key: "loss", value: "NaN" }]);
  await make("d", []);
});

describe("logged models are found", () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ["all, the latest first", {}, ["d", "c", "b", "a"]],
    ["by name", { filter: "name = 'a'" }, ["a"]],
    ["by a part of it", { filter: "attributes.name ILIKE 'A%'" }, ["a"]],
    ["by names", { filter: "name IN ('a', 'b')" }, ["b", "a"]],
    ["by none of them", { filter: "name NOT IN ('a', 'b')" }, ["d", "c"]],
    ["by status, short or long", { filter: "status = 'PENDING' AND status = 'LOGGED_MODEL_PENDING'" }, ["c"]],
    ["by a metric", { filter: "metrics.loss < 0.2" }, ["b"]],
    ["by a metric with a blank in its name", { filter: "metrics.`f 1` = 1" }, ["a"]],
    ["by a metric on a dataset", { filter: "metrics.loss > 0", datasets: [{ dataset_name: "test" }] }, ["b"]],
    ["by a dataset", { datasets: [{ dataset_name: "test", dataset_digest: "d1" }] }, ["b"]],
    ["by another version of it", { datasets: [{ dataset_name: "test", dataset_digest: "d2" }] }, []],
    ["by a parameter", { filter: "params.depth = '3'" }, ["a"]],
    ["by a parameter that is no text", { filter: "params.depth = 3" }, ["a"]],
    ["by a tag, and where it is not there it is not unequal", { filter: "tags.kind != 'x'" }, ["a"]],
    ["by time", { filter: "creation_timestamp > 1 AND last_updated_timestamp < 1" }, []],
    ["by a quote that would end the statement", { filter: `name = "' OR true --"` }, []],
    [
      "in the order of a metric, without one last",
      { order_by: [{ field_name: "metrics.loss" }] },
      ["a", "b", "d", "c"],
    ],
    ["downwards", { order_by: [{ field_name: "metrics.loss", ascending: false }] }, ["b", "a", "d", "c"]],
    [
      "in the order of a metric on a dataset",
      { order_by: [{ field_name: "metrics.loss", dataset_name: "test", dataset_digest: "d1" }] },
      ["b", "d", "c", "a"],
    ],
    ["in the order of names", { order_by: [{ field_name: "name", ascending: true }] }, ["a", "b", "c", "d"]],
    ["in no other experiment", { experiment_ids: ["0"] }, []],
    ["by nothing that there is not", { filter: "colour = 'x'" }, 400],
    ["by no other kind", { filter: "inputs.x = 'x'" }, 400],
    ["by no text more than another", { filter: "name > 'a'" }, 400],
    ["by no metric like another", { filter: "metrics.loss LIKE 'a'" }, 400],
    ["in no order of parameters", { order_by: [{ field_name: "params.depth" }] }, 400],
    ["in no experiment at all", { experiment_ids: [] }, 400],
    ["by no dataset without a name", { datasets: [{ dataset_digest: "d1" }] }, 400],
  ])("%s", async (_title, asked, found) => {
    expect(await search(asked)).toEqual(found);
  });

  it("page by page", async () => {
    const names: string[] = [];
    let page_token: string | undefined = "";
    for (let page = 0; page_token !== undefined && page < 9; page++) {
      const input = { experiment_ids: [experiment], max_results: 3, page_token };
      const { body } = await given.ask("POST", `${api}/logged-models/search`, input);
      names.push(...(body.models as { info: { name: string } }[]).map(({ info }) => info.name));
      page_token = body.next_page_token;
    }
    expect(names).toEqual(["d", "c", "b", "a"]);
  });

  it("without those that were deleted", async () => {
    const { body } = await given.ask("POST", `${api}/logged-models`, { experiment_id: experiment, name: "gone" });
    const { model_id } = body.model.info;
    await given.ask("DELETE", `${api}/logged-models/${model_id}`, {});
    expect(await search({ filter: "name = 'gone'" })).toEqual([]);
    const kept = await given.ask("GET", `${api}/logged-models/${model_id}?allow_deleted=true`);
    expect(kept.status).toBe(200);
  });
});

describe("parameters of a logged model", () => {
  it("are written once: the same again is no error, and another value is one", async () => {
    const { body } = await given.ask("POST", `${api}/logged-models`, { experiment_id: experiment, name: "once" });
    const { model_id } = body.model.info;
    const log = async (value: string) =>
      (await given.ask("POST", `${api}/logged-models/${model_id}/params`, { params: [{ key: "k", value }] })).status;
    expect([await log("1"), await log("1"), await log("2")]).toEqual([200, 200, 400]);
  });
});
