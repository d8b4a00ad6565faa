import { describe, expect, it } from "vitest";
import type { ModelPackage } from "../../../framework/models/model-package.ts";
import { writeOutputs } from "../../../framework/serving/fast/output-text.ts";
import { RecordText } from "../../../framework/serving/fast/record-text.ts";
import { composeReplyText } from "../../../framework/serving/fast/reply-text.ts";
import { learnTemplate } from "../../../framework/serving/fast/request-template.ts";
import { replyInference } from "../../../framework/serving/inference-reply.ts";
import { readInferenceRequest } from "../../../framework/serving/inference-request.ts";
import type { LiveModel } from "../../../framework/serving/live-model.ts";
import { createOutputs, listOutputs } from "../../../framework/serving/protocol.ts";

type Changed = Partial<Pick<ModelPackage, "model" | "task" | "output" | "classes" | "inputs">>;

function createLive(change: Changed = {}) {
  const inputs: ModelPackage["inputs"] = [
    { name: "wind", type: "number" },
    { name: 'the "rain"', type: "boolean" },
    { name: "région", type: "category" },
  ];
  const modelPackage = { model: "storm", task: "regression", output: "value", inputs, ...change };
  return { package: modelPackage, version: "3", digest: "d1" } as unknown as LiveModel;
}

const classes = ["fair", "storm", 'a "b"'];
const kinds: readonly (readonly [string, Changed, readonly number[]])[] = [
  ["a regression", {}, [-0, 1.5e-300]],
  ["a binary label", { task: "binary", output: "probability" }, [0.25, 0.5]],
  ["several classes", { task: "multiclass", output: "probabilities", classes }, [0.5, 0.25, 0.25, 0, 0, 1]],
];

describe("the text of a reply", () => {
  it.each(kinds)("is what the reply of %s is as JSON", (_title, change, answers) => {
    const live = createLive(change);
    const all = listOutputs(live.package).map(({ name }) => ({ name, isBinary: false }));
    for (const outputs of [all, all.toReversed(), all.slice(-1)]) {
      const created = createOutputs(live.package, answers);
      const asked = outputs.flatMap(({ name }) => created.filter((output) => output.name === name));
      const tensors = asked.map((output) => ({ ...output, isBinary: false }));
      const { body } = replyInference({ id: "r1", live, outputs: tensors });
      expect(composeReplyText(live, { rows: 2, outputs })?.write("r1", writeOutputs(live.package, answers))).toBe(
        JSON.stringify(body),
      );
      const named = replyInference({ id: "r1", live, told: "canary", outputs: tensors });
      const text = composeReplyText(live, { rows: 2, outputs }, "canary");
      expect(text?.write("r1", writeOutputs(live.package, answers))).toBe(JSON.stringify(named.body));
    }
  });

  it.each([
    ["bytes", {}, { name: "value", isBinary: true }],
    ["a model whose name is more than ASCII", { model: "störm" }, { name: "value", isBinary: false }],
    [
      "a class whose name is",
      { task: "multiclass" as const, output: "probabilities", classes: ["å", "b"] },
      { name: "label", isBinary: false },
    ],
  ])("is left to others for %s", (_title, change, asked) => {
    expect(composeReplyText(createLive(change), { rows: 1, outputs: [asked] })).toBeUndefined();
  });
});

describe("the text of a record", () => {
  it.each(kinds)("is what the record of %s is as JSON, its values as they were sent", (_title, change, answers) => {
    const live = createLive(change);
    const { inputs } = live.package;
    const body = Buffer.from(
      JSON.stringify({
        inputs: [
          { name: "région", datatype: "BYTES", shape: [2], data: ["north, east", null] },
          { name: "wind", datatype: "FP64", shape: [2, 1], data: [[-1.25e3], [7]] },
          { name: 'the "rain"', datatype: "BOOL", shape: [2], data: [true, false] },
        ],
      }),
    );
    const asked = readInferenceRequest({ json: body, raw: new Uint8Array() }, { inputs }, []);
    const scanned = learnTemplate(body, asked, inputs)?.scan(body, true);
    const facts = { id: "r1", time: "2026-01-01T00:00:00.000Z", latencyMicroseconds: 12 };
    const places = scanned?.places ?? [];
    const outputs = writeOutputs(live.package, answers);
    const text = new RecordText(live, "störms").write({ ...facts, body, rows: 2, places, outputs });
    const created = createOutputs(live.package, answers).map(({ name, data }) => [name, data]);
    expect(JSON.parse(`{${text.toString()}`)).toEqual({
      ...facts,
      endpoint: "störms",
      model: "storm",
      version: "3",
      package: "d1",
      inputs: asked.columns,
      outputs: JSON.parse(JSON.stringify(Object.fromEntries(created))),
    });
  });
});
