import { describe, expect, it } from "vitest";
import { addToHistory, readModelJson } from "../../../framework/tracking/logged-models/run-model-routes.ts";

const model = { artifact_path: "net", flavors: {}, utc_time_created: "2026-01-01", run_id: "r" };

describe("the models that a run of an older client logged", () => {
  it("are described by JSON that names what must be there, for that run alone", () => {
    expect(readModelJson(JSON.stringify(model), "r")).toEqual(model);
    expect(() => readModelJson("no JSON", "r")).toThrow("no JSON object");
    expect(() => readModelJson("[]", "r")).toThrow("no JSON object");
    expect(() => readModelJson(JSON.stringify({ ...model, flavors: undefined }), "r")).toThrow(
      "missing mandatory fields: flavors",
    );
    expect(() => readModelJson(JSON.stringify(model), "other")).toThrow("run_id");
  });

  it("are added to those before; one that is sent again is there once", () => {
    const first = addToHistory(undefined, model);
    expect(JSON.parse(first)).toEqual([model]);
    const second = addToHistory(first, { ...model, artifact_path: "other" });
    expect(JSON.parse(second)).toHaveLength(2);
    expect(addToHistory(second, model)).toBe(second);
  });

  it("are as many as a tag holds", () => {
    expect(() => addToHistory(undefined, { ...model, artifact_path: "x".repeat(8_000) })).toThrow(
      "maximum length of 8000",
    );
  });
});
