import { describe, expect, it } from "vitest";
import type { DefinitionSpec, FeaturesSpec } from "../../framework/definitions/spec.ts";
import { listOnlineDatasets } from "../../framework/plan/online-needs.ts";
import { planOnline } from "../../framework/plan/plan-online.ts";
import { column, features, trainingJob, window } from "../features/given.ts";
import { desk, spender } from "../support/project.ts";

const past = window("count", column("amount"), { by: [column("shop")], over: "1 day", lag: "1 hour" });
const plain = features("plain", "visits", { amount: column("amount") });
const windowed = features("windowed", "visits", { half: { op: "negate", of: past } });
const weather = features("weather", "readings", { wind: column("wind"), gust: past });
const job = (...sets: readonly { readonly set: string; readonly by?: Record<string, ReturnType<typeof column>> }[]) =>
  trainingJob({ features: sets.map(({ set, by = {} }) => ({ set, by })), label: column("amount") });
const sets = { plain, windowed, weather };

describe("the datasets that a server looks up", () => {
  it.each([
    ["are none where a request has all", job({ set: "plain" }), []],
    ["are none for a second set of the spine without a window", job({ set: "plain" }, { set: "plain" }), []],
    ["are the spine's where a feature has a window", job({ set: "windowed" }), ["visits"]],
    ["are a joined set's, whose own windows are in its rows", job({ set: "plain" }, { set: "weather" }), ["readings"]],
    [
      "are the spine's too where a set is joined by a window",
      job({ set: "plain" }, { set: "weather", by: { place: past } }),
      ["readings", "visits"],
    ],
    [
      "are the spine's where it is joined to itself",
      job({ set: "plain" }, { set: "windowed", by: { shop: column("shop") } }),
      ["visits"],
    ],
  ])("%s", (_title, training, expected) => {
    expect(listOnlineDatasets({ training, features: sets })).toEqual(expected);
  });
});

describe("the plan of look-ups", () => {
  const specsOf = (set: FeaturesSpec): ReadonlyMap<string, DefinitionSpec> => {
    const training = { ...job({ set: set.name }), name: spender.training };
    return new Map([spender, training, set].map((spec) => [`${spec.kind}/${spec.name}`, spec] as const));
  };
  const production = (set: FeaturesSpec) => ({ training: job({ set: set.name }), features: { [set.name]: set } });
  const base = { specs: specsOf(windowed), production: production(windowed), rootOf: () => ({ root: "r1" }) };

  it("has news when the endpoint was told of no version, or of another one, or of what is not looked up any more", () => {
    expect(planOnline(desk, { ...base, told: { visits: "r1" } })).toEqual({ now: true, next: true, hasNews: false });
    expect(planOnline(desk, { ...base, told: { visits: "r0" } }).hasNews).toBe(true);
    expect(planOnline(desk, { ...base, told: {} }).hasNews).toBe(true);
    expect(planOnline(desk, { ...base, told: { visits: "r1", gone: "r1" } }).hasNews).toBe(true);
  });

  it("has none of a version that is not known yet", () => {
    const rootOf = () => ({ until: "ingest of visits" });
    expect(planOnline(desk, { ...base, rootOf, told: { visits: "r0" } }).hasNews).toBe(false);
  });

  it("tells what is in production from what is defined", () => {
    const change = { ...base, specs: specsOf(plain), told: {} };
    expect(planOnline(desk, change)).toEqual({ now: true, next: false, hasNews: false });
    expect(planOnline(desk, { ...base, production: undefined, told: {} }).now).toBe(false);
  });
});
