import { describe, expect, it } from "vitest";
import { Refusal } from "../../../framework/http/refusal.ts";
import { NoFiniteAnswer } from "../../../framework/serving/live-model.ts";
import { VariantCounts } from "../../../framework/serving/variants/variant-counts.ts";

describe("what is counted of a variant", () => {
  it("has with each bound those below it, and at last all", () => {
    const counts = new VariantCounts();
    for (const milliseconds of [0.05, 0.1, 3, 3, 20_000]) counts.addAnswer(milliseconds);
    const { bounds, counts: latency } = counts.readLatency();
    expect(latency).toHaveLength(bounds.length + 1);
    expect(latency[bounds.indexOf(0.1)]).toBe(2);
    expect(latency[bounds.indexOf(2.5)]).toBe(2);
    expect(latency[bounds.indexOf(5)]).toBe(4);
    expect(latency.slice(-2)).toEqual([4, 5]);
    expect(counts.answered).toBe(5);
  });

  it.each([
    ["a failure of the model", new Error("onnxruntime"), 1],
    ["a row that it has no finite answer for", new NoFiniteAnswer(422, "none"), 1],
    ["a record that could not be kept", new Refusal(503, "log"), 0],
    ["a server that has too much to do", new Refusal(503, "overload"), 0],
    ["an answer that was not there in time", new Refusal(504, "late"), 1],
    ["a request that is wrong", new Refusal(400, "missing"), 0],
    ["a category that is refused", new Refusal(422, "unseen"), 0],
  ])("counts %s as what it is", (_title, error, failed) => {
    const counts = new VariantCounts();
    counts.addFailure(error);
    expect(counts.failed).toBe(failed);
  });

  it("has no part in an answer that was late for a caller in a hurry", () => {
    const counts = new VariantCounts();
    counts.addFailure(new Refusal(504, "late"), true);
    expect(counts.failed).toBe(0);
    counts.addFailure(new Error("onnxruntime"), true);
    expect(counts.failed).toBe(1);
  });
});
