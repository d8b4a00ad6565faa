import { describe, expect, it } from "vitest";
import { Cohorts, type CohortTerms, judgeRow } from "../../framework/feedback/cohorts.ts";
import type { LabelledRow } from "../../framework/feedback/join-labels.ts";

const hour = 3_600_000;
const day = 24 * hour;
const terms: CohortTerms = { asOf: 10 * day, matures: day, window: day };

function row(change: Partial<LabelledRow> = {}): LabelledRow {
  return {
    id: "a",
    row: 0,
    time: 8 * day,
    version: "1",
    package: "p",
    isShadow: false,
    predictions: [0.7],
    given: "true",
    givenValue: 0.7,
    ...change,
  };
}

describe("what a row counts as", () => {
  it.each<[string, Partial<LabelledRow>, Partial<CohortTerms>, Partial<ReturnType<typeof judgeRow>>]>([
    ["is mature from the moment on at which its label is final", { time: 9 * day }, {}, { isMature: true }],
    ["is not mature a moment before", { time: 9 * day + 1 }, {}, { isMature: false }],
    ["is mature at once where labels are", { time: 10 * day }, { matures: 0 }, { isMature: true }],
    ["is observable whatever was answered, by default", { label: true }, {}, { isObservable: true, isFlagged: false }],
    [
      "is observable by the answer that was given",
      { given: "false" },
      { observed: { when: true } },
      { isObservable: false },
    ],
    ["is observable by a class", { given: "late" }, { observed: { when: "late" } }, { isObservable: true }],
    ["is observable from a bound on", { givenValue: 0.7 }, { observed: { atLeast: 0.7 } }, { isObservable: true }],
    [
      "is not observable at a bound that it must be below",
      { givenValue: 0.7 },
      { observed: { below: 0.7 } },
      { isObservable: false },
    ],
    [
      "is flagged where only the decision lets its label be known",
      { label: true },
      { observed: { when: true } },
      { isFlagged: true },
    ],
    ["is not flagged without a label", {}, { observed: { when: true } }, { isFlagged: false }],
    [
      "is not flagged where a label is known in spite of the decision",
      { label: true, given: "false" },
      { observed: { when: true } },
      { isFlagged: false },
    ],
    [
      "is not flagged where its label says that it would be there anyway",
      { label: true, selected: false },
      { observed: { when: true } },
      { isFlagged: false },
    ],
    ["is flagged where its label says so itself", { label: true, selected: true }, {}, { isFlagged: true }],
  ])("%s", (_title, change, more, expected) => {
    expect(judgeRow(row(change), { ...terms, ...more })).toMatchObject(expected);
  });
});

describe("cohorts", () => {
  it("count what is young and never keep it to be measured", () => {
    const cohorts = new Cohorts({ ...terms, window: 2 * day, observed: { when: true } });
    for (const one of [
      row({ label: true }),
      row({ label: false, given: "false" }),
      row({ given: "false" }),
      row({ label: true, time: 9 * day + hour }),
      row({ time: 9 * day + hour }),
    ])
      cohorts.add(one);
    const [cohort, ...others] = cohorts.list();
    expect(others).toEqual([]);
    expect(cohort).toEqual({
      from: 8 * day,
      to: 10 * day,
      variant: "champion",
      version: "1",
      package: "p",
      isShadow: false,
      answered: 5,
      matured: 3,
      observable: 1,
      labelled: 2,
      flagged: 1,
      early: 1,
      rows: expect.objectContaining({ width: 1, predictions: [0.7, 0.7], labels: [1, 0], odd: 0 }),
    });
  });

  it("are apart by window, variant, version and whether anybody saw them, in that order", () => {
    const cohorts = new Cohorts(terms);
    for (const one of [
      row({ time: 9 * day }),
      row({ version: "10" }),
      row({ version: "9" }),
      row({ variant: "canary" }),
      row({ variant: "canary", time: 9 * day - 1 }),
      row({ variant: "shadow", isShadow: true }),
    ])
      cohorts.add(one);
    expect(
      cohorts
        .list()
        .map(({ from, variant, version, isShadow, answered }) => [from / day, variant, version, isShadow, answered]),
    ).toEqual([
      [8, "canary", "1", false, 2],
      [8, "champion", "9", false, 1],
      [8, "champion", "10", false, 1],
      [8, "shadow", "1", true, 1],
      [9, "champion", "1", false, 1],
    ]);
  });
});
