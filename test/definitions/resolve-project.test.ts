import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import flightsExample from "../../examples/flights/project.ts";
import labourExample from "../../examples/unemployment/project.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { projectSpec } from "../../framework/definitions/spec.ts";
import { allAtOnce, auc, features, parquet, patch, project, trainingJob } from "../../framework/index.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import {
  definitions,
  findProblems,
  flights,
  late,
  lateArrival,
  reports,
  routes,
  training,
  weather,
} from "./flight-project.ts";

describe("a project that is right", () => {
  it.each([
    ["flights", flightsExample],
    ["labour", labourExample],
  ])("resolves the example %s in every environment, in the shape of specs", (name, example) => {
    for (const environment of Object.keys(example.environments)) {
      const spec = resolveProject(example, environment);
      expect(projectSpec.parse(spec)).toEqual(spec);
      expect([spec.name, spec.environment]).toEqual([name, environment]);
    }
  });

  it("gives the same bytes when it is evaluated twice", async () => {
    const again = `../../examples/flights/project.ts?again`;
    const { default: second } = await import(/* @vite-ignore */ again);
    expect(second).not.toBe(flightsExample);
    expect(toCanonicalJson(resolveProject(second, "local"))).toBe(
      toCanonicalJson(resolveProject(flightsExample, "local")),
    );
  });

  it("orders definitions after those they refer to, whatever the order of the list", () => {
    const spec = resolveProject(project("flights", { definitions }), "local");
    const reversed = resolveProject(project("flights", { definitions: definitions.toReversed() }), "local");
    expect(spec.definitions.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "dataset flights",
      "dataset reports",
      "features routes",
      "features weather",
      "training-job late-training",
      "model late-arrival",
      "endpoint late-arrival",
    ]);
    expect(toCanonicalJson(reversed)).toBe(toCanonicalJson(spec));
  });

  it("fills in every default", () => {
    const { definitions: specs } = resolveProject(project("flights", { definitions }), "local");
    expect(specs.find(({ kind }) => kind === "dataset")).toMatchObject({
      key: [],
      contract: { violations: "reject", tolerance: 0 },
    });
    expect(specs.find(({ kind }) => kind === "training-job")).toMatchObject({
      features: [
        { set: "routes", by: {} },
        { set: "weather", by: { airport: { op: "column", name: "origin" } } },
      ],
      task: "binary",
      split: { test: "14 days", validation: "0 seconds", gap: "6 hours" },
      params: { leaves: 31 },
      seed: 0,
      resources: { cpu: 1, memory: "2 GiB" },
    });
    expect(specs.find(({ kind }) => kind === "model")).toMatchObject({ approval: { from: ["ops-lead"], count: 1 } });
    expect(specs.find(({ kind }) => kind === "endpoint")).toMatchObject({
      rollout: { kind: "allAtOnce" },
      log: { requests: "all", durability: "disk" },
    });
  });
});

describe("environments", () => {
  const environments = {
    local: {
      approval: "waived",
      override: [
        patch(flights, { source: parquet("sample.parquet") }),
        patch(training, { resources: { cpu: 4 } }),
        patch(lateArrival, { rollout: allAtOnce(), log: { requests: "none" } }),
      ],
    },
    staging: { approval: "waived", override: [patch(late, { approval: { from: ["qa"], count: 2 } })] },
    production: {},
  } as const;
  const inEnvironment = (environment: string) =>
    resolveProject(project("flights", { definitions, environments }), environment).definitions;

  it("change the fields they may, and nothing else", () => {
    const changed = inEnvironment("local");
    expect(changed.find(({ name }) => name === "flights")).toMatchObject({ source: { path: "sample.parquet" } });
    expect(changed.find(({ kind }) => kind === "training-job")).toMatchObject({
      resources: { cpu: 4, memory: "2 GiB" },
    });
    expect(changed.find(({ kind }) => kind === "model")).toMatchObject({ approval: "waived" });
    expect(changed.find(({ kind }) => kind === "endpoint")).toMatchObject({
      log: { requests: "none", durability: "disk" },
    });
    expect(changed.find(({ kind }) => kind === "features")).toEqual(
      inEnvironment("production").find(({ kind }) => kind === "features"),
    );
  });

  it("let a patch go before the approval of the environment, and leave the rest as declared", () => {
    expect(inEnvironment("staging").find(({ kind }) => kind === "model")).toMatchObject({
      approval: { from: ["qa"], count: 2 },
    });
    expect(inEnvironment("production").find(({ kind }) => kind === "model")).toMatchObject({
      approval: { from: ["ops-lead"], count: 1 },
    });
  });

  it("are refused when they are not declared", () => {
    expect(findProblems(project("flights", { definitions, environments }), "prod")).toEqual([
      ["environment-unknown", "flights.environments"],
    ]);
    expect(findProblems(project("flights", { definitions }), "toString")).toEqual([
      ["environment-unknown", "flights.environments"],
    ]);
  });

  it("are refused a patch of what is not listed, and of what may not differ", () => {
    const stray = patch({ ...late, name: "stray" }, {});
    const forbidden = { ...patch(flights, {}), changes: { schema: z.object({}), owner: "x" } };
    const ofFeatures = { ...patch(flights, {}), definition: routes, changes: { columns: [] } };
    const wrong = project("flights", {
      definitions,
      environments: { local: { override: [stray, forbidden, ofFeatures] } },
    });
    const at = "flights.environments.local.override";
    expect(findProblems(wrong)).toEqual(
      expect.arrayContaining([
        ["patch-invalid", `${at}[0]`],
        ["patch-invalid", `${at}[1].schema`],
        ["patch-invalid", `${at}[1].owner`],
        ["patch-invalid", `${at}[2].columns`],
      ]),
    );
  });
});

describe("a project's list", () => {
  it("is not empty", () => {
    expect(findProblems(project("flights", { definitions: [] }))).toEqual([
      ["definition-invalid", "flights.definitions"],
    ]);
  });

  it("has every definition that another refers to", () => {
    expect(findProblems(project("flights", { definitions: [training, lateArrival] }))).toEqual([
      ["definition-unlisted", "late-training.features[0]"],
      ["definition-unlisted", "late-training.features[1]"],
      ["definition-unlisted", "late-arrival.model"],
    ]);
    expect(findProblems(project("flights", { definitions: [routes, late] }))).toEqual([
      ["definition-unlisted", "routes.from"],
      ["definition-unlisted", "late-arrival.training"],
    ]);
  });

  it("has one definition of a kind and name", () => {
    expect(
      findProblems(project("flights", { definitions: [...definitions, flights, { ...reports, key: [] }] })),
    ).toEqual([
      ["definition-duplicate", "flights.definitions[7]"],
      ["definition-duplicate", "flights.definitions[8]"],
    ]);
  });

  it("has names that engines, stores and addresses can carry", () => {
    const wrong = project("My Flights", {
      definitions: [{ ...flights, name: "Flights!", owner: "" }],
      environments: { local: {}, "In Use": {} },
    });
    expect(findProblems(wrong)).toEqual([
      ["name-invalid", "My Flights"],
      ["name-invalid", "My Flights.environments.In Use"],
      ["name-invalid", "Flights!.name"],
      ["definition-invalid", "Flights!.owner"],
    ]);
  });
});

describe("all problems", () => {
  it("are told at once, each with its place, and the line of its definition or else of the project", () => {
    const set = features("routes", flights, (row) => ({ half: row.delay.add(1) }));
    const job = trainingJob("late-training", {
      ...training,
      features: [routes],
      label: (row) => row.delay.gt(15),
      split: { test: "0 days" },
    });
    const gated = { ...late, training: job, gates: [auc.atLeast(0.5), auc.atLeast(1.4)] };
    const wrong = project("flights", { definitions: [flights, set, job, gated, weather, reports] });
    const resolve = () => resolveProject(wrong, "local");
    const file = "test/definitions/resolve-project.test.ts";
    const lines = readFileSync(file, "utf8").split("\n");
    const lineOf = (start: string) => lines.findIndex((line) => line.trimStart().startsWith(start)) + 1;
    const ofJob = `${file}:${lineOf("const job = trainingJob(")}`;
    expect(resolve).toThrow(StewardError);
    expect(resolve).toThrow(
      [
        '✖ "features" refers to features "routes", which the project does not list — add it to "definitions" of project("flights", …)',
        `  → at late-training.features[0] (${ofJob}) [definition-unlisted]`,
        '✖ "delay" is read at the event, but is known only 6 hours after it — aggregate it over a window with lag: "6 hours" or more',
        `  → at routes.half (${file}:${lineOf('const set = features("routes"')}) [feature-reads-ahead]`,
        '✖ "test" holds no rows (got 0 days, expected more than 0) — lengthen the part that is too short, or leave the gap out to take the shortest that is honest',
        `  → at late-training.split.test (${ofJob}) [split-invalid]`,
        '✖ "atLeast" of metric "auc" is out of range (got 1.4, expected a number from 0 to 1) — ask for a value that the metric can have',
        `  → at late-arrival.gates[1] (${file}:${lineOf('const wrong = project("flights", { definitions: [flights, set,')}) [gate-out-of-range]`,
      ].join("\n"),
    );
  });
});
