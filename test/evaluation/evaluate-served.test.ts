import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatOf } from "../../framework/definitions/format.ts";
import type { ModelSpec } from "../../framework/definitions/spec.ts";
import { evaluate } from "../../framework/evaluation/evaluate.ts";
import { evaluationSchema } from "../../framework/evaluation/evaluation.ts";
import { formatEvaluation } from "../../framework/evaluation/evaluation-text.ts";
import type { ModelPackage } from "../../framework/models/model-package.ts";
import { GivenCandidates } from "./served/given-candidate.ts";

const model: ModelSpec = {
  format: "model/1",
  kind: "model",
  name: "storm",
  owner: "ops",
  risk: "low",
  training: "storm-training",
  metrics: ["auc"],
  gates: [],
  tests: [{ kind: "latency", rate: 50, ratio: 10_000 }],
  approval: "waived",
};

let given: GivenCandidates;
beforeAll(async () => {
  given = await GivenCandidates.create();
});
afterAll(() => given[Symbol.asyncDispose]());

async function run(changes: Partial<ModelPackage>) {
  const { store, folder } = given;
  const lines: string[] = [];
  const subject = await given.candidate([2, 0.5, 0.25], changes);
  const { evaluation, reference } = await evaluate({
    model,
    ...subject,
    trainingSetDigest: "t",
    store,
    served: { objects: store, workFolder: folder },
    onProgress: (line) => lines.push(line),
  });
  return { evaluation, lines, stored: await store.getJson(reference, evaluationSchema) };
}

describe("an evaluation that has the candidate served", () => {
  it("says what a model server answered and how fast, and what could not be compared, which holds nothing back", async () => {
    const { evaluation, lines, stored } = await run({});
    expect(stored).toEqual(evaluation);
    expect(evaluation.tests?.map(({ verdict }) => verdict)).toEqual(["pass"]);
    expect(evaluation.served?.map(({ check, verdict }) => [check, verdict])).toEqual([
      ["served", "pass"],
      ["framework", "not-compared"],
      ["features", "not-compared"],
    ]);
    expect(evaluation.decision).toBe("pass");
    expect(lines).toContain("asking a model server for the candidate");
    const text = formatEvaluation(evaluation).join("\n");
    expect(text).toContain("✔ served: 64 rows are answered within 0.00001 of the model");
    expect(text).toContain("– not compared: framework, because its trainer left no answers");
  });

  it("is held back by answers that are not those of the trainer's framework", async () => {
    const answers = await given.store.putJson({
      format: formatOf("framework-answers"),
      framework: "lightgbm 4.6.0",
      split: "validation",
      rows: [5],
      answers: [[0.123]],
    });
    const { evaluation } = await run({ answers });
    expect(evaluation.served?.[1]).toMatchObject({ check: "framework", verdict: "fail", rows: 1, exceeding: 1 });
    expect(evaluation.decision).toBe("fail");
    expect(formatEvaluation(evaluation).join("\n")).toMatch(/✖ framework: row 0 is answered .*, and lightgbm 4\.6\.0/);
  });
});
