import { describe, expect, it } from "vitest";
import { type CandidateProgress, listMissingSteps } from "../../framework/plan/candidate.ts";

const run = { identity: "run" };
const set = (present: boolean) => ({ identity: "set", present });
const comparison = (present: boolean) => ({ identity: "other", present });

describe("the missing steps of a candidate", () => {
  it.each<[title: string, progress: CandidateProgress, expected: readonly string[]]>([
    [
      "are all when nothing is there",
      { run, trainingSet: set(false) },
      ["materialise set of candidate", "train run", "evaluate"],
    ],
    ["are what follows the training set", { run, trainingSet: set(true) }, ["train run", "evaluate"]],
    [
      "are a study in the place of a training",
      { run: { ...run, tuned: true }, trainingSet: set(true) },
      ["tune run", "evaluate"],
    ],
    [
      "are no study once its package is there",
      { run: { ...run, tuned: true }, trainingSet: set(true), package: "p" },
      ["evaluate"],
    ],
    ["are the evaluation of a package", { run, trainingSet: set(true), package: "p" }, ["evaluate"]],
    ["are none once it is evaluated", { run, trainingSet: set(true), package: "p", evaluation: "e" }, []],
    ["need no training set once it is evaluated", { run, trainingSet: set(false), package: "p", evaluation: "e" }, []],
    [
      "include the rows of production, before they are compared",
      { run, trainingSet: set(true), comparison: comparison(false) },
      ["train run", "materialise other of production", "evaluate"],
    ],
    [
      "leave out rows of production that are there",
      { run, trainingSet: set(true), comparison: comparison(true), package: "p" },
      ["evaluate"],
    ],
  ])("%s", (_title, progress, expected) => {
    const said = listMissingSteps(progress).map((missing) => {
      if (missing.step === "evaluate") return "evaluate";
      return `${missing.step} ${missing.identity}${missing.step === "materialise" ? ` of ${missing.of}` : ""}`;
    });
    expect(said).toEqual(expected);
  });
});

describe("a step that runs again", () => {
  it("says what was lost, each its own", () => {
    const progress: CandidateProgress = {
      trainingSet: { identity: "set", present: false, lost: "the set is gone" },
      comparison: { identity: "other", present: false, lost: "the others are gone" },
      run: { identity: "run", lost: "the model is gone" },
      evaluationLost: "the report is gone",
    };
    expect(listMissingSteps(progress).map(({ lost }) => lost)).toEqual([
      "the set is gone",
      "the model is gone",
      "the others are gone",
      "the report is gone",
    ]);
    expect(listMissingSteps({ run, trainingSet: set(false) }).map((step) => "lost" in step)).toEqual([
      false,
      false,
      false,
    ]);
  });
});
