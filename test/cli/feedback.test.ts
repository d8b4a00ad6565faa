import { describe, expect, it } from "vitest";
import { z } from "zod";
import { formatFeedback } from "../../framework/cli/cohort-text.ts";
import { requireFeedback } from "../../framework/cli/feedback-endpoint.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { FeedbackView, MeasuredCohort } from "../../framework/feedback/feedback-view.ts";
import { endpoint, labels, project } from "../../framework/index.ts";
import { definitions, flights, late } from "../definitions/flight-project.ts";
import { failure } from "../support/failure.ts";
import { runSteward } from "./steward.ts";

const day = 86_400_000;
const from = Date.parse("2026-03-01T00:00:00Z");
const cohort: MeasuredCohort = {
  from,
  to: from + day,
  variant: "champion",
  version: "3",
  package: "p",
  isShadow: false,
  answered: 1300,
  matured: 1200,
  observable: 600,
  labelled: 540,
  flagged: 500,
  early: 7,
  strange: 0,
  metrics: [{ metric: "auc", value: 0.7, low: 0.68, high: 0.72, rows: 540 }],
};
const nobody = { count: 0, examples: [] };
const none = { received: 0, repeated: 0, replaced: 0, orphans: nobody, ambiguous: nobody };
const view = (change: Partial<FeedbackView> = {}): FeedbackView => ({
  labels: none,
  sealed: 0,
  cohorts: [cohort],
  ...change,
});
const always = { label: { type: "boolean" }, matures: "1 day" } as const;

describe("what is shown of labels", () => {
  it("is how many answers are old enough, how many of those have one, and what is measured on them", () => {
    const unmeasured = {
      ...cohort,
      from: from + day / 2,
      variant: "next",
      version: "4",
      isShadow: true,
      labelled: 0,
      metrics: [],
    };
    expect(formatFeedback(view({ cohorts: [cohort, unmeasured] }), always)).toEqual([
      "  from              variant        version  answered  matured  labelled    auc",
      "  2026-03-01        champion       3        1,300     1,200    540 (45 %)  0.700 [0.680, 0.720]",
      "  2026-03-01T12:00  next (unseen)  4        1,300     1,200    0 (0 %)     –",
      "  200 rows younger than 1 day wait, 14 with a label already: what is measured is of the older ones alone",
    ]);
  });

  it("has the metrics in their order, also where the first stretch has but some of them", () => {
    const metrics = ["auc", "log-loss"].map((metric) => ({ metric, value: 0.7, low: 0.68, high: 0.72, rows: 540 }));
    const cohorts = [
      { ...cohort, metrics: metrics.slice(1) },
      { ...cohort, from: from + day, metrics },
    ];
    const [header, first] = formatFeedback(view({ cohorts }), always);
    expect(header).toMatch(/labelled +auc +log-loss$/);
    expect(first).toMatch(/ – +0\.700 \[0\.680, 0\.720\]$/);
  });

  it("says of which answers labels can be at all, and that the others are not measured", () => {
    const [header, row, , selective] = formatFeedback(view(), { ...always, observed: { when: true } });
    expect(header).toBe("  from        variant   version  answered  matured  labelled    can be      flagged     auc");
    expect(row).toContain("540 (45 %)  600 (50 %)  500 (92 %)  0.700");
    expect(selective).toContain("says nothing of the others");
  });

  it("is never more labels than there can be, however many answers were let through by chance", () => {
    const [, row] = formatFeedback(view({ cohorts: [{ ...cohort, labelled: 900 }] }), {
      ...always,
      observed: { when: true },
    });
    expect(row).toContain("1,200    900 (75 %)  600 (50 %)  500 (55 %)");
  });

  it("names labels of no answer, and those of no class", () => {
    const orphans = { count: 5, examples: ["a", "b", "c", "d", "e"].map((id, row) => ({ id, row })) };
    const lines = formatFeedback(view({ labels: { ...none, orphans }, cohorts: [{ ...cohort, strange: 1 }] }), always);
    expect(lines).toContain("  1 label of a class that the version does not have is left out");
    expect(lines.at(-1)).toBe("  ! 5 labels of no answer in the log: a, b row 1, c row 2, …");
    expect(formatFeedback(view({ cohorts: [] }), always)).toEqual(["nothing was answered by then"]);
  });

  it("says how many labels no key opens", () => {
    expect(formatFeedback(view({ sealed: 2 }), always).at(-1)).toContain("2 labels that no key opens");
  });

  it("names labels whose id several answers have, and those of no row", () => {
    const orphans = {
      count: 2,
      examples: [
        { id: "a", row: 0.5 },
        { id: "b", row: null },
      ],
    };
    const ambiguous = { count: 1, examples: [{ id: "c", row: 0 }] };
    expect(formatFeedback(view({ labels: { ...none, orphans, ambiguous }, cohorts: [] }), always)).toEqual([
      "nothing was answered by then",
      "  ! 2 labels of no answer in the log: a row 0.5, b without a row",
      "  ! 1 label of an id that several answers have, and so of none: c",
    ]);
  });
});

describe("an endpoint that takes labels", () => {
  const feedback = {
    label: z.boolean(),
    matures: "1 day",
    from: labels(flights, (row) => ({ id: row.origin, label: row.delay.gt(15) })),
  } as const;
  const feeding = endpoint("desk", { model: late, feedback });
  const spec = resolveProject(project("flights", { definitions: [...definitions, feeding] }), "local");

  it("is found with its model's task and metrics, and the dataset of its labels", () => {
    expect(requireFeedback(spec, "desk")).toMatchObject({
      endpoint: "desk",
      task: "binary",
      metrics: ["auc"],
      feedback: { matures: "1 day" },
      dataset: { name: "flights" },
    });
  });

  it("has labels of persons, where its spec protects them", () => {
    const ofPersons = endpoint("desk", {
      model: late,
      feedback: { ...feedback, label: z.boolean().meta({ pii: "hash" }) },
    });
    const protecting = resolveProject(project("flights", { definitions: [...definitions, ofPersons] }), "local");
    expect(requireFeedback(protecting, "desk")).toMatchObject({ hasSubject: false, isPersonal: true });
    expect(requireFeedback(spec, "desk")).toMatchObject({ hasSubject: false, isPersonal: false });
  });

  it.each([
    ["deck", 'there is no endpoint "deck"', 'did you mean "desk"?'],
    ["late-arrival", 'endpoint "late-arrival" takes no labels', /^declare its "feedback"/],
  ])("is not %s", async (name, what, fix) => {
    const { problems } = await failure(Promise.resolve().then(() => requireFeedback(spec, name)));
    expect(problems).toMatchObject([{ what, fix: expect.stringMatching(fix) }]);
  });
});

describe("steward feedback", () => {
  it.each<[string, readonly string[], string]>([
    ["no moment", ["x", "--as-of", "yesterday"], '"--as-of" is no moment'],
    ["no moment that is to come", ["x", "--as-of", "2999-01-01T00:00:00Z"], '"--as-of" is yet to come'],
    ["no length of time", ["x", "--window", "0 seconds"], '"--window" is no length of time'],
    ["columns without a file", ["x", "--time", "at"], '"--time" says nothing without a file to send'],
    [
      "a moment of a file",
      ["x", "f.csv", "--as-of", "2026-03-01T00:00:00Z"],
      '"--as-of" says nothing of a file that is sent',
    ],
  ])("takes %s", async (_title, words, message) => {
    const { code, stderr } = await runSteward(["feedback", ...words]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
