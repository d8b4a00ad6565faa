import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { PiiMode } from "../../framework/definitions/pii-mode.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { EndpointSpec } from "../../framework/definitions/spec.ts";
import { endpoint, type InferenceLog, mae, model, project, trainingJob } from "../../framework/index.ts";
import { ingestIdentity } from "../../framework/plan/identity.ts";
import { findProblems, flights, late, relist, reports, routes, training, weather } from "./flight-project.ts";

/** The flights' project with columns marked, a log, and labels where they are given. */
function mark(
  marks: Readonly<Record<string, unknown>>,
  log: InferenceLog = {},
  environment = {},
  label?: z.ZodType<boolean>,
) {
  const marked = Object.fromEntries(
    Object.entries(marks).map(([name, pii]) => [
      name,
      flights.schema.shape[name as "origin"].meta({
        ...flights.schema.shape[name as "origin"].meta(),
        pii: pii as "hash",
      }),
    ]),
  );
  const data = { ...flights, schema: flights.schema.extend(marked) as typeof flights.schema };
  const set = { ...routes, from: data };
  const job = { ...training, spine: set };
  const judged = { ...late, training: job };
  const feedback = label && { label, matures: "1 day" as const };
  const lateArrival = endpoint("late-arrival", { model: judged, log, ...(feedback && { feedback }) });
  return project("flights", {
    definitions: [data, reports, set, weather, job, judged, lateArrival],
    environments: { local: environment },
  });
}

function specifyEndpoint(...given: Parameters<typeof mark>): EndpointSpec {
  const spec = resolveProject(mark(...given), "local").definitions.find(({ kind }) => kind === "endpoint");
  if (spec?.kind !== "endpoint") throw new Error("there is an endpoint");
  return spec;
}

describe("personal data in a log", () => {
  it("is nowhere where no column is marked", () => {
    expect(specifyEndpoint({}).pii).toBeUndefined();
    expect(specifyEndpoint({}).log).toEqual({ requests: "all", durability: "disk" });
  });

  it("is what is marked, and every feature that is computed from it", () => {
    expect(specifyEndpoint({ origin: "hash", delay: "redact" }).pii).toEqual({
      request: { date: "plain", origin: "hash", distance: "plain", delay: "redact" },
      inputs: { hour: "plain", origin: "hash", originDelay: "redact", wind: "plain" },
      // No experiment says what the unit of a request is.
      unit: "hash",
    });
  });

  it("is encrypted for the subject of a record", () => {
    const { pii, log } = specifyEndpoint({ origin: "encrypt" }, { subject: "distance", ship: "10 seconds" });
    expect(pii?.request).toMatchObject({ origin: "encrypt" });
    expect(log).toEqual({ requests: "all", durability: "disk", ship: "10 seconds", subject: "distance" });
  });

  it.each<[string, Record<string, unknown>, PiiMode | undefined, PiiMode | undefined]>([
    ["nowhere marked", {}, undefined, undefined],
    ["of another column than those that are marked", { origin: "hash" }, undefined, undefined],
    ["of a column that is encrypted", { delay: "encrypt" }, undefined, "encrypt"],
    ["of a column that is hashed", { delay: "hash" }, undefined, "hash"],
    ["marked itself", {}, "encrypt", "encrypt"],
    ["marked otherwise than its column", { delay: "redact" }, "hash", "hash"],
  ])("is protected in a label %s", (_title, marks, own, expected) => {
    const label = own ? z.boolean().meta({ pii: own }) : z.boolean();
    const { pii } = specifyEndpoint(marks, { subject: "origin" }, {}, label);
    expect(pii?.label).toBe(expected);
    // Where nothing but the label is marked, all else is recorded as it is.
    if (expected !== undefined) expect(pii?.request["origin"]).toBe("plain");
  });

  it("is refused in a label that nobody could tell again", () => {
    const at = "late-arrival.feedback.label";
    const given = (marks: Record<string, unknown>, label: z.ZodType<boolean> = z.boolean()) =>
      findProblems(mark(marks, { subject: "origin" }, {}, label));
    expect(given({ delay: "redact" })).toEqual([["pii-label-unfit", at]]);
    expect(given({}, z.boolean().meta({ pii: "redact" }))).toEqual([["pii-label-unfit", at]]);
    const delay = trainingJob("delay-training", {
      features: [routes],
      label: (row) => row.delay,
      split: { test: "14 days" },
      trainer: training.trainer,
      params: z.object({}),
    });
    const delays = model("delay", { owner: "ops-ml", risk: "limited", training: delay, metrics: [mae], gates: [] });
    const refused = (pii: PiiMode) => {
      const feedback = { label: z.int().meta({ pii }), matures: "1 day" } as const;
      const desk = endpoint("late-arrival", { model: delays, feedback });
      return findProblems(project("flights", { definitions: [flights, routes, delay, delays, desk] }));
    };
    expect(refused("hash")).toEqual([["pii-label-unfit", at]]);
    expect(refused("encrypt")).toEqual([]);
  });

  it("reads nothing of the data anew", () => {
    const identify = (marks: Record<string, unknown>) => {
      const spec = resolveProject(mark(marks), "local").definitions.find(({ name }) => name === "flights");
      return spec?.kind === "dataset" ? ingestIdentity(spec, "f") : undefined;
    };
    expect(identify({ origin: "hash" })).toBe(identify({}));
  });

  it.each<[string, Parameters<typeof mark>, [string, string][]]>([
    ["an unknown way", [{ origin: "hide" }], [["column-unsupported", "flights.schema.origin"]]],
    ["encryption for nobody", [{ origin: "encrypt" }], [["pii-subject-missing", "late-arrival.log.subject"]]],
    ["a subject that is no column", [{}, { subject: "orign" }], [["column-unknown", "late-arrival.log.subject"]]],
    ["shipping all the time", [{}, { ship: "0 seconds" }], [["definition-invalid", "late-arrival.log.ship"]]],
    ["shipping now and then", [{}, { ship: "often" as never }], [["definition-invalid", "late-arrival.log.ship"]]],
    [
      "a durability there is none of",
      [{}, { durability: "tape" as never }],
      [["definition-invalid", "late-arrival.log.durability"]],
    ],
  ])("is refused: %s", (_title, given, problems) => {
    expect(findProblems(mark(...given))).toEqual(problems);
  });
});

describe("an environment that takes durable logs alone", () => {
  const durable = { log: "durable" };
  it.each<[string, InferenceLog, boolean]>([
    ["on the disk", {}, true],
    ["in the store", { durability: "store" }, true],
    ["in memory", { durability: "memory" }, false],
    ["of nothing", { requests: "none" }, false],
  ])("is asked for a log %s", (_title, log, isTaken) => {
    const refused = [["log-not-durable", "late-arrival.log"]];
    expect(findProblems(mark({}, log, durable))).toEqual(isTaken ? [] : refused);
    expect(findProblems(mark({}, log, { log: "any" }))).toEqual([]);
    expect(findProblems(mark({}, log))).toEqual([]);
  });

  it("says so in one of two words", () => {
    expect(findProblems(mark({}, {}, { log: "always" }))).toEqual([
      ["definition-invalid", "flights.environments.local.log"],
    ]);
  });
});

it("a project without marks is as it was", () => {
  expect(findProblems(relist({}))).toEqual([]);
});
