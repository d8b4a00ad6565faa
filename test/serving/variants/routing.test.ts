import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { assignVariant } from "../../../framework/serving/variants/assignment.ts";
import { deriveUnseenId } from "../../../framework/serving/variants/unseen-answer.ts";
import { useServer } from "../given-server.ts";
import { openClient } from "../grpc/client.ts";
import { readRecords } from "../segments.ts";
import { ask, eventually, get, infer, model, putPackage, sigmoid } from "../storm-model.ts";
import {
  askAll,
  canaryOf,
  endpoint,
  type GivenVariant,
  putPackages,
  readEvidence,
  route,
  routing,
} from "./given-routing.ts";

const given = useServer();

/** A server of two variants with half of the callers each, that have no finite answer to winds of 3e38; and a unit of each. */
async function startPair() {
  const one = await putPackage(given.store, 0, { task: "regression", output: "value" });
  const two = await putPackage(given.store, 1, { task: "regression", output: "value" });
  const variants = [{ package: one, weight: 5000 }, canaryOf(two, 5000)];
  route(given, 1, variants);
  const units = Array.from({ length: 100 }, (_, i) => `u${i}`);
  const unitOf = (name: string) => units.find((unit) => assignVariant(routing(1, variants), unit)?.name === name) ?? "";
  return { port: await given.start(), unitOf };
}

describe("an endpoint's routing", () => {
  it("gives each unit its variant, over every protocol alike, says which, and logs what replays it", async () => {
    const [one, two, arm] = await putPackages(given);
    const variants: readonly GivenVariant[] = [
      { package: one, weight: 5000 },
      canaryOf(two, 2500),
      { name: "arm", model: "arm", version: 9, package: arm, weight: 2500 },
    ];
    route(given, 4, variants);
    const port = await given.start();
    using client = openClient(port);
    const expected = (unit: string) => assignVariant(routing(4, variants), unit)?.name;
    const biases: Readonly<Record<string, number>> = { champion: 0, canary: 1, arm: 2 };
    const units = Array.from({ length: 40 }, (_, i) => `customer-${i}`);
    expect(new Set(units.map(expected)).size).toBe(3);
    const fast = await askAll(
      port,
      units.map((unit, i) => ({ unit, body: ask({ wind: i / 8, rain: true }) })),
    );
    for (const [i, unit] of units.entries()) {
      const name = expected(unit) ?? "";
      expect(fast[i]).toMatchObject({ variant: name, answer: { parameters: { variant: name } } });
      const value = sigmoid((i / 8) * 2 + 1 + (biases[name] ?? 0));
      // The arm has its inputs in another order, and weighs what comes first by 2, then 1, then a half.
      if (name !== "arm") expect(fast[i]?.answer.outputs[0]?.data[0]).toBeCloseTo(value, 6);
      else expect(fast[i]?.answer.outputs[0]?.data[0]).toBeCloseTo(sigmoid(i / 8 + 0.5 + 2), 6);
      expect(fast[i]?.answer.model_name).toBe(name === "arm" ? "arm" : model);
    }
    for (const unit of units.slice(0, 8)) {
      const slow = await fetch(`http://127.0.0.1:${port}/v2/models/${model}/infer`, {
        method: "POST",
        // What is packed is not for the fast path.
        headers: { "steward-unit": unit, "content-encoding": "gzip" },
        body: gzipSync(JSON.stringify(ask({ wind: 0.125 }))),
      });
      expect(slow.headers.get("steward-variant")).toBe(expected(unit));
      const called = await client.call("ModelInfer", {
        model_name: model,
        id: unit,
        inputs: [
          { name: "wind", datatype: "FP64", shape: [1], contents: { fp64_contents: [0.5] } },
          { name: "rain", datatype: "BOOL", shape: [1], contents: { bool_contents: [true] } },
          { name: "region", datatype: "BYTES", shape: [1], contents: { bytes_contents: [Buffer.from("north")] } },
        ],
      });
      // Without a unit assignment goes by the id.
      expect(called.response?.["parameters"]).toMatchObject({ variant: { string_param: expected(unit) } });
    }
    const records = await readRecords(given.segments);
    expect(records).toHaveLength(56);
    for (const record of records) {
      expect(record["routing"]).toBe(4);
      expect(record["variant"]).toBe(expected(String(record["unit"] ?? record.id)));
    }
    const logged = records.slice(0, 40).map(({ unit }) => unit);
    expect(logged.toSorted()).toEqual(units.toSorted());
    expect(records.find(({ variant }) => variant === "arm")).toMatchObject({ model: "arm", inputs: { rain: [true] } });
  });

  it("leaves the same record of a request that was read by a template as of one that was read as a whole", async () => {
    const [one, two, arm] = await putPackages(given);
    const arms = { name: "arm", model: "arm", version: 9, package: arm, weight: 9998 };
    route(given, 1, [{ package: one, weight: 1 }, canaryOf(two, 1), arms]);
    const port = await given.start();
    const body = ask({ wind: -0.25, rain: null, region: "south" }, { id: "a" });
    const replies = await askAll(
      port,
      Array.from({ length: 2 }, () => ({ unit: 'u "1"', body })),
    );
    expect(replies[1]).toEqual(replies[0]);
    const [whole, byTemplate] = await readRecords(given.segments);
    expect(whole).toMatchObject({ unit: 'u "1"', variant: "arm", inputs: { wind: [-0.25], rain: [null] } });
    // Both are counted as the model's that answered.
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain('request_predict_seconds_count{model_name="arm"} 2');
    expect(text).not.toContain(`request_predict_seconds_count{model_name="${model}"}`);
    const own = { sequence: 2, time: expect.any(String), latencyMicroseconds: expect.any(Number) };
    expect(byTemplate).toEqual({ ...whole, ...own });
  });

  it("assigns by the id that is made where a caller names neither", async () => {
    const [one, two] = await putPackages(given);
    const variants = [{ package: one, weight: 5000 }, canaryOf(two, 5000)];
    route(given, 1, variants);
    const port = await given.start();
    const replies = await askAll(
      port,
      Array.from({ length: 30 }, (_, i) => ({ body: ask({ wind: i }) })),
    );
    for (const { variant, answer } of replies)
      expect(variant).toBe(assignVariant(routing(1, variants), answer.id)?.name);
    expect(new Set(replies.map(({ variant }) => variant)).size).toBe(2);
  });

  it("leaves to each request that names a version that version, and knows of no unseen one", async () => {
    const [one, two, arm] = await putPackages(given);
    route(given, 1, [
      { package: one, weight: 9999 },
      canaryOf(two, 1),
      { name: "shadow", version: 3, package: two, weight: 0, mirror: 10_000 },
      { name: "other", model: "arm", version: 9, package: arm, weight: 0, mirror: 10_000 },
    ]);
    const port = await given.start();
    const paths = [`/v2/models/${model}/versions/2`, `/v2/models/${model}/versions/1`];
    for (const [i, path] of paths.entries()) {
      const { status, headers, answer } = await infer(port, ask(), `${path}/infer`);
      expect([status, headers.get("steward-variant")]).toEqual([200, ["canary", "champion"][i]]);
      expect(answer.model_version).toBe(["2", "1"][i]);
    }
    expect((await readRecords(given.segments))[0]).toMatchObject({ named: true, variant: "canary" });
    expect(await get(port, `/v2/models/${model}`)).toMatchObject({ body: { versions: ["1", "2"] } });
    expect(await get(port, `/v2/models/${model}/versions/2`)).toMatchObject({ body: { versions: ["2"] } });
    expect(await get(port, "/v2/repository/index", "POST")).toMatchObject({
      body: [{ version: "1" }, { version: "2" }],
    });
    expect(await get(port, "/v2/models/stats")).toMatchObject({
      body: { model_stats: [{ version: "1" }, { version: "2" }] },
    });
    expect(await get(port, `/v2/models/${model}/versions/3/ready`)).toMatchObject({
      status: 404,
      body: { error: 'there is no such version of model "storm"; versions 1, 2 are live' },
    });
    expect((await infer(port, ask(), "/v2/models/arm/infer")).status).toBe(404);
  });

  it("asks an unseen variant for what was answered, and says nothing of it but in its evidence", async () => {
    const [one, two] = await putPackages(given);
    route(given, 2, [
      { package: one, weight: 10_000 },
      { name: "shadow", version: 2, package: two, weight: 0, mirror: 10_000 },
    ]);
    const port = await given.start();
    // The two differ by one in their scores: they disagree where the champion's is below 0 and the shadow's is not.
    const winds = [-0.25, 1, -3, -0.125];
    const replies = await askAll(
      port,
      winds.map((wind, i) => ({ body: ask({ wind }, { id: `r${i}` }) })),
    );
    expect(replies.map(({ variant }) => variant)).toEqual(winds.map(() => undefined));
    expect(JSON.stringify(replies)).not.toContain("shadow");
    const compared = async () => (await readEvidence(port)).variants[1]?.compared;
    await eventually(compared).toEqual({ rows: 4, disagreed: 2, failed: 0, skipped: 0 });
    const evidence = await readEvidence(port);
    expect(evidence).toMatchObject({
      endpoint,
      generation: 2,
      variants: [
        { name: "champion", model, version: 1, package: one, weight: 10_000, answered: 4, failed: 0 },
        { name: "shadow", version: 2, package: two, weight: 0, answered: 0, failed: 0 },
      ],
    });
    expect(evidence.variants[0]).not.toHaveProperty("compared");
    expect(evidence.variants[0]?.latency.counts.at(-1)).toBe(4);
    const records = await readRecords(given.segments);
    const unseen = records.filter(({ shadow }) => shadow);
    expect(unseen).toHaveLength(4);
    for (const record of unseen) {
      const answered = records.find(({ id }) => id === record["of"]);
      expect(record).toMatchObject({ variant: "shadow", routing: 2, package: two, inputs: answered?.["inputs"] });
      expect(record.id).toBe(deriveUnseenId(String(record["of"]), "shadow"));
      expect(answered).toMatchObject({ variant: "champion" });
    }
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const sample of [
      `nv_inference_request_success{model="${model}",version="1",variant="champion"} 4`,
      `nv_inference_request_success{model="${model}",version="2",variant="shadow"} 0`,
      'steward_variant_compared_total{variant="shadow",outcome="compared"} 4',
      'steward_variant_disagreements_total{variant="shadow"} 2',
    ])
      expect(text).toContain(sample);
  });

  it("counts for each variant what it failed to answer, and not what its callers did wrong", async () => {
    const { port, unitOf } = await startPair();
    const send = async (name: string, body: object) => {
      const headers = { "steward-unit": unitOf(name) };
      const url = `http://127.0.0.1:${port}/v2/models/${model}/infer`;
      return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
    };
    expect(await send("canary", ask({ wind: 3e38 }))).toBe(422);
    expect(await send("canary", {})).toBe(400);
    expect(await send("canary", ask())).toBe(200);
    expect(await send("champion", ask())).toBe(200);
    expect((await readEvidence(port)).variants).toMatchObject([
      { answered: 1, failed: 0 },
      { answered: 1, failed: 1 },
    ]);
  });

  it("counts for no variant what came of a request that named its version, over every protocol", async () => {
    const { port } = await startPair();
    const path = `/v2/models/${model}/versions/2/infer`;
    expect((await infer(port, ask({ wind: 3e38 }), path)).status).toBe(422);
    for (let i = 0; i < 3; i++) expect((await infer(port, ask(), path)).status).toBe(200);
    using client = openClient(port);
    const call = (wind: number) =>
      client.call("ModelInfer", {
        model_name: model,
        model_version: "2",
        inputs: [
          { name: "wind", datatype: "FP64", shape: [1], contents: { fp64_contents: [wind] } },
          { name: "rain", datatype: "BOOL", shape: [1], contents: { bool_contents: [true] } },
          { name: "region", datatype: "BYTES", shape: [1], contents: { bytes_contents: [Buffer.from("north")] } },
        ],
      });
    expect([(await call(0.5)).code, (await call(3e38)).code]).toEqual(["OK", "INVALID_ARGUMENT"]);
    const evidence = await readEvidence(port);
    expect(evidence.variants.map(({ answered, failed, latency }) => [answered, failed, latency.counts.at(-1)])).toEqual(
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
    // The model did answer, and says so.
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain(`nv_inference_request_success{model="${model}",version="2",variant="canary"} 4`);
  });

  it("refuses a unit that is very long, over every protocol", async () => {
    const [one, two] = await putPackages(given);
    route(given, 1, [{ package: one, weight: 5000 }, canaryOf(two, 5000)]);
    const port = await given.start();
    const unit = "u".repeat(257);
    const response = await fetch(`http://127.0.0.1:${port}/v2/models/${model}/infer`, {
      method: "POST",
      headers: { "steward-unit": unit },
      body: JSON.stringify(ask()),
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "steward-unit: it has more than 256 characters" },
    ]);
  });
});
