import { describe, expect, it } from "vitest";
import type { TuningSpec } from "../../../framework/definitions/tuning-spec.ts";
import { beginStudy } from "../../../framework/training/tuning/earlier-studies.ts";
import { recordTrial } from "../../../framework/training/tuning/study-record.ts";
import { createNames } from "../../support/names.ts";
import { tuningOf } from "./trials.ts";

const tuning = tuningOf({ trials: 3, parallel: 1, warmStart: true });

function given() {
  const store = createNames();
  const begin = async (identity: string, change: Partial<TuningSpec> = {}, job = "late"): Promise<number[]> => {
    const told = await beginStudy(store, job, { identity, tuning: { ...tuning, ...change } });
    return told.map(({ number, study }) => number + (study === "first" ? 0 : 100));
  };
  const end = (study: string, number: number) =>
    recordTrial(store, {
      study,
      number,
      params: { leaves: 8 + number },
      state: "completed",
      values: [0.7],
      intermediates: [],
      seconds: 1,
    });
  return { begin, end };
}

describe("a study that begins", () => {
  it("is told the trials of earlier studies of its job", async () => {
    const { begin, end } = given();
    expect(await begin("first")).toEqual([]);
    await end("first", 0);
    await end("first", 1);
    expect(await begin("second")).toEqual([0, 1]);
  });

  it("is told the same again, whatever has ended since", async () => {
    const { begin, end } = given();
    await begin("first");
    await end("first", 0);
    await begin("second");
    await end("first", 1);
    expect(await begin("second")).toEqual([0]);
  });

  it("is told nothing without being asked to, of other jobs, of other objectives or of itself", async () => {
    const { begin, end } = given();
    await begin("first");
    await end("first", 0);
    expect(await begin("cold", { warmStart: false })).toEqual([]);
    expect(await begin("other", {}, "late-too")).toEqual([]);
    expect(await begin("sought", { objectives: [{ metric: "log-loss", direction: "minimize" }] })).toEqual([]);
    await end("second", 0);
    await begin("second");
    expect(await begin("second")).toEqual([0]);
  });
});
