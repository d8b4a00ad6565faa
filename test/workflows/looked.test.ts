/**
 * What follows from the looks at an endpoint's experiment.
 * @module
 */
import { describe, expect, it } from "vitest";
import type { DesiredEndpoint, DesiredModel } from "../../framework/engine/desired.ts";
import { listArmNews, sayServing } from "../../workflows/endpoint/experiment.ts";
import {
  findProposal,
  isExperimentOver,
  isLookedAt,
  listStopped,
  noteWinner,
} from "../../workflows/endpoint/looked.ts";
import type { EndpointMemory, LookAnswer, LookMemory } from "../../workflows/endpoint/messages.ts";
import { findArmsSalt, isBehind, wantVariants } from "../../workflows/endpoint/traffic.ts";

const reference = (sha256: string) => ({ sha256, size: 1 });
const made = (name: string): DesiredModel => ({
  kind: "model",
  spec: reference(name),
  training: reference(name),
  trainer: reference(name),
  features: {},
  datasets: {},
});
const looks = { identity: "i", pause: 60, decide: "promote" } as const;
const experiment = {
  name: "trees",
  salt: "desk/trees",
  control: "today",
  arms: [
    { name: "today", model: "m", weight: 6000 },
    { name: "bigger", model: "large", weight: 2000 },
    { name: "again", model: "m", weight: 2000 },
  ],
  looks,
};
type Wanted = Pick<DesiredEndpoint, "model" | "experiment">;
const desired: Wanted = { model: "m", experiment };
const recommended: Wanted = { model: "m", experiment: { ...experiment, looks: { ...looks, decide: "recommend" } } };
const champion = { version: 4, package: "p4", desired: made("m") };
const large = { version: 2, package: "l2", evaluation: "e2", run: "r2", desired: made("large") };
const told: EndpointMemory = { champion, promoted: champion, shadows: { large } };

function looked(seen: Partial<LookAnswer> | undefined, more: Partial<LookMemory> = {}): EndpointMemory {
  const nothing = {
    look: "d",
    at: "2026-01-01T00:00:00Z",
    verdict: "continue",
    stopped: [],
    sentence: "So.",
    news: [],
  } as const;
  const look = { identity: "i", since: 0, ...(seen && { seen: { ...nothing, ...seen } }), ...more };
  const memory = { ...told, look };
  const salt = findArmsSalt(desired, memory);
  const routing = { generation: 1, variants: wantVariants(desired, memory), ...(salt !== undefined && { salt }) };
  return { ...memory, routing };
}

const won = { verdict: "winner", winner: "bigger" } as const;
const other: Wanted = { model: "m", experiment: { ...experiment, looks: { ...looks, identity: "j" } } };
const says = (given: Wanted, memory: EndpointMemory) =>
  wantVariants(given, memory).map(({ name, package: digest, weight }) => `${name} ${digest} ${weight}`);
const all = ["today p4 6000", "bigger l2 2000", "again p4 2000"];

describe("who answers", () => {
  it.each<[string, EndpointMemory, readonly string[]]>([
    ["all arms before the first look", looked(undefined), all],
    [
      "the control in the place of what was stopped",
      looked({ stopped: ["bigger"] }),
      ["today p4 6000", "bigger-stopped p4 2000", "again p4 2000"],
    ],
    [
      "production where no arm wins",
      looked({ verdict: "no-winner", stopped: ["bigger", "again"] }),
      ["champion p4 10000"],
    ],
    ["production where nothing can be concluded", looked({ verdict: "invalid" }), ["champion p4 10000"]],
    ["the arms until the winner is in production", looked(won), all],
    ["production once it is", { ...looked(won), champion: { ...champion, won: "d" } }, ["champion p4 10000"]],
    ["production still when it is gone back from", looked(won, { isOver: true }), ["champion p4 10000"]],
    [
      "production once the same was released as the winner",
      { ...looked(won), champion: { ...champion, run: "r2" } },
      ["champion p4 10000"],
    ],
    ["production where the winner has its model already", looked({ ...won, winner: "again" }), ["champion p4 10000"]],
  ])("is %s", (_name, memory, expected) => {
    expect(says(desired, memory)).toEqual(expected);
  });

  it("keeps arms that were not stopped where a person decides, and knows nothing of another experiment", () => {
    expect(says(recommended, looked({ verdict: "invalid" }))).toEqual(all);
    expect(says(other, looked({ stopped: ["bigger"] }))).toEqual(all);
    expect(listStopped(other, looked({ stopped: ["bigger"] }))).toEqual([]);
  });

  it("changes for an arm that was stopped, also where the endpoint has failed", () => {
    const before = looked(undefined);
    const stopped = { ...before, look: looked({ stopped: ["bigger"] }).look };
    const live = { version: 4, package: "p4" };
    expect(isBehind({ desired, memory: stopped, live, failed: true })).toBe(true);
    expect(isBehind({ desired, memory: before, live, failed: true })).toBe(false);
    // What cannot be written is not written again and again.
    expect(isBehind({ desired, memory: { ...stopped, routing: {} }, live, failed: true })).toBe(false);
  });
});

describe("an experiment is looked at", () => {
  it.each<[string, Wanted, EndpointMemory, boolean]>([
    ["while its arms answer", desired, looked(undefined), true],
    ["and again", desired, looked({ stopped: ["bigger"] }), true],
    ["no more once it is decided", recommended, looked({ verdict: "no-winner" }), false],
    ["not before its arms answer", desired, { ...looked(undefined), routing: { generation: 1, variants: [] } }, false],
    ["not by an endpoint that is about to end", desired, { ...looked(undefined), leaving: true }, false],
    ["anew where it is another", other, looked({ verdict: "no-winner" }), false],
  ])("%s", (_name, given, memory, expected) => {
    expect(isLookedAt(given, memory)).toBe(expected);
  });

  it("not where an older Steward asked for it", () => {
    const { looks: _looks, ...old } = experiment;
    expect(isLookedAt({ ...desired, experiment: old }, looked(undefined))).toBe(false);
  });
});

describe("what is proposed", () => {
  it("is the winner's release, with what it won against", () => {
    expect(findProposal(desired, looked(won), "desk")).toEqual({
      endpoint: "desk",
      experiment: "trees",
      from: { model: "large", version: 2 },
      package: "l2",
      evaluation: "e2",
      run: "r2",
      desired: made("large"),
      over: made("m"),
      look: "d",
      sentence: "So.",
    });
  });

  it.each<[string, Wanted, EndpointMemory]>([
    ["while nothing is certain", desired, looked({})],
    ["where a person decides", recommended, looked(won)],
    ["twice", desired, looked(won, { isProposed: true })],
    ["once it is in production", desired, { ...looked(won), champion: { ...champion, won: "d" } }],
    ["that has the model already", desired, looked({ ...won, winner: "again" })],
    [
      "of which its model has not told all yet",
      desired,
      { ...looked(won), shadows: { large: { version: 2, package: "l2" } } },
    ],
    ["of another experiment", other, looked(won)],
  ])("is nothing %s", (_name, given, memory) => {
    expect(findProposal(given, memory, "desk")).toBeUndefined();
  });

  it("is over for good once the winner answers", () => {
    const memory = looked(won);
    expect(noteWinner(desired, memory, champion)).toEqual({});
    expect(noteWinner(desired, memory, { ...champion, run: "r2" })).toMatchObject({ look: { isOver: true } });
    expect(isExperimentOver(desired, { ...memory, ...noteWinner(desired, memory, { ...champion, won: "d" }) })).toBe(
      true,
    );
  });
});

describe("what is said of an experiment that was looked at", () => {
  it.each<[string, Wanted, EndpointMemory, string]>([
    ["a stop", desired, looked({ stopped: ["bigger"] }), 'experiment "trees": today 60 %, bigger stopped, again 20 %'],
    ["a winner", recommended, looked(won), 'experiment "trees": today 60 %, bigger 20 %, again 20 %; winner bigger'],
    [
      "its end",
      desired,
      looked({ verdict: "no-winner" }),
      'serving version 4 of m; experiment "trees" is over; no winner',
    ],
  ])("is %s", (_name, given, memory, expected) => {
    expect(sayServing(given, memory, 4)).toBe(expected);
  });

  it("stands in the history where somebody loses callers", () => {
    const [before, after] = [looked(undefined).routing, looked({ stopped: ["bigger"] }).routing];
    expect(listArmNews(desired, before, after)).toEqual(['experiment "trees": today 60 %, bigger stopped, again 20 %']);
    expect(listArmNews(desired, after, looked({ verdict: "invalid" }).routing)).toEqual([
      "the experiment is over: production answers all callers",
    ]);
  });
});
