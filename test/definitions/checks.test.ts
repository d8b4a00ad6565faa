import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createExpression, type UniversalExpression } from "../../framework/definitions/create-expression.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import {
  auc,
  bySlice,
  dataset,
  features,
  logLoss,
  type Project,
  parquet,
  project,
  rmse,
  trainingJob,
} from "../../framework/index.ts";
import { definitions, findProblems, flights, relist, reports, routes, training } from "./flight-project.ts";

/** The flights' project with other features, which its training job takes. */
function withRoutes(columns: Record<string, UniversalExpression>): Project {
  const set = { ...routes, columns: Object.entries(columns).map(([name, { tree }]) => ({ name, expression: tree })) };
  return relist({ routes: set });
}

const column = (name: string) => createExpression({ op: "column", name });
const hour = column("date").hour();

describe("expressions", () => {
  it.each<[string, UniversalExpression, string]>([
    ["a column that does not exist", column("dealy").abs(), "column-unknown"],
    ["a mean of words", column("origin").mean({ by: [], over: "1 day" }), "expression-invalid"],
    ["a sum of a number and a truth", column("distance").add(column("distance").gt(1)), "expression-invalid"],
    ["words compared with a number", column("origin").eq(3), "expression-invalid"],
    ["the hour of a number", column("distance").hour(), "expression-invalid"],
    ["the category of a number", column("distance").category(), "expression-invalid"],
    ["a negated number", column("distance").not(), "expression-invalid"],
    ["bounds the wrong way round", column("distance").clip(2, 1), "expression-invalid"],
    [
      "a window over a window",
      hour.add(column("distance").mean({ by: [], over: "1 day" }).mean({ by: [], over: "1 day" })),
      "expression-invalid",
    ],
    [
      "a window by a constant",
      column("distance").mean({ by: ["origin" as never], over: "1 day" }),
      "expression-invalid",
    ],
    ["an empty window", column("distance").mean({ by: [], over: "0 days" }), "expression-invalid"],
    [
      "a window by a category",
      column("distance").mean({ by: column("origin").category(), over: "1 day" }),
      "expression-invalid",
    ],
    ["a bare string", column("origin"), "feature-kind"],
    ["a bare time", column("date"), "feature-kind"],
    ["the last string of a window", column("origin").last({ by: [], over: "1 day" }), "feature-kind"],
  ])("are refused: %s", (_, wrong, code) => {
    expect(findProblems(withRoutes({ wrong, hour }))).toEqual([[code, "routes.wrong"]]);
  });

  it.each<[string, UniversalExpression, string]>([
    ["a number", column("distance").log1p().clip(0, 5), "number"],
    ["a truth", column("distance").lt(10).or(column("origin").eq("SEA")), "boolean"],
    [
      "a category",
      column("origin")
        .last({ by: column("origin"), over: "1 day" })
        .category(),
      "category",
    ],
    [
      "a count of words",
      column("origin").count({ by: [column("origin"), column("distance").gt(9)], over: "1 day" }),
      "number",
    ],
    ["a weekday", column("date").dayOfWeek(), "number"],
  ])("have the type of their value: %s", (_, expression, type) => {
    expect(findProblems(withRoutes({ expression }))).toEqual([]);
    const routesSpec = resolveProject(withRoutes({ expression }), "local").definitions.find(
      ({ name }) => name === "routes",
    );
    expect(routesSpec).toMatchObject({ columns: [{ name: "expression", type }] });
  });

  it("have a window up to the event when they state no lag, and one entity or several", () => {
    expect(column("distance").sum({ by: column("origin"), over: "1 day" }).tree).toEqual({
      op: "window",
      aggregate: "sum",
      of: { op: "column", name: "distance" },
      by: [{ op: "column", name: "origin" }],
      over: "1 day",
      lag: "0 seconds",
    });
  });

  it("say a constant that JSON cannot carry, or a window without a unit, by its place", () => {
    const wrong = { nan: hour.add(Number.NaN), window: column("distance").mean({ by: [], over: "7" }) };
    expect(findProblems(withRoutes(wrong)).map(([code, at]) => [code, at.split(".").slice(0, 2).join(".")])).toEqual([
      ["definition-invalid", "routes.nan"],
      ["definition-invalid", "routes.window"],
    ]);
  });
});

describe("what is known when", () => {
  it.each<[string, UniversalExpression]>([
    ["at the event", column("delay").add(1)],
    ["in a window up to it", column("delay").mean({ by: [], over: "1 day" })],
    ["in a window with too short a lag", column("delay").mean({ by: [], over: "1 day", lag: "5 hours" })],
    ["as the entity of a window", column("distance").mean({ by: column("delay"), over: "1 day", lag: "1 day" })],
  ])("refuses a feature that reads ahead: %s", (_, wrong) => {
    expect(findProblems(withRoutes({ wrong, hour }))).toEqual([["feature-reads-ahead", "routes.wrong"]]);
  });

  it("takes a lag as long as it takes to know", () => {
    expect(
      findProblems(withRoutes({ right: column("delay").mean({ by: [], over: "1 day", lag: "6 hours" }) })),
    ).toEqual([]);
    expect(
      findProblems(withRoutes({ right: column("delay").mean({ by: [], over: "1 day", lag: "360 minutes" }) })),
    ).toEqual([]);
  });

  it.each<[string, UniversalExpression]>([
    ["at the event", column("delay").gt(60)],
    ["in a window up to it", column("delay").count({ by: [], over: "1 day" })],
  ])("refuses a leak of the label even when it is known at once: %s", (_, wrong) => {
    const at = flightsWith(z.int().meta({ known: "0 seconds" }));
    expect(
      findProblems(relist({ flights: at, routes: { columns: [{ name: "wrong", expression: wrong.tree }] } })),
    ).toEqual([["feature-leaks-label", "late-training.features[0]"]]);
  });

  it("refuses a leak through a set joined from the examples' own dataset", () => {
    const known = flightsWith(z.int().meta({ known: "0 seconds" }));
    const again = { ...features("again", known, (row) => ({ delayAgain: row.delay })) };
    const joined = [{ ...training.joined[0], set: again, by: {} }];
    const wrong = relist({ flights: known, training: { joined } });
    expect(findProblems(project("flights", { definitions: [...wrong.definitions, again] }))).toEqual([
      ["feature-leaks-label", "late-training.features[1]"],
    ]);
  });

  it("asks a label's column to say when it is known", () => {
    expect(findProblems(relist({ flights: flightsWith(z.int()) }))).toEqual([["label-invalid", "late-training.label"]]);
  });

  it.each([
    [
      "not shorter than the label takes",
      { test: "14 days", gap: "5 hours" },
      ["split-invalid", "late-training.split.gap"],
    ],
    ["with test rows", { test: "0 days" }, ["split-invalid", "late-training.split.test"]],
    [
      "with validation rows where it names them",
      { test: "1 day", validation: "0 days" },
      ["split-invalid", "late-training.split.validation"],
    ],
  ])("wants a split %s", (_, split, problem) => {
    expect(findProblems(relist({ training: { split } }))).toEqual([problem]);
  });
});

describe("training jobs", () => {
  it.each<[string, object, [string, string][]]>([
    [
      "a label that is text",
      { label: column("origin").tree },
      [
        ["label-invalid", "late-training.label"],
        ["label-invalid", "late-training.label"],
      ],
    ],
    ["a label over no column", { label: column("x").gt(1).tree }, [["column-unknown", "late-training.label"]]],
    [
      "a parameter without a default",
      { params: z.object({ leaves: z.int(), rate: z.number().default(1) }) },
      [["params-invalid", "late-training.params.leaves"]],
    ],
    [
      "a parameter that is a list",
      { params: z.object({ layers: z.array(z.int()).default([1]) }) },
      [["params-invalid", "late-training.params.layers"]],
    ],
    [
      "a rule over all parameters that their defaults break",
      { params: z.object({ a: z.int().default(1) }).refine(() => false) },
      [["params-invalid", "late-training.params"]],
    ],
    ["no memory", { resources: { memory: "0 GiB" } }, [["definition-invalid", "late-training.resources.memory"]]],
    ["no processor", { resources: { cpu: 0 } }, [["definition-invalid", "late-training.resources.cpu"]]],
  ])("are refused: %s", (_, changes, problems) => {
    expect(findProblems(relist({ training: changes })).filter(([code]) => code !== "feature-leaks-label")).toEqual(
      problems,
    );
  });

  it("take a parameter as its schema gives it, changed once", () => {
    const params = z.object({
      a: z
        .string()
        .default("x")
        .transform((text) => `${text}1`),
    });
    const { definitions: specs } = resolveProject(relist({ training: { params } }), "local");
    expect(specs.find(({ kind }) => kind === "training-job")).toMatchObject({ params: { a: "x1" } });
  });

  it("are refused a feature's name twice, for engines fold case", () => {
    const columns = [...routes.columns, { name: "Wind", expression: column("distance").tree }];
    expect(findProblems(relist({ routes: { columns } }))).toEqual([["feature-duplicate", "late-training.features[1]"]]);
  });

  it("are refused a set twice, whose features would have their names twice", () => {
    const joined = [...training.joined, ...training.joined];
    const problems = findProblems(relist({ training: { joined } }));
    expect(new Set(problems.map(String))).toEqual(new Set(["feature-duplicate,late-training.features[2]"]));
  });

  it.each<[string, Record<string, UniversalExpression>, string]>([
    ["no key", {}, "by"],
    ["another key", { place: column("origin") }, "by"],
    ["a value of another kind", { airport: column("distance") }, "by.airport"],
  ])("are refused a join on %s", (_, by, place) => {
    const trees = Object.fromEntries(Object.entries(by).map(([name, { tree }]) => [name, tree]));
    const wrong = relist({ training: { joined: [{ ...training.joined[0], by: trees }] } });
    expect(findProblems(wrong)).toEqual([["join-key", `late-training.features[1].${place}`]]);
  });

  it("are refused a join on what the label is made of, even when it is known at once", () => {
    const known = flightsWith(z.int().meta({ known: "0 seconds" }));
    const by = { airport: column("delay").gt(15).tree };
    const wrong = relist({ flights: known, training: { joined: [{ ...training.joined[0], by }] } });
    expect(findProblems(wrong)).toContainEqual(["feature-leaks-label", "late-training.features[1].by.airport"]);
  });

  it("are refused a join on what is not known yet", () => {
    const wrong = relist({ training: { joined: [{ ...training.joined[0], by: { airport: column("delay").tree } }] } });
    expect(findProblems(wrong)).toEqual([
      ["feature-reads-ahead", "late-training.features[1].by.airport"],
      ["join-key", "late-training.features[1].by.airport"],
    ]);
  });

  it("join a set without a key by time alone", () => {
    const days = dataset("days", {
      owner: "o",
      schema: z.object({ day: z.date(), holiday: z.boolean() }),
      source: parquet("d"),
      eventTime: "day",
    });
    const calendar = features("calendar", days, (row) => ({ holiday: row.holiday }));
    const job = trainingJob("plain", {
      features: [routes, calendar.by(() => ({}))],
      label: (row) => row.delay,
      split: training.split,
      trainer: training.trainer,
    });
    expect(findProblems(project("flights", { definitions: [...definitions, days, calendar, job] }))).toEqual([]);
  });
});

describe("models", () => {
  it.each<[string, object, [string, string][]]>([
    ["a metric of another task", { metrics: [auc, rmse] }, [["metric-unfit", "late-arrival.metrics[1]"]]],
    ["a metric twice", { metrics: [auc, auc] }, [["metric-unfit", "late-arrival.metrics[1]"]]],
    ["no metric", { metrics: [], gates: [] }, [["definition-invalid", "late-arrival.metrics"]]],
    [
      "a gate on a metric that is not computed",
      { gates: [auc.atLeast(0.5), logLoss.atMost(1)] },
      [["gate-metric-missing", "late-arrival.gates[1]"]],
    ],
    ["a gate out of range", { gates: [auc.atLeast(1.4)] }, [["gate-out-of-range", "late-arrival.gates[0]"]]],
    [
      "a gate on no number",
      { gates: [auc.atMost(Number.NaN)] },
      [["definition-invalid", "late-arrival.gates[0].value"]],
    ],
    [
      "a margin that every value is within",
      { gates: [auc.noWorseThan("production", { by: 5 })] },
      [["gate-out-of-range", "late-arrival.gates[0]"]],
    ],
    [
      "a margin below 0",
      { gates: [auc.noWorseThan("production", { by: -1 })] },
      [["definition-invalid", "late-arrival.gates[0].by"]],
    ],
    [
      "a slice by a number",
      { gates: [auc.atLeast(0.5).on(bySlice("distance", { min: 5 }))] },
      [["slice-unknown", "late-arrival.gates[0]"]],
    ],
    [
      "a slice by no column of the examples",
      { gates: [auc.atLeast(0.5).on(bySlice("airport", { min: 5 }))] },
      [["slice-unknown", "late-arrival.gates[0]"]],
    ],
    [
      "a slice of less than a row",
      { gates: [auc.atLeast(0.5).on(bySlice("origin", { min: 0 }))] },
      [["definition-invalid", "late-arrival.gates[0].slice.min"]],
    ],
    ["a baseline that is no feature", { baseline: "delay" }, [["baseline-unfit", "late-arrival.baseline"]]],
    ["a baseline that has no numbers", { baseline: "origin" }, [["baseline-unfit", "late-arrival.baseline"]]],
    ["an approval by nobody", { approval: { from: [] } }, [["definition-invalid", "late-arrival.approval.from"]]],
  ])("are refused: %s", (_, changes, problems) => {
    expect(findProblems(relist({ late: changes }))).toEqual(problems);
  });

  it("take a baseline of any set of their training job", () => {
    expect(findProblems(relist({ late: { baseline: "originDelay" } }))).toEqual([]);
    expect(findProblems(relist({ late: { baseline: "wind" } }))).toEqual([]);
  });
});

describe("datasets", () => {
  it.each<[string, object, [string, string][]]>([
    ["an event time that is no column", { eventTime: "day" }, [["column-unknown", "reports.eventTime"]]],
    ["an event time that is no date", { eventTime: "wind" }, [["column-unknown", "reports.eventTime"]]],
    [
      "an event time that a row may lack",
      { eventTime: "seen", schema: reports.schema.extend({ seen: z.date().optional() }) },
      [["column-unknown", "reports.eventTime"]],
    ],
    ["a key that is no column", { key: ["airport", "town"] }, [["column-unknown", "reports.key[1]"]]],
    [
      "a tolerance above 1",
      { contract: { violations: "accept", tolerance: 2 } },
      [["definition-invalid", "reports.contract.tolerance"]],
    ],
    ["no columns", { schema: z.object({}), key: [] }, [["definition-invalid", "reports.schema"]]],
    [
      "a tolerance where every breach is refused",
      { contract: { violations: "reject", tolerance: 0.5 } },
      [["definition-invalid", "reports.contract.tolerance"]],
    ],
  ])("are refused: %s", (_, changes, problems) => {
    expect(findProblems(project("flights", { definitions: [{ ...reports, ...changes }] }))).toEqual(problems);
  });

  it("report a column outside the subset once, not everywhere it is read", () => {
    const wrong = relist({ flights: flightsWith(z.int().multipleOf(5).meta({ known: "6 hours" })) });
    expect(findProblems(wrong)).toEqual([["column-unsupported", "flights.schema.delay"]]);
  });
});

function flightsWith(delay: z.ZodInt): typeof flights {
  return { ...flights, schema: flights.schema.extend({ delay }) };
}
