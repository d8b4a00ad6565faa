import { describe, expect, it } from "vitest";
import { countTestReads, recordTestRead } from "../../framework/evaluation/test-reads.ts";
import { createNames } from "../support/names.ts";

describe("the count of readings of test rows", () => {
  it("is of each attempt for a candidate, and of the candidates that were judged on these rows", async () => {
    const store = createNames();
    await recordTestRead(store, "rows", { package: "one", by: "first" });
    expect(await countTestReads(store, "rows", "one")).toEqual({ candidate: 1, candidates: 1 });
    await recordTestRead(store, "rows", { package: "one", by: "second" });
    await recordTestRead(store, "rows", { package: "two", by: "third" });
    expect(await countTestReads(store, "rows", "one")).toEqual({ candidate: 2, candidates: 2 });
    expect(await countTestReads(store, "rows", "two")).toEqual({ candidate: 1, candidates: 2 });
  });

  it("counts an attempt once that says so again", async () => {
    const store = createNames();
    for (let time = 0; time < 2; time++) await recordTestRead(store, "rows", { package: "one", by: "first" });
    expect(await countTestReads(store, "rows", "one")).toEqual({ candidate: 1, candidates: 1 });
  });

  it("is of these rows alone", async () => {
    const store = createNames();
    await recordTestRead(store, "rows", { package: "one", by: "first" });
    expect(await countTestReads(store, "others", "one")).toEqual({ candidate: 0, candidates: 0 });
  });
});
