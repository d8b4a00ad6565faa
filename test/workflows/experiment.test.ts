/**
 * What an endpoint's entity wants its routing to say in an experiment, and what it says of that.
 * @module
 */
import { describe, expect, it } from "vitest";
import { listArmNews, sayServing } from "../../workflows/endpoint/experiment.ts";
import type { EndpointMemory } from "../../workflows/endpoint/messages.ts";
import { findArmsSalt, isBehind, isRouted, isRoutedOtherwise, wantVariants } from "../../workflows/endpoint/traffic.ts";

const champion = { version: 4, package: "p4" };
const experiment = {
  name: "trees",
  salt: "desk/trees",
  control: "today",
  arms: [
    { name: "bigger", model: "large", weight: 2000 },
    { name: "today", model: "m", weight: 7000 },
    { name: "again", model: "m", weight: 1000 },
  ],
};
const desired = { model: "m", experiment };
const told = { large: { version: 2, package: "l2" } };
const memory: EndpointMemory = { champion, promoted: champion, shadows: told };

const say = (...given: Parameters<typeof wantVariants>) =>
  wantVariants(...given).map(({ name, model, version, weight, mirror }) =>
    [name, model, version, weight, ...(mirror === undefined ? [] : ["mirror", mirror])].join(" "),
  );
const routed = (known: EndpointMemory, wanted = desired, generation = 1) => {
  const salt = findArmsSalt(wanted, known);
  return { generation, variants: wantVariants(wanted, known), ...(salt !== undefined && { salt }) };
};

describe("the routing of an endpoint with an experiment", () => {
  it("has the arms, first the control, each with what its model has in production", () => {
    expect(say(desired, memory)).toEqual(["today m 4 7000", "bigger large 2 2000", "again m 4 1000"]);
    expect(findArmsSalt(desired, memory)).toBe("desk/trees");
    expect(isRouted(desired, {})).toBe(true);
  });

  it("has shadows beside them", () => {
    const shadow = [{ model: "other", share: 0.5 }];
    const shadows = { ...told, other: { version: 9, package: "o9" } };
    expect(say({ ...desired, shadow }, { ...memory, shadows })).toEqual([
      "today m 4 7000",
      "bigger large 2 2000",
      "again m 4 1000",
      "shadow-other other 9 0 mirror 5000",
    ]);
  });

  it("has the champion alone while an arm's model has no release, and nobody before the first of its own", () => {
    expect(say(desired, { ...memory, shadows: { large: {} } })).toEqual(["champion m 4 10000"]);
    expect(findArmsSalt(desired, { ...memory, shadows: { large: {} } })).toBeUndefined();
    expect(say(desired, { shadows: told })).toEqual([]);
  });

  it("is written anew for a release of an arm's model, another salt and other shares", () => {
    const kept = { ...memory, routing: routed(memory) };
    expect(isRoutedOtherwise(desired, kept)).toBe(false);
    const next = { ...kept, shadows: { large: { version: 3, package: "l3" } } };
    expect(isBehind({ desired, memory: next, live: champion, failed: false })).toBe(true);
    expect(isRoutedOtherwise({ model: "m", experiment: { ...experiment, salt: "desk/others" } }, kept)).toBe(true);
    const arms = experiment.arms.map((arm) => ({ ...arm, weight: arm.weight + (arm.name === "today" ? 1000 : -500) }));
    expect(isRoutedOtherwise({ model: "m", experiment: { ...experiment, arms } }, kept)).toBe(true);
    // Without it production answers.
    expect(isRoutedOtherwise({ model: "m" }, kept)).toBe(true);
    expect(wantVariants({ model: "m" }, kept)).toEqual([]);
  });
});

describe("what is said of an experiment", () => {
  it("is who has how many, or which releases it waits for", () => {
    expect(sayServing(desired, memory, 4)).toBe('experiment "trees": bigger 20 %, today 70 %, again 10 %');
    expect(sayServing(desired, { champion, shadows: { large: {} } }, 4)).toBe(
      'serving version 4 of m; experiment "trees" waits for the first release of large',
    );
    expect(sayServing({ model: "m" }, memory, 4)).toBe("serving version 4 of m");
  });

  const before = routed(memory);
  const next = { ...memory, shadows: { large: { version: 3, package: "l3" } } };
  const released = { version: 5, package: "p5" };
  it.each<
    [
      string,
      Parameters<typeof listArmNews>[0],
      Parameters<typeof listArmNews>[1],
      EndpointMemory["routing"],
      readonly string[],
    ]
  >([
    ["begins", desired, { generation: 1, variants: [] }, before, [sayServing(desired, memory, 4)]],
    ["stays", desired, before, routed(memory, desired, 2), []],
    ["has an arm's release", desired, before, routed(next), ['experiment "trees": bigger moves to version 3 of large']],
    [
      "has the control's release",
      desired,
      before,
      routed({ ...memory, champion: released }),
      ['experiment "trees": today moves to version 5 of m', 'experiment "trees": again moves to version 5 of m'],
    ],
    [
      "is over",
      { model: "m" },
      before,
      { generation: 2, variants: [] },
      ["the experiment is over: production answers all callers"],
    ],
    ["was never there", { model: "m" }, undefined, { generation: 2, variants: [] }, []],
  ])("is told when it %s", (_title, wanted, was, is, lines) => {
    expect(listArmNews(wanted, was, is)).toEqual(lines);
  });
});
