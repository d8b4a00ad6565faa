import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { requireExperiment } from "../../framework/cli/commands/experiment.ts";
import { formatExperiment, formatExperimentPlan, sayFirstCohort } from "../../framework/cli/experiment-text.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { accuracy, endpoint, experiment, project } from "../../framework/index.ts";
import { clusteredRate, createChance, simulate, simulateSummary, specOf } from "../campaigns/experiments/simulation.ts";
import { definitions, late, lateArrival } from "../definitions/flight-project.ts";
import { localStack, runSteward, Workspace } from "./steward.ts";

const entry = join(import.meta.dirname, "../../framework/index.ts");
const spec = specOf({ name: "trees", guardrails: [{ metric: "errors", better: "lower", by: 0.01 }] });
const simulation = { spec, population: clusteredRate(0.2, 0.05), units: 6000, perLook: 100 };
const followed = simulate(simulation, createChance(21));
const nothing = simulate({ ...simulation, units: 0 }, createChance(21));

describe("an experiment in a terminal", () => {
  it("has its arms, their differences, the sample ratio and the guardrails", () => {
    const lines = formatExperiment(spec, followed.decision);
    expect(lines[1]).toBe(followed.decision.sentence);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}arm +state +share +units +matured +label$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}treatment +better +50 % +[\d,]+ +[\d,]+ +0\.2\d+$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}control +control +50 % /));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}units are dealt as allocated: p = /));
    expect(lines.at(-1)).toMatch(/^ {2}treatment +errors +0 +– +– +0\.01$/);
  });

  it("has dashes where nothing is known", () => {
    const lines = formatExperiment(spec, nothing.decision);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}treatment +running +50 % +0 +0 +–$/));
  });
});

it("says when anything is known, until it is", () => {
  const begun = "2026-03-01T00:00:00.000Z";
  expect(sayFirstCohort({ atMost: "60 days" }, { begun, cohorts: [] })).toEqual([
    '  units are counted every 6 h, a 240th of "atMost": none is before 2026-03-01T06:00:00.000Z',
  ]);
  expect(sayFirstCohort({ atMost: "60 days" }, { begun, cohorts: [{ until: begun, arms: {} }] })).toEqual([]);
});

it("says how long an experiment takes, in units and in days", () => {
  const plan = { fixed: 1000, most: 1700, expected: { minimum: 1050, none: 1500 } };
  const lines = formatExperimentPlan([["treatment", plan]], { power: 0.8, minimum: 0.01 }, 500);
  expect(lines[2]).toMatch(/treatment +1,000 \(2 days\) +1,700 \(4 days\) +1,050 \(3 days\) +1,500 \(3 days\)/);
  expect(formatExperimentPlan([["treatment", plan]], { power: 0.8, minimum: 0.01 })[2]).toMatch(/1,000 +1,700/);
});

describe("the experiment of an endpoint", () => {
  const tried = endpoint("desk", {
    model: late,
    feedback: { label: z.boolean(), matures: "1 day" },
    experiment: experiment("trees", { arms: { control: late, again: late }, metric: accuracy, minimum: 0.01 }),
  });
  const resolved = resolveProject(project("flights", { definitions: [...definitions, tried] }), "local");

  it("is found by the endpoint's name", () => {
    expect(requireExperiment(resolved, "desk")).toMatchObject({ name: "trees", metric: "accuracy" });
  });

  it("is missed by name where the endpoint has none", () => {
    const fed = endpoint("fed", { model: late, feedback: { label: z.boolean(), matures: "1 day" } });
    const bare = resolveProject(project("flights", { definitions: [...definitions, fed] }), "local");
    expect(() => requireExperiment(bare, "fed")).toThrow('endpoint "fed" declares no experiment');
    expect(() => requireExperiment(bare, "desc")).toThrow("there is no endpoint");
    expect(() => requireExperiment(bare, lateArrival.name)).toThrow("takes no labels");
  });
});

describe("steward experiment", () => {
  it.each<[string, readonly string[], string]>([
    ["no moment", ["desk", "--as-of", "yesterday"], '"--as-of" is no moment'],
    ["a page that is shown neither way", ["desk", "--open", "maybe"], '"--open" says neither whether nor not'],
    ["a rate without a plan", ["desk", "--rate", "0.2"], '"--rate" says nothing without a plan'],
    ["a plan by two numbers", ["desk", "--plan", "--rate", "0.2", "--deviation", "1"], "expected one of the two"],
    ["a plan by no number", ["desk", "--plan", "--rate", "often"], '"--rate" is no number above 0'],
    ["a plan by more than a share", ["desk", "--plan", "--rate", "2"], '"--rate" is no share'],
    ["a summary that there is not", ["desk", "--summary", "no.json"], '"--summary" cannot be read'],
    [
      "a summary of a moment",
      ["desk", "--summary", "no.json", "--since", "2026-01-01T00:00:00Z"],
      '"--since" says nothing of a summary',
    ],
    ["a page of a plan", ["desk", "--plan", "--rate", "0.2", "--html", "p.html"], '"--html" says nothing of a plan'],
  ])("does not take %s", async (_title, words, message) => {
    const { code, stderr } = await runSteward(["experiment", ...words]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it("plans an experiment, decides on a summary and draws its page, whatever is up", async () => {
    using workspace = new Workspace({
      "Pulumi.local.yaml": localStack,
      "project.ts": projectOfTrees,
      "train.py": "",
      "requirements.lock": "",
    });
    const plan = await workspace.run("experiment", "desk", "--plan", "--rate", "0.2", "--daily", "500");
    expect(plan).toMatchObject({ code: 0, stderr: "" });
    // (1.95996 + 0.84162)² ⋅ 0.16 ⋅ 4 / 0.05²
    expect(plan.stdout).toMatch(/treatment +2,010 \(5 days\)/);
    const summary = simulateSummary(simulation, createChance(21));
    writeFileSync(join(workspace.folder, "summary.json"), JSON.stringify(summary));
    const shown = await workspace.run("experiment", "desk", "--summary", "summary.json");
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toContain('Arm "treatment" is better than "control"');
    const page = await workspace.run(
      "experiment",
      "desk",
      "--summary",
      "summary.json",
      "--html",
      "p.html",
      "--open",
      "no",
    );
    expect(page.stdout).toBe(`page: ${join(workspace.folder, "p.html")}\n`);
    // What is printed as JSON is taken again.
    const json = await workspace.run("experiment", "desk", "--summary", "summary.json", "--json");
    writeFileSync(join(workspace.folder, "again.json"), json.stdout);
    expect((await workspace.run("experiment", "desk", "--summary", "again.json")).stdout).toBe(shown.stdout);

    writeFileSync(join(workspace.folder, "other.json"), JSON.stringify({ ...summary, experiment: "other" }));
    const other = await workspace.run("experiment", "desk", "--summary", "other.json");
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("of another experiment") });
  });
});

/** A project whose one endpoint tries two models. */
const projectOfTrees = `import { z } from "zod";
import { auc, csv, dataset, endpoint, experiment, features, model, project, python, trainingJob } from ${JSON.stringify(entry)};
const rows = dataset("rows", {
  owner: "o",
  schema: z.object({ at: z.date(), size: z.number(), late: z.boolean().meta({ known: "1 hour" }) }),
  eventTime: "at",
  source: csv("rows.csv"),
});
const sizes = features("sizes", rows, (row) => ({ size: row.size }));
const training = trainingJob("training", {
  features: [sizes],
  label: (row) => row.late,
  split: { test: "1 day" },
  trainer: python("train.py", { lock: "requirements.lock" }),
});
const judged = { owner: "o", risk: "low", training, metrics: [auc], gates: [] } as const;
const late = model("late", judged);
const bigger = model("late-bigger", judged);
const desk = endpoint("desk", {
  model: late,
  feedback: { label: z.boolean(), matures: "1 hour" },
  experiment: experiment("trees", {
    arms: { control: late, treatment: bigger },
    metric: "label",
    better: "higher",
    per: "row",
    minimum: 0.05,
    guardrails: [{ metric: "errors", by: 0.01 }],
  }),
});
export default project("trees", { definitions: [rows, sizes, training, late, bigger, desk], environments: { local: {} } });
`;
