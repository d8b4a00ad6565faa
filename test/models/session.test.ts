import { describe, expect, it } from "vitest";
import { openSession } from "../../framework/models/session.ts";
import { graph, linearModel, model, node, value } from "./onnx-bytes.ts";

describe("openSession", () => {
  it("answers each row of a matrix", async () => {
    const session = await openSession(linearModel([2, -1], "regression"), 2);
    const answers = await session.predict(Float32Array.of(1, 1, 3, 0, Number.NaN, 1), 3);
    await session.close();
    expect([...answers]).toEqual([1, 6, Number.NaN]);
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
