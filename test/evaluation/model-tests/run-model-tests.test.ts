import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelTestSpec } from "../../../framework/definitions/model-test-spec.ts";
import { runModelTests } from "../../../framework/evaluation/model-tests/run-model-tests.ts";
import type { Subject } from "../../../framework/evaluation/predict-test-rows.ts";
import { type ServedCandidate, serveCandidate } from "../../../framework/evaluation/served/limited-server.ts";
import { GivenCandidates } from "../served/given-candidate.ts";

let given: GivenCandidates;
beforeAll(async () => {
  given = await GivenCandidates.create();
});
afterAll(() => given[Symbol.asyncDispose]());

async function run(subject: Subject, tests: readonly ModelTestSpec[], server?: ServedCandidate) {
  const { fetchFile } = given;
  return await runModelTests({ tests, candidate: subject, ...(server && { server }), fetchFile });
}

const leeway = { tolerance: 0, share: 0 };
const all: readonly ModelTestSpec[] = [
  { kind: "answers-each-row" },
  { kind: "deterministic" },
  { kind: "simplex", tolerance: 1e-6 },
  { kind: "in-range", low: 0.2, high: 0.95, share: 0 },
  { kind: "golden", rows: [{ features: { wind: 0, weather: "dry" }, answer: 0.5 }], within: 1e-5 },
  { kind: "monotone", feature: "wind", direction: "up", ...leeway },
  { kind: "directional", feature: "wind", by: 0.1, direction: "up", ...leeway },
  { kind: "invariant", feature: "weather", ...leeway },
];

describe("runModelTests", () => {
  it("passes a model that does what all its tests ask, on a sample of its test rows", async () => {
    const verdicts = await run(await given.candidate([2, 0.5, 0]), all);
    expect(verdicts.map(({ verdict, reason }) => (verdict === "pass" ? verdict : reason))).toEqual(
      all.map(() => "pass"),
    );
    expect(verdicts.map(({ rows: asked }) => asked)).toEqual([1000, 1000, 1000, 1000, 1, 250, 250, 250]);
  });

  it("fails a model that does otherwise, with what it did", async () => {
    const verdicts = await run(await given.candidate([-2, 0.5, 1]), all);
    const failed = verdicts.filter(({ verdict }) => verdict === "fail").map(({ test }) => test.kind);
    expect(failed).toEqual(["in-range", "monotone", "directional", "invariant"]);
    // The answer to no wind and dry weather is the same whatever is weighed.
    expect(verdicts.find(({ test }) => test.kind === "golden")?.verdict).toBe("pass");
    expect(verdicts.find(({ test }) => test.kind === "monotone")).toMatchObject({ exceeding: 250, rows: 250 });
  });

  it("fails a golden row that is answered otherwise", async () => {
    const rowsOf = [{ features: { wind: 1 }, answer: 0.5 }];
    const [verdict] = await run(await given.candidate([2, 0, 0]), [{ kind: "golden", rows: rowsOf, within: 1e-5 }]);
    expect(verdict).toMatchObject({ verdict: "fail", exceeding: 1 });
    expect(verdict?.reason).toMatch(/^golden row 0 is answered 0\.881/);
  });

  it("has the server of the candidate timed beside one without a model", async () => {
    const subject = await given.candidate([2, 0, 0]);
    const test: ModelTestSpec = { kind: "latency", rate: 100, ratio: 1000 };
    await using server = await serveCandidate(subject, { fetchFile: given.fetchFile });
    const [verdict] = await run(subject, [test], server);
    expect(verdict).toMatchObject({ verdict: "pass" });
    expect(verdict?.reason).toMatch(
      /300 rows at 100 a second are answered in \d.* times as long as a server without a model/,
    );
  });

  it("times nothing where nobody serves the candidate, and does not pass it", async () => {
    const [verdict] = await run(await given.candidate([2, 0, 0]), [{ kind: "latency", rate: 100, ratio: 1000 }]);
    expect(verdict).toMatchObject({ verdict: "inconclusive" });
  });

  it("ends with its signal", async () => {
    const subject = await given.candidate([2, 0, 0]);
    const signal = AbortSignal.abort(new Error("enough"));
    const options = { tests: all, candidate: subject, fetchFile: given.fetchFile, signal };
    await expect(runModelTests(options)).rejects.toThrow("enough");
  });
});
