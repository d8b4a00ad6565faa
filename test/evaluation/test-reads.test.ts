import { describe, expect, it } from "vitest";
import { countTestReads, identifyTestRows, recordTestRead } from "../../framework/evaluation/test-reads.ts";
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

  it("goes on with other features of the same rows, and begins anew with other rows", () => {
    const split = (sha256: string, from: string) => ({ object: { sha256, size: 1 }, rows: 10, from, to: "2024-06-30" });
    const splits = (sha256: string, from = "2024-06-01") => {
      return { splits: { train: split("a", from), validation: split("b", from), test: split(sha256, from) } };
    };
    const rows = identifyTestRows(splits("one file"), "a version");
    expect(identifyTestRows(splits("with one more feature"), "a version")).toBe(rows);
    expect(identifyTestRows(splits("one file"), "a newer version")).not.toBe(rows);
    expect(identifyTestRows(splits("one file", "2024-06-02"), "a version")).not.toBe(rows);
  });

  it("is of these rows alone", async () => {
    const store = createNames();
    await recordTestRead(store, "rows", { package: "one", by: "first" });
    expect(await countTestReads(store, "others", "one")).toEqual({ candidate: 0, candidates: 0 });
  });
});
