import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatOf } from "../../../framework/definitions/format.ts";
import { openModel, readRowsAt } from "../../../framework/evaluation/model-tests/sample.ts";
import type { Subject } from "../../../framework/evaluation/predict-test-rows.ts";
import { checkServed } from "../../../framework/evaluation/served/check-served.ts";
import { serveCandidate } from "../../../framework/evaluation/served/limited-server.ts";
import { GivenCandidates } from "./given-candidate.ts";

let given: GivenCandidates;
beforeAll(async () => {
  given = await GivenCandidates.create();
});
afterAll(() => given[Symbol.asyncDispose]());

const weights = [2, 0.5, 0.25];

async function check(subject: Subject, options: { readonly memoryBytes?: number } = {}) {
  await using server = await serveCandidate(subject, { fetchFile: given.fetchFile, ...options });
  return await checkServed({ ...subject, server, objects: given.store, workFolder: given.folder });
}

/** What a framework answered for some rows: what the model does, and something added. */
async function answersOf(subject: Subject, add: number, split: "train" | "validation" = "validation") {
  const places = [3, 100, 700, 1_499];
  const file = await given.fetchFile(given.trainingSet.splits[split].object);
  await using model = await openModel(subject, given.fetchFile);
  const answers = await model.predict(await readRowsAt({ file, trainingSet: given.trainingSet, places }));
  return await given.store.putJson({
    format: formatOf("framework-answers"),
    framework: "lightgbm 4.6.0",
    split,
    rows: places,
    answers: [...answers].map((answer) => [answer + add]),
  });
}

describe("a served candidate", () => {
  it.each(["binary", "regression"] as const)("is answered as it was evaluated: %s", async (task) => {
    const [served, framework, features] = await check(await given.candidate(weights, { task }));
    expect(served).toEqual({
      check: "served",
      verdict: "pass",
      reason: "served: 64 rows are answered within 0.00001 of the model",
      rows: 64,
      exceeding: 0,
    });
    expect(framework).toMatchObject({ verdict: "not-compared", reason: expect.stringContaining("left no answers") });
    expect(features).toMatchObject({ verdict: "not-compared" });
  });

  it.each([
    [0, "pass", "framework: 4 rows are answered within 0.00001 of lightgbm 4.6.0"],
    [1e-3, "fail", /^framework: row 0 is answered .*; 4 of 4 rows differ$/],
  ] as const)("is held against what its framework answered, which is %d apart", async (add, verdict, reason) => {
    const plain = await given.candidate(weights);
    const subject = await given.candidate(weights, { answers: await answersOf(plain, add) });
    const [, framework] = await check(subject);
    expect(framework).toMatchObject({ check: "framework", verdict, rows: 4, exceeding: add === 0 ? 0 : 4 });
    expect(framework?.reason).toMatch(reason);
  });

  it("that answers otherwise than its evaluation is held back", async () => {
    const other = await given.candidate([-2, 0, 1]);
    const subject = await given.candidate(weights);
    await using server = await serveCandidate(other, { fetchFile: given.fetchFile });
    const [served] = await checkServed({ ...subject, server, objects: given.store, workFolder: given.folder });
    expect(served).toMatchObject({ check: "served", verdict: "fail", rows: 64 });
    expect(served?.reason).toMatch(/^served: row \d+ is answered .*, and the model answers .* of 64 rows differ$/);
  });

  it("is asked no row that a server would refuse", async () => {
    const fitted = { weather: [{ op: "category", unseen: "error" } as const] };
    const example = { wind: 0.5, rainy: true, weather: "dry" };
    const [served] = await check(await given.candidate(weights, { categories: { weather: ["dry"] }, fitted, example }));
    expect(served).toMatchObject({ verdict: "pass" });
    expect(served?.rows).toBeLessThan(64);
  });

  it.each([
    ["whose model cannot be read", { onnx: Buffer.from("no model") }, /could not be loaded/],
    ["that takes more memory than it may", { memoryBytes: 1 }, /it used more than 0 MiB of memory/],
  ] as const)(
    "%s is no exception, and held back",
    async (_, { onnx, ...limits }: { readonly onnx?: Buffer; readonly memoryBytes?: number }, why) => {
      const subject = await given.candidate(weights, onnx ? { onnx: await given.store.putBytes(onnx) } : {});
      const checks = await check(subject, limits);
      expect(checks).toMatchObject([{ check: "served", verdict: "fail", rows: 0 }]);
      expect(checks[0]?.reason).toMatch(why);
    },
  );

  it("that ends its server is no exception, and held back", async () => {
    const subject = await given.candidate(weights);
    const server = await serveCandidate(subject, { fetchFile: given.fetchFile });
    await server[Symbol.asyncDispose]();
    const [served] = await checkServed({ ...subject, server, objects: given.store, workFolder: given.folder });
    expect(served).toMatchObject({ check: "served", verdict: "fail", rows: 64, exceeding: 64 });
    expect(served?.reason).toMatch(/^served: row 0 is answered nothing: the server has ended, and the model answers /);
  });

  it("leaves no process behind", async () => {
    const server = await serveCandidate(await given.candidate(weights), { fetchFile: given.fetchFile });
    if (server.state !== "serving") throw new Error(server.why);
    expect((await fetch(`${server.address}/v2/health/live`)).ok).toBe(true);
    await server[Symbol.asyncDispose]();
    await expect(fetch(`${server.address}/v2/health/live`)).rejects.toThrow();
  });
});
