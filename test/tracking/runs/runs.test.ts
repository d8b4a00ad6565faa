import { afterEach, describe, expect, it } from "vitest";
import { useTracking } from "../tracking-stack.ts";

const given = useTracking();
afterEach(() => expect(given.reported).toEqual([]));

const api = "/api/2.0/mlflow";
const post = (path: string, body: unknown) => given.ask("POST", `${api}/${path}`, body);
const get = (path: string) => given.ask("GET", `${api}/${path}`);

let turn = 0;
async function createExperiment(): Promise<string> {
  return (await post("experiments/create", { name: `experiment ${++turn}` })).body.experiment_id;
}
async function createRun(experiment_id = "0", more: object = {}): Promise<string> {
  const { status, body } = await post("runs/create", { experiment_id, start_time: 1000, ...more });
  expect(status).toBe(200);
  return body.run.info.run_id;
}
async function readRun(run: string) {
  return (await get(`runs/get?run_id=${run}&run_uuid=${run}`)).body.run;
}
const refusal = ({ status, body }: { status: number; body: { error_code: string } }) => [status, body.error_code];

describe("a run", () => {
  it("is made with what is said of it, and with who made it, which nobody can say otherwise", async () => {
    const run = await createRun("0", { user_id: "claimed", run_name: "first", tags: [{ key: "a", value: "b" }] });
    expect(await readRun(run)).toEqual({
      info: {
        run_uuid: run,
        run_id: run,
        run_name: "first",
        experiment_id: "0",
        user_id: "claimed",
        status: "RUNNING",
        start_time: 1000,
        artifact_uri: `mlflow-artifacts:/0/${run}/artifacts`,
        lifecycle_stage: "active",
      },
      data: {
        metrics: [],
        params: [],
        tags: [
          { key: "a", value: "b" },
          { key: "mlflow.runName", value: "first" },
          { key: "steward.actor", value: "local" },
        ],
      },
      inputs: { dataset_inputs: [], model_inputs: [] },
      outputs: { model_outputs: [] },
    });
    for (const [path, body] of [
      ["runs/set-tag", { run_id: run, key: "steward.actor", value: "x" }],
      ["runs/delete-tag", { run_id: run, key: "steward.actor" }],
      ["runs/log-batch", { run_id: run, tags: [{ key: "steward.actor", value: "x" }] }],
      ["runs/create", { experiment_id: "0", tags: [{ key: "steward.actor", value: "x" }] }],
    ] as const) {
      expect(refusal(await post(path, body))).toEqual([400, "INVALID_PARAMETER_VALUE"]);
    }
  });

  it("gets a name where it is given none, and keeps the tag and the name alike", async () => {
    const run = await createRun();
    expect((await readRun(run)).info.run_name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    await post("runs/set-tag", { run_id: run, key: "mlflow.runName", value: "by tag" });
    expect((await readRun(run)).info.run_name).toBe("by tag");
    await post("runs/update", { run_id: run, run_name: "by update" });
    expect((await readRun(run)).data.tags).toContainEqual({ key: "mlflow.runName", value: "by update" });
    const both = { experiment_id: "0", run_name: "a", tags: [{ key: "mlflow.runName", value: "b" }] };
    expect(refusal(await post("runs/create", both))).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  });
});

describe("metrics", () => {
  it("have as their last value that of the largest step, then the latest time, then the largest value", async () => {
    const run = await createRun();
    const log = (step: number, timestamp: number, value: number | string) =>
      post("runs/log-metric", { run_id: run, key: "m", step, timestamp, value });
    const last = async () => (await readRun(run)).data.metrics[0];
    for (const [step, timestamp, value, expected] of [
      [2, 10, 5, 5],
      [1, 99, 7, 5],
      [2, 9, 8, 5],
      [2, 10, 4, 5],
      [2, 10, 6, 6],
      [2, 11, "NaN", "NaN"],
      [2, 11, -1, "NaN"],
      [2, 11, 1, 1],
      [-3, 50, 1, 1],
    ] as const) {
      expect((await log(step, timestamp, value)).status).toBe(200);
      expect((await last()).value).toBe(expected);
    }
    const { body } = await get(`metrics/get-history?run_id=${run}&metric_key=m`);
    expect(body.metrics.map(({ value }: { value: unknown }) => value)).toEqual([8, 4, 5, 6, -1, "NaN", 1, 1, 7]);
  });

  it("are there once, however often a client that heard no answer sends them", async () => {
    const run = await createRun();
    const batch = {
      run_id: run,
      metrics: [
        { key: "a", value: 1, timestamp: 1, step: 0 },
        { key: "a", value: "NaN", timestamp: 1, step: 0 },
        { key: "a", value: 1, timestamp: 1, step: 0 },
      ],
      params: [{ key: "p", value: "1" }],
      tags: [{ key: "t", value: "1" }],
    };
    const answers = await Promise.all([1, 2, 3, 4].map(() => post("runs/log-batch", batch)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await get(`metrics/get-history?run_id=${run}&metric_key=a`);
    expect(body.metrics).toHaveLength(2);
  });

  it("are exact to the last bit, with infinities as the largest doubles and NaN as a text", async () => {
    const run = await createRun();
    const values = [0.1 + 0.2, 5e-324, -0, 1e308, "Infinity", "-Infinity", "NaN", 1.7976931348623157e308];
    const metrics = values.map((value, step) => ({ key: "v", value, timestamp: 1, step }));
    expect((await post("runs/log-batch", { run_id: run, metrics })).status).toBe(200);
    const { body } = await get(`metrics/get-history?run_id=${run}&metric_key=v`);
    expect(body.metrics.map(({ value }: { value: unknown }) => value)).toEqual([
      0.1 + 0.2,
      5e-324,
      0,
      1e308,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      "NaN",
      Number.MAX_VALUE,
    ]);
  });

  it("have a history that is read page by page, and sampled evenly for several runs", async () => {
    const runs = [await createRun(), await createRun()];
    const metrics = Array.from({ length: 100 }, (_, step) => ({ key: "m", value: step, timestamp: step, step }));
    for (const run_id of runs) await post("runs/log-batch", { run_id, metrics });
    const values: number[] = [];
    let token = "";
    do {
      const { body } = await get(
        `metrics/get-history?run_id=${runs[0]}&metric_key=m&max_results=30&page_token=${token}`,
      );
      values.push(...body.metrics.map(({ value }: { value: number }) => value));
      token = body.next_page_token ?? "";
    } while (token);
    expect(values).toEqual(metrics.map(({ value }) => value));
    const asked = runs.map((run) => `run_ids=${run}`).join("&");
    const { body } = await get(
      `metrics/get-history-bulk-interval?${asked}&metric_key=m&max_results=10&start_step=10&end_step=59`,
    );
    for (const run of runs) {
      const steps = body.metrics
        .filter((one: { run_id: string }) => one.run_id === run)
        .map(({ step }: { step: number }) => step);
      expect(steps.length).toBeLessThanOrEqual(10);
      expect([steps[0], steps.at(-1)]).toEqual([10, 59]);
    }
    expect(refusal(await get(`metrics/get-history?run_id=${"0".repeat(32)}&metric_key=m`))).toEqual([
      404,
      "RESOURCE_DOES_NOT_EXIST",
    ]);
  });
});

describe("what is logged at once", () => {
  it("is there as a whole or not at all", async () => {
    const run = await createRun();
    await post("runs/log-parameter", { run_id: run, key: "p", value: "1" });
    const batch = {
      run_id: run,
      metrics: [{ key: "m", value: 1, timestamp: 1 }],
      params: [
        { key: "q", value: "1" },
        { key: "p", value: "2" },
      ],
      tags: [{ key: "t", value: "1" }],
    };
    expect(refusal(await post("runs/log-batch", batch))).toEqual([400, "INVALID_PARAMETER_VALUE"]);
    const { data } = await readRun(run);
    expect(data.metrics).toEqual([]);
    expect(data.params).toEqual([{ key: "p", value: "1" }]);
    expect(data.tags.map(({ key }: { key: string }) => key)).not.toContain("t");
  });

  it("gives a parameter the first of the values that come at once, and refuses the others", async () => {
    const run = await createRun();
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map((value) => post("runs/log-parameter", { run_id: run, key: "p", value })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    const taken = ["a", "b", "c", "d"][answers.findIndex(({ status }) => status === 200)];
    expect((await readRun(run)).data.params).toEqual([{ key: "p", value: taken }]);
  });

  it("is refused for one run, and taken for the others of the same commit", async () => {
    const [kept, deleted] = [await createRun(), await createRun()];
    await post("runs/delete", { run_id: deleted });
    const runs = [kept, deleted, "0".repeat(32), kept];
    const answers = await Promise.all(
      runs.map((run_id, step) => post("runs/log-metric", { run_id, key: "m", value: step, timestamp: 1, step })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 404, 200]);
    expect((await readRun(kept)).data.metrics[0].value).toBe(3);
    await post("runs/restore", { run_id: deleted });
    expect((await readRun(deleted)).data.metrics).toEqual([]);
  });

  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: "1" }));
  it.each([
    ["no run", { metrics: [] }],
    ["a metric without a value", { run_id: "x", metrics: [{ key: "a", timestamp: 1 }] }],
    ["a metric without a time", { run_id: "x", metrics: [{ key: "a", value: 1 }] }],
    ["a time before 1970", { run_id: "x", metrics: [{ key: "a", value: 1, timestamp: -1 }] }],
    ["a value that is none", { run_id: "x", metrics: [{ key: "a", value: "one", timestamp: 1 }] }],
    ["a step that is no whole number", { run_id: "x", metrics: [{ key: "a", value: 1, timestamp: 1, step: 0.5 }] }],
    ["101 parameters", { run_id: "x", params: many(101) }],
    ["101 tags", { run_id: "x", tags: many(101) }],
    ["1001 metrics", { run_id: "x", metrics: many(1001).map(({ key }) => ({ key, value: 1, timestamp: 1 })) }],
    ["a parameter twice", { run_id: "x", params: [...many(1), ...many(1)] }],
    ["a parameter of 6001 characters", { run_id: "x", params: [{ key: "a", value: "x".repeat(6001) }] }],
    ["a tag of 8001 characters", { run_id: "x", tags: [{ key: "a", value: "x".repeat(8001) }] }],
    ["a key of 251 characters", { run_id: "x", tags: [{ key: "x".repeat(251), value: "" }] }],
    ["a key that leads elsewhere", { run_id: "x", tags: [{ key: "a/../../b", value: "" }] }],
    ["a key with a sign that names have not", { run_id: "x", tags: [{ key: "a;b", value: "" }] }],
    ["a value with a character that is none", { run_id: "x", tags: [{ key: "a", value: "\u0000" }] }],
    ["half of a surrogate pair", { run_id: "x", tags: [{ key: "a", value: "\ud800" }] }],
  ])("is refused with 400: %s", async (_name, body) => {
    expect(refusal(await post("runs/log-batch", body))).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  });

  it("is refused with 413 where it is larger than a million bytes, and with 415 where it is not sent as JSON", async () => {
    const tags = [{ key: "a", value: "x".repeat(1_000_000) }];
    expect((await post("runs/log-batch", { run_id: "x", tags })).status).toBe(413);
    const body = { run_id: "x", key: "a", value: "b" };
    const asText = await given.ask("POST", `${api}/runs/set-tag`, body, { "content-type": "text/plain" });
    expect(asText.status).toBe(415);
  });

  it("takes what is null for absent, and drops what it does not know", async () => {
    const run = await createRun();
    const metric = { key: "m", value: 1, timestamp: "5", step: null, model_id: null, whatever: {} };
    expect(await post("runs/log-metric", { run_id: run, run_uuid: run, ...metric })).toEqual({ status: 200, body: {} });
    expect(
      await post("runs/log-batch", {
        run_id: run,
        metrics: [
          { ...metric, step: "7" },
          { ...metric, key: "n" },
        ],
        params: null,
      }),
    ).toEqual({
      status: 200,
      body: {},
    });
    expect((await readRun(run)).data.metrics).toEqual([
      { key: "m", value: 1, timestamp: 5, step: 7 },
      { key: "n", value: 1, timestamp: 5, step: 0 },
    ]);
  });
});

describe("a search", () => {
  it("orders NaN after the numbers, and runs without the metric last, in both directions, across pages and experiments", async () => {
    const experiments = [await createExperiment(), await createExperiment()];
    const names: string[] = [];
    for (const [index, value] of ["NaN", 3, undefined, 1, 2, -1, undefined, "NaN"].entries()) {
      const run = await createRun(experiments[index % 2], { run_name: `run ${index}`, start_time: 1000 + index });
      if (value !== undefined) await post("runs/log-metric", { run_id: run, key: "m", value, timestamp: 1 });
      names.push(`run ${index}`);
    }
    const search = async (order: string, experiment_ids: string[], max_results: number) => {
      const found: number[] = [];
      let page_token = "";
      do {
        const { body } = await post("runs/search", { experiment_ids, order_by: [order], max_results, page_token });
        found.push(...body.runs.map((run: { info: { run_name: string } }) => names.indexOf(run.info.run_name)));
        page_token = body.next_page_token ?? "";
      } while (page_token);
      return found;
    };
    for (const size of [1, 3, 1000]) {
      expect(await search("metrics.m ASC", experiments, size)).toEqual([5, 3, 4, 1, 7, 0, 6, 2]);
      expect(await search("metrics.m DESC", experiments, size)).toEqual([1, 4, 3, 5, 7, 0, 6, 2]);
      expect(await search("metrics.m DESC", experiments.slice(0, 1), size)).toEqual([4, 0, 6, 2]);
      expect(await search("metrics.m", experiments.slice(1), size)).toEqual([5, 3, 1, 7]);
      expect(await search("end_time DESC", experiments, size)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    }
  });

  it("compares NaN as nothing but unequal", async () => {
    const experiment = await createExperiment();
    const run = await createRun(experiment);
    await post("runs/log-metric", { run_id: run, key: "m", value: "NaN", timestamp: 1 });
    const count = async (filter: string) =>
      (await post("runs/search", { experiment_ids: [experiment], filter })).body.runs.length;
    for (const comparator of ["=", "<", "<=", ">", ">="]) expect(await count(`metrics.m ${comparator} 0`)).toBe(0);
    expect(await count("metrics.m != 0")).toBe(1);
  });

  it("takes what is searched for as a value, whatever is in it", async () => {
    const experiment = await createExperiment();
    const run = await createRun(experiment, { tags: [{ key: "a b", value: "it's; DROP TABLE runs" }] });
    const find = async (filter: string) =>
      (await post("runs/search", { experiment_ids: [experiment], filter })).body.runs?.map(
        (one: { info: { run_id: string } }) => one.info.run_id,
      );
    expect(await find(`tags.\`a b\` = "it's; DROP TABLE runs"`)).toEqual([run]);
    expect(await find(`tags."a b" LIKE 'it''s%'`)).toEqual([run]);
    expect(await find("tags.`a' OR 1=1 --` = 'x'")).toEqual([]);
    expect(await find("tags.`a b` = 'x' OR 'x' = 'x'")).toBeUndefined();
  });

  it("finds nothing where no experiment is named, and refuses pages that are none", async () => {
    expect((await post("runs/search", {})).body).toEqual({ runs: [] });
    for (const wrong of [
      { max_results: 0 },
      { max_results: 50_001 },
      { page_token: "x" },
      { page_token: "eyJvZmZzZXQiOi0xfQ==" },
    ]) {
      expect(refusal(await post("runs/search", { experiment_ids: ["0"], ...wrong }))).toEqual([
        400,
        "INVALID_PARAMETER_VALUE",
      ]);
    }
  });
});

it("answers what is asked while the database starts again, and keeps what it answered", async () => {
  const run = await createRun();
  await given.postgres
    .sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'steward tracking'`;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, step) =>
      post("runs/log-metric", { run_id: run, key: "m", value: step, timestamp: 1, step }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(200));
  const { body } = await get(`metrics/get-history?run_id=${run}&metric_key=m`);
  expect(body.metrics).toHaveLength(20);
  // What was just being sealed is said, and sealed later.
  const interrupted = /not sealed: .*(terminating connection|CONNECTION_|ECONNRESET|EPIPE)/;
  expect(given.reported.splice(0).filter((line) => !interrupted.test(line))).toEqual([]);
});
