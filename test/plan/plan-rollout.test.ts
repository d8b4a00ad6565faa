import { describe, expect, it } from "vitest";
import { listBeside } from "../../framework/definitions/models-beside.ts";
import type { DefinitionSpec, EndpointSpec, ModelSpec } from "../../framework/definitions/spec.ts";
import { type Plan, plan } from "../../framework/plan/plan.ts";
import { specOf } from "../campaigns/experiments/simulation.ts";
import { spender } from "../support/project.ts";
import { deployedFacts, edit, lines, nothing } from "./given-plan.ts";

describe("the plan of an endpoint", () => {
  it("says of an endpoint that moves step by step in which ones, and nothing of a version on its way", () => {
    const next = edit<EndpointSpec>("endpoint", (spec) => ({
      ...spec,
      rollout: {
        kind: "canary",
        steps: [5, 25, 100],
        hold: "1 minute",
        atLeast: 100,
        mirror: 0,
        abortOn: [{ kind: "errorRate", above: 0.01, over: 100 }],
      },
    }));
    const facts = deployedFacts({ live: { version: 2, package: "8".repeat(64) } });
    const extents = (planned: Plan) =>
      planned.definitions.flatMap(({ consequences }) =>
        consequences.flatMap(({ step, extent, certainty }) =>
          step === "serve" ? [`${certainty.kind} ${extent}`] : [],
        ),
      );
    expect(extents(plan(next, facts))).toContain("will in steps of 5, 25 and 100 %");
    // Nothing serves yet: there is nothing to go back to.
    expect(extents(plan(next, nothing))).toEqual(["unknown undefined"]);
    const deployed = {
      ...facts.deployed,
      "endpoint/desk": next.definitions.find(({ kind }) => kind === "endpoint") as EndpointSpec,
    };
    const entities = facts.entities.map((status) =>
      status.kind === "endpoint" ? { ...status, canary: { version: 2, package: "8".repeat(64), percent: 5 } } : status,
    );
    const underway = plan(next, { ...facts, deployed, entities });
    expect(extents(underway).filter((line) => line.startsWith("will"))).toEqual([]);
  });

  it("says what a release of a model that is asked unseen sets going", () => {
    const other: ModelSpec = { ...spender, name: "other" };
    const next = edit<EndpointSpec>("endpoint", (spec) => ({ ...spec, shadow: [{ model: "other", share: 1 }] }));
    const definitions = next.definitions.flatMap((spec): DefinitionSpec[] =>
      spec.kind === "model" ? [spec, other] : [spec],
    );
    const planned = plan({ ...next, definitions }, deployedFacts());
    expect(lines(planned)).toContain("if other is released: serve desk");
  });

  it("says what a release of a model that answers in an experiment sets going", () => {
    const other: ModelSpec = { ...spender, name: "other" };
    const arms = [
      { name: "control", model: spender.name, weight: 5000 },
      { name: "treatment", model: "other", weight: 5000 },
    ];
    const next = edit<EndpointSpec>("endpoint", (spec) => ({ ...spec, experiment: specOf({ arms }) }));
    const definitions = next.definitions.flatMap((spec): DefinitionSpec[] =>
      spec.kind === "model" ? [spec, other] : [spec],
    );
    const planned = plan({ ...next, definitions }, deployedFacts());
    expect(lines(planned)).toContain("if other is released: serve desk");
    const whys = planned.definitions.flatMap(({ consequences }) => consequences.map(({ why }) => why));
    expect(whys).toContain("other, which answers in an experiment, may be released");
    expect(listBeside({ model: "a", shadow: [{ model: "b" }], experiment: { arms } })).toEqual([
      "b",
      spender.name,
      "other",
    ]);
    expect(listBeside({ model: spender.name, experiment: { arms } })).toEqual(["other"]);
  });
});
