import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordGolden } from "../../framework/cli/golden-recording.ts";
import { goldenRow } from "../../framework/definitions/golden-rows.ts";
import { runModelTests } from "../../framework/evaluation/model-tests/run-model-tests.ts";
import { GivenCandidates } from "../evaluation/served/given-candidate.ts";

let given: GivenCandidates;
let path: string;
beforeAll(async () => {
  given = await GivenCandidates.create();
  path = join(given.folder, "golden.json");
});
afterAll(() => given[Symbol.asyncDispose]());

async function record(weights: readonly number[]) {
  const subject = await given.candidate(weights);
  const recorded = await recordGolden(subject, { path, fetchFile: given.fetchFile });
  const { rows, ...rest } = JSON.parse(await readFile(path, "utf8")) as { readonly rows: readonly unknown[] };
  return { recorded, rest, rows: goldenRow.array().parse(rows), subject };
}

describe("recording golden rows", () => {
  it("takes rows from all over the validation split, and the version passes the test that is made of them", async () => {
    const { recorded, rest, rows, subject } = await record([2, 0.5, 0.25]);
    expect(recorded).toEqual({ rows: 20, from: "validation" });
    expect(rest).toEqual({ format: "golden-rows/1", package: subject.packageDigest });
    expect(new Set(rows.map(({ features }) => typeof features["rainy"]))).toEqual(new Set(["boolean"]));
    const tests = [{ kind: "golden", rows, within: 0 } as const];
    const [own] = await runModelTests({ tests, candidate: subject, fetchFile: given.fetchFile });
    expect(own).toMatchObject({ verdict: "pass", rows: 20 });
    const other = await given.candidate([-2, 0.5, 0.25]);
    const [otherwise] = await runModelTests({ tests, candidate: other, fetchFile: given.fetchFile });
    expect(otherwise).toMatchObject({ verdict: "fail" });
  });

  it("answers the rows anew that the file has", async () => {
    const features = { wind: 1, rainy: false, weather: "dry" };
    await writeFile(path, JSON.stringify({ rows: [{ features, answer: 0 }] }));
    const { recorded, rows } = await record([2, 0, 0]);
    expect(recorded).toEqual({ rows: 1, from: "file" });
    expect(rows).toMatchObject([{ features, answer: expect.closeTo(0.8808, 3) }]);
  });

  it.each([
    ["no JSON", "{"],
    ["rows with other features", JSON.stringify({ rows: [{ features: { wind: 1 }, answer: 0 }] })],
    ["rows that are none", JSON.stringify({ rows: [null] })],
  ])("takes new rows where the file has %s", async (_, text) => {
    await writeFile(path, text);
    expect((await record([2, 0, 0])).recorded).toMatchObject({ from: "validation" });
  });

  it("refuses a model that answers with a probability for each class", async () => {
    const subject = await given.candidate([2, 0, 0]);
    const many = { ...subject, package: { ...subject.package, task: "multiclass" as const } };
    await expect(recordGolden(many, { path, fetchFile: given.fetchFile })).rejects.toThrow("[model-test-unfit]");
  });
});
