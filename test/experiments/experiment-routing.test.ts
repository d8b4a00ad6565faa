import { describe, expect, it } from "vitest";
import { routeExperiment, saltExperiment } from "../../framework/experiments/experiment-routing.ts";
import { replayAssignment } from "../../framework/experiments/replay-assignment.ts";
import { assignVariant } from "../../framework/serving/variants/assignment.ts";
import { routingSchema } from "../../framework/serving/variants/routing.ts";

const experiment = {
  name: "bigger",
  control: "control",
  arms: [
    { name: "control", model: "late", weight: 4000 },
    { name: "treatment", model: "late-bigger", weight: 3000 },
    { name: "other", model: "late-other", weight: 3000 },
  ],
};
const releaseOf = (model: string) => ({ model, version: 1, package: `digest of ${model}` });
const releases = {
  control: releaseOf("late"),
  treatment: releaseOf("late-bigger"),
  other: releaseOf("late-other"),
};
const units = Array.from({ length: 2000 }, (_, i) => `customer-${i}`);
const log = (routing: NonNullable<ReturnType<typeof routeExperiment>>) =>
  units.map((unit, i) => ({ id: `${i}`, unit, variant: assignVariant(routing, unit)?.name ?? "" }));

describe("the routing of an experiment", () => {
  const routing = routeExperiment("desk", experiment, { releases });

  it("has its arms as variants, with their shares and a salt of its own", () => {
    expect(routing).toEqual({
      salt: "desk/bigger",
      variants: [
        { name: "control", ...releases.control, weight: 4000 },
        { name: "treatment", ...releases.treatment, weight: 3000 },
        { name: "other", ...releases.other, weight: 3000 },
      ],
    });
    expect(() => routingSchema.parse({ format: "routing/1", generation: 1, ...routing })).not.toThrow();
    expect(saltExperiment("desk", "other")).not.toBe(saltExperiment("gate", "other"));
  });

  it("has the control first, by which callers know the endpoint", () => {
    const last = { ...experiment, arms: experiment.arms.toReversed() };
    const names = routeExperiment("desk", last, { releases })?.variants.map(({ name }) => name);
    expect(names).toEqual(["control", "other", "treatment"]);
  });

  it("is none while an arm has no release", () => {
    const { other: _, ...some } = releases;
    expect(routeExperiment("desk", experiment, { releases: some })).toBeUndefined();
  });

  it("gives the units of a stopped arm to the control, and moves no other unit", () => {
    const after = routeExperiment("desk", experiment, { releases, stopped: ["treatment"] });
    expect(after?.variants[1]).toEqual({ name: "treatment-stopped", ...releases.control, weight: 3000 });
    for (const unit of units) {
      const [was, is] = [routing, after].map((one) => one && assignVariant(one, unit)?.name);
      expect(is).toBe(was === "treatment" ? "treatment-stopped" : was);
    }
  });

  it("is replayed from a log, which names whom another variant answered", () => {
    if (!routing) throw new Error("the experiment has releases");
    const right = log(routing);
    expect(replayAssignment(routing, right)).toEqual([]);
    const [first] = right;
    if (!first) throw new Error("there are units");
    const wrong = { ...first, variant: first.variant === "control" ? "other" : "control" };
    expect(replayAssignment(routing, [wrong, ...right.slice(1)])).toEqual([{ ...wrong, expected: first.variant }]);
    const none = { salt: routing.salt, variants: [] };
    expect(replayAssignment(none, [first])).toEqual([first]);
    expect(replayAssignment({ ...routing, salt: "desk/again" }, right).length).toBeGreaterThan(500);
  });
});
