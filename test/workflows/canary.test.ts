/**
 * What an endpoint's entity decides of a version on its way, and what it wants its routing to say.
 * @module
 */
import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../framework/definitions/rollout-spec.ts";
import { formatDuration } from "../../framework/definitions/units.ts";
import type { VariantEvidence } from "../../framework/serving/variants/evidence.ts";
import {
  beginStep,
  countIn,
  decide,
  describeCanary,
  findPatience,
  goesOn,
  moveTo,
  setOut,
  showCanary,
} from "../../workflows/endpoint/canary.ts";
import { findLabelTime, findUnread, sayLabels } from "../../workflows/endpoint/canary-labels.ts";
import type { CanaryMemory, EndpointMemory, EvidenceAnswer } from "../../workflows/endpoint/messages.ts";
import { goesByCanary, isBehind, isRouted, wantVariants } from "../../workflows/endpoint/traffic.ts";
import { quickCanary } from "./given-canary.ts";

const rollout = { ...quickCanary, hold: "10 minutes" };
const released = { version: 2, package: "p2" };
const champion = { version: 1, package: "p1" };
const start = Date.parse("2026-01-02T12:03:00Z");
const minutes = (count: number) => start + count * 60_000;

function saw(name: string, answered: number, failed = 0): VariantEvidence {
  return {
    ...released,
    name,
    model: "m",
    weight: 0,
    answered,
    failed,
    latency: { bounds: [10], counts: [answered, answered] },
  };
}
const answer = (answered: number, failed = 0): EvidenceAnswer => ({
  reading: { canary: saw("canary", answered, failed), champion: saw("champion", answered) },
});
const silent: EvidenceAnswer = { silence: "the server does not say what it saw" };
const begun = beginStep(setOut(released, { rollout, salt: "s" }), answer(1000, 7), start);

/** The version after it was looked at, at its times, up to one. */
function lookedAt(canary: CanaryMemory, until: number, seen = answer(1100)): CanaryMemory {
  let next = canary;
  for (let at = next.checkAt ?? 0; at <= until; at = next.checkAt ?? Infinity) next = countIn(next, seen, at);
  return next;
}

describe("a version on its way", () => {
  it("is counted from when its step began, and looked at twice a minute at least", () => {
    expect(begun).toMatchObject({
      since: start,
      checkAt: start + 30_000,
      seen: { canary: { answered: 0, failed: 0 } },
    });
    const later = countIn(begun, answer(1100, 8), minutes(1));
    expect(later).toMatchObject({
      seen: { canary: { answered: 100, failed: 1 } },
      checkAt: minutes(1.5),
      checkDue: false,
    });
    expect(countIn({ ...begun, rollout: { ...rollout, hold: "20 seconds" } }, answer(1), start).checkAt).toBe(
      start + 2000,
    );
    // What was seen before it was first looked at is none of its step's.
    const blind = beginStep(setOut(released, { rollout, salt: "s" }), silent, start);
    expect(countIn(blind, answer(5000, 99), minutes(1)).seen.canary).toMatchObject({ answered: 0, failed: 0 });
  });

  it("is seen nothing of at another step, and keeps its salt", () => {
    const next = moveTo(countIn(begun, answer(1100), minutes(1)), 1);
    expect(next).toEqual({
      released,
      rollout,
      salt: "s",
      step: 1,
      seen: { canary: expect.anything(), champion: expect.anything() },
    });
    expect(next.seen.canary.answered).toBe(0);
  });

  it.each<[string, CanaryMemory, EvidenceAnswer, number, object]>([
    [
      "is held in its time",
      lookedAt(begun, minutes(3.5)),
      answer(1200),
      minutes(4),
      { kind: "hold", why: "6 min to go" },
    ],
    ["goes on after it", lookedAt(begun, minutes(9.5)), answer(1200), minutes(10), { kind: "advance", to: 1 }],
    ["is held while its server says nothing", begun, silent, minutes(10), { kind: "hold", why: silent.silence }],
    [
      "goes back when its server has said nothing for long",
      { ...begun, silentSince: minutes(5), checkAt: minutes(9.5) },
      silent,
      minutes(10),
      { kind: "abort", reasons: ["the server does not say what it saw, for 5 min"] },
    ],
    [
      "is held when nobody has looked for long, whatever its server says then",
      { ...begun, silentSince: minutes(4), checkAt: minutes(5) },
      silent,
      minutes(600),
      { kind: "hold", why: silent.silence },
    ],
    [
      "is not taken back for a silence that has ended",
      { ...lookedAt(begun, minutes(8)), silentSince: minutes(8), checkAt: minutes(9) },
      answer(1200),
      minutes(9),
      { kind: "hold", why: "2 min to go" },
    ],
    [
      "goes on when a person says so, whatever was seen",
      { ...begun, asked: { does: "advance", actor: { id: "ops", via: "cli" }, reason: "" } },
      silent,
      start,
      { kind: "advance", to: 1 },
    ],
    [
      "goes back when a person says so",
      { ...begun, asked: { does: "abort", actor: { id: "ops", via: "cli" }, reason: "no" } },
      answer(1200),
      minutes(10),
      { kind: "abort", reasons: ["taken back by ops: no"] },
    ],
  ])("%s", (_title, canary, seen, now, expected) => {
    expect(decide(countIn(canary, seen, now), seen, now)).toEqual(expected);
  });

  it.each<[string, CanaryMemory, number, number]>([
    ["passes while it is looked at", lookedAt(begun, minutes(3)), minutes(3.5), 210],
    ["passes by a look that comes early", lookedAt(begun, minutes(3)), minutes(3) + 5_000, 185],
    ["passes by one that a busy machine makes late", lookedAt(begun, minutes(3)), minutes(3.5) + 9_000, 219],
    ["does not pass while nobody looks, but for one pause", lookedAt(begun, minutes(3)), minutes(600), 210],
    [
      "does not pass while its server says nothing",
      lookedAt(lookedAt(begun, minutes(3)), minutes(8), silent),
      minutes(8.5),
      180,
    ],
    [
      "passes again after that",
      lookedAt(lookedAt(lookedAt(begun, minutes(3)), minutes(8), silent), minutes(10)),
      minutes(10.5),
      300,
    ],
    ["does not pass before it was seen at all", beginStep(begun, silent, start), minutes(0.5), 0],
    ["is all that went by where it began before this was kept", { ...begun, watched: undefined }, minutes(9), 540],
  ])("has a step that %s", (_title, canary, now, seconds) => {
    const decision = decide(countIn(canary, answer(1200), now), answer(1200), now);
    expect(decision).toEqual({ kind: "hold", why: `${formatDuration(600 - seconds)} to go` });
  });

  it("is given as long as a step takes, within bounds", () => {
    expect(["1 second", "1 minute", "1 day"].map((hold) => findPatience({ ...rollout, hold }))).toEqual([
      20_000, 60_000, 300_000,
    ]);
  });

  it("is said with what was seen of it", () => {
    const canary = countIn(begun, answer(1811, 8), minutes(4));
    expect(describeCanary(canary, "6 min to go")).toBe(
      "canary: version 2 has 5 % since 12:03 UTC, 812 of 100 requests, errors 0.123 %; 6 min to go",
    );
    expect(showCanary(canary)).toEqual({ version: 2, package: "p2", percent: 5, since: "2026-01-02T12:03:00.000Z" });
    expect(describeCanary(moveTo(canary, 1))).toBe("canary: version 2 is to have 50 %");
  });

  it("goes on under the same rollout, and no other release or rollout", () => {
    expect(goesOn(begun, released, { ...rollout })).toBe(true);
    expect(goesOn(begun, { ...released, version: 3 }, rollout)).toBe(false);
    expect(goesOn(begun, released, { ...rollout, atLeast: 101 })).toBe(false);
    expect(goesOn(undefined, released, rollout)).toBe(false);
  });
});

describe("the labels of a version on its way", () => {
  const byLabels: CanarySpec = {
    ...rollout,
    hold: "2 days",
    matures: "1 day",
    abortOn: [{ kind: "metricBelow", metric: "accuracy", below: 0.8, over: 500 }, ...rollout.abortOn],
  };
  const step = beginStep(setOut(released, { rollout: byLabels, salt: "s" }), answer(0), start);
  const [hour, day] = [3_600_000, 86_400_000];
  const quick: CanarySpec = { ...byLabels, hold: "1 second", matures: "0 seconds" };
  const evidence = {
    canary: { labels: 612, values: { accuracy: 0.81 } },
    champion: { labels: 2410, values: { accuracy: 0.83 } },
  };

  it.each<[string, CanaryMemory | undefined, number | undefined]>([
    ["are read when the first may be final", step, start + day],
    ["are read again after a while", { ...step, labels: { at: start + day, evidence } }, start + day + hour / 4],
    [
      "are read again where they could not be",
      { ...step, labels: { at: start + day, unread: "no" } },
      start + day + hour / 4,
    ],
    [
      "are read at once when its time is over",
      { ...step, over: start + 2 * day, labels: { at: start + 2 * day - 1 } },
      start + 2 * day,
    ],
    ["are read on after that", { ...step, over: start, labels: { at: start } }, start + hour / 4],
    ["are not read every moment of a short step", { ...step, rollout: quick }, start + 5_000],
    ["are not read before the step has begun", setOut(released, { rollout: byLabels, salt: "s" }), undefined],
    ["are not read where nothing is judged by them", begun, undefined],
    ["are not read where nothing is on its way", undefined, undefined],
  ])("%s", (_title, canary, expected) => {
    expect(findLabelTime(canary)).toBe(expected);
  });

  it.each<[string, Partial<CanaryMemory>, string | undefined]>([
    ["as long as its time is not over", {}, undefined],
    ["until they are read once more", { over: minutes(9) }, "the labels are still to be read"],
    [
      "while they are older",
      { over: minutes(9), labels: { at: minutes(8), evidence } },
      "the labels are still to be read",
    ],
    ["no longer", { over: minutes(9), labels: { at: minutes(9), evidence } }, undefined],
    [
      "while they cannot be read",
      { over: minutes(9), labels: { at: minutes(9), unread: "no store" } },
      "the labels cannot be read: no store",
    ],
  ])("keep it from being judged %s", (_title, change, expected) => {
    expect(findUnread({ ...step, ...change })).toBe(expected);
  });

  it("judge it when its time is over, and stand in what is said of it", () => {
    const quickly = beginStep(
      setOut(released, { rollout: { ...quick, hold: "1 minute" }, salt: "s" }),
      answer(0),
      start,
    );
    const over = lookedAt(quickly, minutes(1), answer(200));
    expect(over.over).toBe(minutes(1));
    expect(decide(over, answer(200), minutes(1))).toEqual({
      kind: "hold",
      why: "too little to tell by: 0 of 500 matured labels, the labels are still to be read",
    });
    const read = { ...over, labels: { at: minutes(1), evidence } };
    expect(decide(read, answer(200), minutes(1))).toEqual({ kind: "advance", to: 1 });
    expect(describeCanary(read, "x")).toContain("accuracy 0.81 of 612 labels (champion 0.83 of 2,410)");
    expect(sayLabels(read)).toBe("accuracy 0.81 of 612 labels (champion 0.83 of 2,410)");
    expect(sayLabels(begun)).toBeUndefined();
    // Another step has its own.
    expect(moveTo(read, 1)).not.toHaveProperty("labels");
    expect(beginStep(read, answer(0), minutes(2))).not.toHaveProperty("over");
  });
});

it("a release goes by canary where callers have another package, a rollback never does", () => {
  const wanted = { model: "m", rollout };
  expect(goesByCanary(wanted, { champion, promoted: released })).toBe(true);
  expect(goesByCanary(wanted, { champion, promoted: { version: 2, package: "p1" } })).toBe(false);
  expect(goesByCanary(wanted, { champion, promoted: { ...released, rollback: true } })).toBe(false);
  expect(goesByCanary({ model: "m" }, { champion, promoted: released })).toBe(false);
});

describe("the routing that an endpoint wants", () => {
  const wants = { model: "m", rollout };
  const shadow = [
    { model: "other", share: 0.1 },
    { model: "tiny", share: 0.00001 },
  ];

  it.each<[string, Parameters<typeof wantVariants>[0], EndpointMemory, readonly string[]]>([
    ["is none where all moves at once", { model: "m" }, { champion }, []],
    ["is none before the first version", wants, {}, []],
    ["has the champion alone while none is on its way", wants, { champion }, ["champion m 1 10000"]],
    ["gives a version its share", wants, { champion, canary: begun }, ["champion m 1 9500", "canary m 2 500"]],
    [
      "gives it hundredths of a per cent, and mirrors",
      wants,
      { champion, canary: { ...begun, rollout: { ...rollout, steps: [0.07, 100], mirror: 0.5 } } },
      ["champion m 1 9993", "canary m 2 7 mirror 5000"],
    ],
    [
      "has shadows whose models have a release",
      { model: "m", shadow },
      { champion, shadows: { other: { version: 5, package: "p5" }, tiny: {} } },
      ["champion m 1 10000", "shadow-other other 5 0 mirror 1000"],
    ],
    [
      "mirrors to a shadow at least one of ten thousand",
      { model: "m", shadow },
      { champion, shadows: { tiny: { version: 5, package: "p5" } } },
      ["champion m 1 10000", "shadow-tiny tiny 5 0 mirror 1"],
    ],
  ])("%s", (_title, desired, memory, expected) => {
    const said = wantVariants(desired, memory).map(({ name, model, version, weight, mirror }) =>
      [name, model, version, weight, ...(mirror === undefined ? [] : ["mirror", mirror])].join(" "),
    );
    expect(said).toEqual(expected);
  });

  const routing = { generation: 1, variants: wantVariants(wants, { champion }) };
  const kept = { champion, routing, promoted: champion };
  const going = {
    ...kept,
    canary: begun,
    routing: { generation: 2, variants: wantVariants(wants, { champion, canary: begun }) },
  };
  it.each<[string, EndpointMemory, { failed?: boolean; live?: typeof champion }, boolean]>([
    ["is up to date", kept, {}, false],
    ["has a release to follow", { ...kept, promoted: released }, {}, true],
    ["has one on its way", { ...going, promoted: released }, {}, false],
    [
      "has one on its way whose step is not written",
      { ...going, promoted: released, routing: { generation: 2 } },
      {},
      true,
    ],
    [
      "has another one than is on its way",
      { ...kept, promoted: { version: 3, package: "p3" }, canary: begun },
      {},
      true,
    ],
    ["has one that was taken back", { ...kept, promoted: released, held: 2 }, { failed: true }, false],
    ["has one after that", { ...kept, promoted: { version: 3, package: "p1" }, held: 2 }, { failed: true }, true],
    ["has failed otherwise", { ...kept, promoted: released }, { failed: true }, false],
    ["has a routing that was not written whole", { ...kept, routing: { generation: 2 } }, {}, true],
    ["has heard of no release", { ...kept, promoted: {} }, {}, false],
  ])("that %s is behind or not", (_title, memory, { failed = false, live = champion }, expected) => {
    expect(isBehind({ desired: wants, memory, live, failed })).toBe(expected);
  });

  it("is needed by a canary or a shadow, and to be rid of one", () => {
    expect(isRouted({ model: "m" }, {})).toBe(false);
    expect(isRouted(wants, {})).toBe(true);
    expect(isRouted({ model: "m", shadow }, {})).toBe(true);
    expect(isRouted({ model: "m" }, { routing })).toBe(true);
    expect(isRouted({ model: "m" }, { routing: { generation: 3 } })).toBe(true);
    expect(isRouted({ model: "m" }, { routing: { generation: 3, variants: [] } })).toBe(false);
  });
});
