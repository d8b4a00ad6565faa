/**
 * @module
 */
import { describe, expect, it } from "vitest";
import type { DefinitionSpec, ModelSpec, ProjectSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { Facts } from "../../framework/plan/facts.ts";
import { type Plan, plan } from "../../framework/plan/plan.ts";
import { type habits, shop, spender } from "../support/project.ts";
import { changes, deployedFacts, edit, lines, nothing } from "./given-plan.ts";

describe("plan", () => {
  it("of a new project ingests, leaves what follows open until then, and creates everything", () => {
    const planned = plan(shop, nothing);
    expect(lines(planned)).toEqual([
      "will ingest visits",
      "unknown until ingest of visits: materialise spending",
      "unknown until ingest of visits: train spending",
      "unknown until ingest of visits: evaluate spender",
      "unknown until ingest of visits: release spender",
      "unknown until ingest of visits: serve desk",
    ]);
    expect(new Set(Object.values(changes(planned)))).toEqual(new Set(["create"]));
  });

  it("of an unchanged project is empty", () => {
    const planned = plan(shop, deployedFacts());
    expect(lines(planned)).toEqual([]);
    expect(planned.changes).toBe(false);
  });

  const rows: [string, ProjectSpec, Facts, string[]][] = [
    [
      "a changed parameter trains again on the same training set",
      edit<TrainingJobSpec>("training-job", (job) => ({ ...job, params: { leaves: 63 } })),
      deployedFacts(),
      [
        "will train spending",
        "will evaluate spender",
        "if the gates pass: release spender",
        "if spender is released: serve desk",
      ],
    ],
    [
      "a changed label builds the training set again",
      edit<TrainingJobSpec>("training-job", (job) => ({
        ...job,
        label: { op: "gt", left: { op: "column", name: "spent" }, right: { op: "literal", value: 20 } },
      })),
      deployedFacts(),
      [
        "will materialise spending",
        "will train spending",
        "will evaluate spender",
        "if the gates pass: release spender",
        "if spender is released: serve desk",
      ],
    ],
    [
      "changed features build production's rows too, to compare on the same",
      edit<TrainingJobSpec>("training-job", (job) => ({ ...job, split: { ...job.split, test: "8 days" } })),
      deployedFacts(),
      [
        "will materialise spending",
        "will train spending",
        "will evaluate spender",
        "if the gates pass: release spender",
        "if spender is released: serve desk",
      ],
    ],
    [
      "a changed gate evaluates only",
      edit<ModelSpec>("model", (model) => ({ ...model, gates: [{ kind: "atLeast", metric: "auc", value: 0.7 }] })),
      deployedFacts(),
      ["will evaluate spender", "if the gates pass: release spender", "if spender is released: serve desk"],
    ],
    [
      "an approval that is asked for from now on holds the release",
      edit<ModelSpec>("model", (model) => ({
        ...model,
        metrics: ["auc", "brier"],
        approval: { from: ["ann", "bob"], count: 2 },
      })),
      deployedFacts(),
      [
        "will evaluate spender",
        "if the gates pass: approve spender",
        "if the gates pass and 2 of ann, bob approve: release spender",
        "if spender is released: serve desk",
      ],
    ],
    [
      "another owner does nothing",
      edit<ModelSpec>("model", (model) => ({ ...model, owner: "others" })),
      deployedFacts(),
      [],
    ],
    [
      "more memory does nothing",
      edit<TrainingJobSpec>("training-job", (job) => ({ ...job, resources: { cpu: 2, memory: "2 GiB" } })),
      deployedFacts(),
      [],
    ],
    [
      "a changed source leaves the training open until its ingest",
      shop,
      { ...deployedFacts(), sources: { visits: { location: "/data/visits.csv", fingerprint: "9".repeat(64) } } },
      [
        "will ingest visits",
        "unknown until ingest of visits: materialise spending",
        "unknown until ingest of visits: train spending",
        "unknown until ingest of visits: evaluate spender",
        "unknown until ingest of visits: release spender",
        "unknown until ingest of visits: serve desk",
      ],
    ],
    [
      "a changed trainer trains again",
      shop,
      { ...deployedFacts(), trainers: { spending: { sha256: "7".repeat(64), size: 1 } } },
      [
        "will train spending",
        "will evaluate spender",
        "if the gates pass: release spender",
        "if spender is released: serve desk",
      ],
    ],
    [
      "a candidate that waits for approval waits on",
      edit<ModelSpec>("model", (model) => model),
      deployedFacts({ status: { state: "awaiting-approval" }, live: { package: "8".repeat(64), version: 1 } }),
      ["if the gates pass: release spender", "if spender is released: serve desk"],
    ],
    [
      "a rollback stays until something changes",
      shop,
      deployedFacts({ live: { package: "8".repeat(64), version: 1 } }),
      [],
    ],
    [
      "a definition that is gone retires",
      { ...shop, definitions: shop.definitions.filter(({ kind }) => kind !== "endpoint") },
      deployedFacts(),
      ["will retire desk"],
    ],
  ];
  it.each(rows)("%s", (_title, project, facts, expected) => {
    expect(lines(plan(project, facts))).toEqual(expected);
  });

  it("builds the rows for production under its own features when those of the candidate differ", () => {
    const next = edit(
      "features",
      (spec) =>
        ({
          ...spec,
          columns: [
            { name: "weekday", type: "number", expression: { op: "dayOfWeek", of: { op: "column", name: "at" } } },
          ],
        }) as typeof habits,
    );
    const sameRows = plan(next, deployedFacts());
    expect(lines(sameRows).filter((line) => line.includes("materialise"))).toEqual(["will materialise spending"]);
    const facts = deployedFacts();
    const without = new Map([...facts.artefacts].filter(([key]) => !key.startsWith("training-set/")));
    expect(lines(plan(next, { ...facts, artefacts: without })).filter((line) => line.includes("materialise"))).toEqual([
      "will materialise spending",
      "will materialise spending",
    ]);
  });

  it("says of what runs again what was lost", () => {
    const next = edit<ModelSpec>("model", (spec) => ({ ...spec, metrics: ["auc", "log-loss"] }));
    const facts = deployedFacts();
    const [key = "", made = ""] = [...facts.artefacts].find(([each]) => each.startsWith("package/")) ?? [];
    const artefacts = new Map([...facts.artefacts].filter(([each]) => each !== key));
    const reasons = (lost: Facts["lost"]) =>
      plan(next, { ...facts, artefacts, ...(lost && { lost }) }).definitions.flatMap(({ consequences }) =>
        consequences.filter(({ step }) => step === "train").map(({ why }) => why),
      );
    expect(made).not.toBe("");
    expect(reasons(undefined)).toEqual(["features, label, rows, trainer or parameters changed"]);
    expect(reasons(new Map([[key, "the model file of its package is gone from the store"]]))).toEqual([
      "the model file of its package is gone from the store",
    ]);
  });

  it("builds a training set once for all models made from it, and promises the run to the first", () => {
    const twin: ModelSpec = { ...spender, name: "twin" };
    const next = edit<TrainingJobSpec>("training-job", (job) => ({
      ...job,
      label: { op: "gt", left: { op: "column", name: "spent" }, right: { op: "literal", value: 20 } },
    }));
    const planned = plan(
      {
        ...next,
        definitions: next.definitions.flatMap((spec): DefinitionSpec[] =>
          spec.kind === "model" ? [spec, twin] : [spec],
        ),
      },
      deployedFacts(),
    );
    expect(lines(planned).filter((line) => /materialise|train/.test(line))).toEqual([
      "will materialise spending",
      "will train spending",
      "if the run for spender leaves it without a package: train spending",
    ]);
  });

  it("says what differs, by path, and what a step took last", () => {
    const planned = plan(
      edit<TrainingJobSpec>("training-job", (job) => ({ ...job, params: { leaves: 63 } })),
      deployedFacts(),
    );
    expect(planned.definitions.find(({ kind }) => kind === "training-job")?.differences).toEqual([
      { path: "params.leaves", before: 31, after: 63 },
    ]);
    const train = planned.definitions.flatMap(({ consequences }) => consequences).find(({ step }) => step === "train");
    expect(train?.seconds).toBe(12);
  });

  it("tries again what failed, and marks it so", () => {
    const planned = plan(shop, deployedFacts({ status: { state: "failed" }, live: { package: "8".repeat(64) } }));
    expect(changes(planned)).toMatchObject({ "model/spender": "retry" });
    expect(lines(planned)).toContain("if the gates pass: release spender");
  });

  it("blames an earlier failure only for what is asked again unchanged", () => {
    const failed = deployedFacts({ status: { state: "failed" }, live: { package: "8".repeat(64) } });
    const whys = (planned: Plan) =>
      planned.definitions
        .flatMap(({ consequences }) => consequences)
        .flatMap(({ step, why }) => (step === "release" ? [why] : []));
    expect(whys(plan(shop, failed))).toEqual(["the last attempt failed"]);
    const edited = edit<TrainingJobSpec>("training-job", (job) => ({ ...job, params: { leaves: 63 } }));
    expect(whys(plan(edited, failed))).toEqual(["features, label, rows, trainer or parameters changed"]);
  });

  it("is the same for the same facts, and its digest changes with them", () => {
    expect(plan(shop, deployedFacts())).toEqual(plan(shop, deployedFacts()));
    expect(plan(shop, deployedFacts()).facts).not.toBe(plan(shop, nothing).facts);
  });
});
