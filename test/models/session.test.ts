import { describe, expect, it } from "vitest";
import { openSession } from "../../framework/models/session.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";
import { graph, linearModel, model, node, value } from "./onnx-bytes.ts";

describe("openSession", () => {
  it("answers each row of a matrix", async () => {
    const session = await openSession(linearModel([2, -1], "regression"), 2);
    const answers = await session.predict(Float32Array.of(1, 1, 3, 0, Number.NaN, 1), 3);
    await session.close();
    expect([...answers]).toEqual([1, 6, Number.NaN]);
  });

  it("answers each row with a number for each class", async () => {
    const onnx = createLinearOnnx({ task: "multiclass", weights: [1, 0, -1, 0, 0, 0], classes: 3 });
    const session = await openSession(onnx, 2, 3);
    const answers = await session.predict(Float32Array.of(0, 1, Math.LN2, 1), 2);
    await session.close();
    const expected = [1 / 3, 1 / 3, 1 / 3, 2 / 3.5, 1 / 3.5, 0.5 / 3.5];
    expect([...answers]).toEqual(expected.map((value) => expect.closeTo(value, 6)));
  });

  it("refuses a model that answers with another number of classes", async () => {
    const onnx = createLinearOnnx({ task: "multiclass", weights: [1, 0], classes: 2 });
    const session = await openSession(onnx, 1, 3);
    await expect(session.predict(Float32Array.of(1, 2), 2)).rejects.toThrow(
      "answered 4 values for 2 rows, expected 3 FLOATs for each",
    );
    await session.close();
  });

  it("answers no rows with no answers", async () => {
    const session = await openSession(linearModel([1]), 1);
    expect(await session.predict(new Float32Array(), 0)).toHaveLength(0);
    await session.close();
  });

  it("refuses a matrix of another size", async () => {
    const session = await openSession(linearModel([1, 1]), 2);
    await expect(session.predict(Float32Array.of(1, 2, 3), 2)).rejects.toThrow("has 3 values, expected 2 rows of 2");
    await session.close();
  });

  it("refuses a model that answers all rows at once", async () => {
    const sum = graph({
      inputs: [value("features", "float", ["rows", 1])],
      outputs: [value("value", "float", [1, 1])],
      nodes: [node({ op: "ReduceSum", inputs: ["features"], outputs: ["value"] })],
    });
    const session = await openSession(model(sum), 1);
    await expect(session.predict(Float32Array.of(1, 2), 2)).rejects.toThrow("answered 1 values for 2 rows");
    await session.close();
  });
});
