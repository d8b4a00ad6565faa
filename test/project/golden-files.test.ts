import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../framework/plan/digest.ts";
import { evaluationIdentity } from "../../framework/plan/identity.ts";
import { ProjectFolder } from "./project-folder.ts";

const project = `import { z } from "zod";
import { auc, csv, dataset, features, golden, model, project, python, trainingJob } from ${JSON.stringify(resolve("framework/index.ts"))};
const rows = dataset("rows", {
  owner: "ops", schema: z.object({ at: z.date(), hour: z.int(), origin: z.string(), late: z.boolean().meta({ known: "1 hour" }) }),
  eventTime: "at", source: csv("rows.csv"),
});
const routes = features("routes", rows, (row) => ({ hour: row.hour, origin: row.origin.category() }));
const training = trainingJob("training", {
  features: [routes], label: (row) => row.late, split: { test: "1 day" }, trainer: python("train.py", { lock: "lock" }),
});
const late = model("late", {
  owner: "ops", risk: "low", training, metrics: [auc], gates: [], tests: [golden("golden/late.json", { within: 0.01 })],
});
export default project("shop", { definitions: [rows, routes, training, late] });
`;
const right = [
  { features: { hour: 7, origin: "SEA" }, answer: 0.25 },
  { features: { hour: null, origin: "JFK" }, answer: 0.5 },
];

let folder: ProjectFolder;
beforeAll(() => {
  folder = new ProjectFolder({ "project.ts": project });
});
afterAll(() => folder[Symbol.dispose]());

const write = (rows: unknown) => folder.write({ "golden/late.json": JSON.stringify({ rows }) });

async function load() {
  const { spec } = await folder.load("project.ts");
  const found = spec.definitions.find(({ kind }) => kind === "model");
  if (found?.kind !== "model") throw new Error("there is no model");
  return found;
}

describe("a file of golden rows", () => {
  it("stands with its rows in the spec, so that a change of what is in it is a change of what is evaluated", async () => {
    write(right);
    const before = await load();
    expect(before.tests).toEqual([{ kind: "golden", rows: right, file: "golden/late.json", within: 0.01 }]);
    folder.write({
      "golden/late.json": JSON.stringify({ format: "golden-rows/1", package: "p", rows: right }, null, 2),
    });
    expect(digestOf(await load())).toBe(digestOf(before));
    write([{ ...right[0], answer: 0.3 }]);
    const after = await load();
    const identify = (model: typeof before) => evaluationIdentity(model, { package: "p" });
    expect(identify(after)).not.toBe(identify(before));
  });

  it.each<[string, unknown, RegExp, string | undefined]>([
    ["without rows", { rows: [] }, /is none \(got one row at least at rows/, undefined],
    ["that is something else", { answers: [] }, /is none/, undefined],
    ["of a newer Steward", { format: "golden-rows/99", rows: right }, /got format "golden-rows\/99"/, undefined],
    [
      "with too many rows",
      { rows: Array.from({ length: 257 }, () => right[0]) },
      /at most 256 rows at rows/,
      undefined,
    ],
    [
      "that lacks a feature",
      { rows: [{ features: { hour: 7 }, answer: 0.25 }] },
      /golden rows of a file lack features \(got origin of row 0/,
      undefined,
    ],
    [
      "with what is no feature",
      { rows: [{ features: { hour: 7, origin: "SEA", wind: 3 }, answer: 0.25 }] },
      /have what is no feature of "training" \(got wind, expected hour, origin\)/,
      undefined,
    ],
    [
      "with values of another type",
      { rows: [{ features: { hour: "seven", origin: 1 }, answer: 0.25 }] },
      /another type than their features \(got hour of row 0, origin of row 0\)/,
      undefined,
    ],
  ])("%s is a located problem before anything is planned", async (_, document, message) => {
    folder.write({ "golden/late.json": JSON.stringify(document) });
    const problems = await folder.findProblems("project.ts");
    expect(problems).toMatchObject([{ code: "golden-file-invalid", at: "late.tests[0]", file: "golden/late.json" }]);
    await expect(folder.load("project.ts")).rejects.toThrow(message);
  });

  it.each([
    ["that is not there", "golden/none.json", "is not there"],
    ["outside the project's folder", "../late.json", "lies outside the project's folder"],
  ])("%s is a problem at the test that names it", async (_, path, what) => {
    folder.write({ "other.ts": project.replace("golden/late.json", path) });
    expect(await folder.findProblems("other.ts")).toMatchObject([
      { code: "golden-file-invalid", at: "late.tests[0]", what: `the file of golden rows ${what}`, got: path },
    ]);
  });

  it("that is no JSON is a problem, and does not keep the one from being loaded who writes it anew", async () => {
    folder.write({ "golden/late.json": "{" });
    await expect(folder.load("project.ts")).rejects.toThrow(/got no JSON/);
    const { spec } = await folder.load("project.ts", { leavesGoldenFiles: true });
    expect(spec.definitions).toHaveLength(4);
  });
});
