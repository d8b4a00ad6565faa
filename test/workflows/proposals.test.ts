/**
 * What becomes of a release that won an experiment, in each state of the model that it is proposed to.
 * @module
 */
import { describe, expect, it } from "vitest";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { Candidate, LiveModel, WonFrom } from "../../framework/engine/entity-status.ts";
import type { ProposeMessage } from "../../framework/engine/messages.ts";
import type { ModelMemory, WeighedProposal } from "../../workflows/model/messages.ts";
import {
  answerProposal,
  describeOrigin,
  hearProposal,
  isProposalDue,
  judgeProposal,
  type ProposalFate,
  sayLost,
} from "../../workflows/model/proposals.ts";

const reference = (sha256: string) => ({ sha256, size: 1 });
const desired: DesiredModel = {
  kind: "model",
  spec: reference("s"),
  training: reference("t"),
  trainer: reference("t"),
  features: {},
  datasets: {},
};
const proposed: ProposeMessage = {
  endpoint: "desk",
  experiment: "trees",
  from: { model: "large", version: 3 },
  package: "l3",
  evaluation: "e",
  run: "r",
  desired,
  over: desired,
  look: "look-1",
  sentence: "So.",
};
const won: WonFrom = {
  ...proposed.from,
  package: "l3",
  endpoint: "desk",
  experiment: "trees",
  look: "look-1",
  lost: ["small"],
};
const live: LiveModel = {
  kind: "model",
  version: 2,
  package: "own",
  evaluation: "e",
  run: "r",
  desired,
  fence: 2,
  from: won,
};
const weighed = (recipes: Omit<WeighedProposal["recipes"], "won">, won = "large"): WeighedProposal => ({
  package: "own",
  candidate: "c",
  policy: "waived",
  recipes: { won, ...recipes },
});
const candidate = { digest: "c" } as Candidate;
const fresh: ModelMemory = { releases: [], endpoints: [] };

describe("a proposal", () => {
  it.each<[string, Parameters<typeof judgeProposal>[0], ProposalFate]>([
    [
      "is taken where production is what lost",
      { live: { package: "p" }, weighed: weighed({ over: "small", live: "small" }), look: "look-1" },
      "take",
    ],
    [
      "is taken before a candidate of what lost",
      { live: { package: "p" }, weighed: weighed({ over: "small", live: "small", waiting: "small" }), look: "look-1" },
      "take",
    ],
    [
      "waits for people who decide on another recipe",
      { live: { package: "p" }, weighed: weighed({ over: "small", live: "small", waiting: "new" }), look: "look-1" },
      "wait",
    ],
    [
      "is stale where another recipe was released meanwhile",
      { live: { package: "p" }, weighed: weighed({ over: "small", live: "new" }), look: "look-1" },
      "stale",
    ],
    [
      "is there where its package is",
      { live: { package: "own" }, weighed: weighed({ over: "small", live: "large" }), look: "look-2" },
      "there",
    ],
    [
      "is there where its look brought what is there",
      { live, weighed: { ...weighed({ over: "small", live: "large" }), package: "q" }, look: "look-1" },
      "there",
    ],
  ])("%s", (_name, scene, fate) => {
    expect(judgeProposal(scene)).toBe(fate);
  });

  it("is heard once, and no more once it was decided on", () => {
    const heard = hearProposal(fresh, proposed);
    expect(heard.proposal).toEqual({ proposed });
    const waiting = { ...heard, proposal: { proposed, waitsFor: "c" } };
    expect(hearProposal(waiting, { ...proposed, sentence: "again" })).toBe(waiting);
    const answered = answerProposal(waiting, "look-1");
    expect(answered).toMatchObject({ proposal: undefined, answered: ["look-1"] });
    expect(hearProposal(answered, proposed)).toBe(answered);
    // A later experiment's goes before one that waits.
    expect(hearProposal(waiting, { ...proposed, look: "look-2" }).proposal).toMatchObject({
      proposed: { look: "look-2" },
    });
  });

  it("of another endpoint has its turn once those before it are decided on", () => {
    const waiting = hearProposal(fresh, proposed);
    const other = { ...proposed, endpoint: "counter", look: "look-2" };
    const heard = hearProposal(hearProposal(waiting, other), other);
    expect(heard).toMatchObject({ proposal: { proposed }, proposals: [other] });
    const third = { ...proposed, endpoint: "kiosk", look: "look-3" };
    const both = hearProposal(heard, third);
    expect(hearProposal(both, { ...other, look: "look-4" }).proposals?.map(({ look }) => look)).toEqual([
      "look-3",
      "look-4",
    ]);
    expect(answerProposal(both, "look-2")).toMatchObject({ proposal: { proposed }, proposals: [third] });
    const next = answerProposal(both, "look-1");
    expect(next).toMatchObject({ proposal: { proposed: other }, proposals: [third], answered: ["look-1"] });
    expect(answerProposal(answerProposal(next, "look-2"), "look-3")).toMatchObject({ proposal: undefined });
  });

  it("remembers what was decided on, up to a number", () => {
    const memory = Array.from({ length: 30 }, (_, i) => `look-${i}`).reduce(answerProposal, fresh);
    expect(memory.answered).toHaveLength(20);
    expect(memory.answered?.at(-1)).toBe("look-29");
  });

  it.each<[string, boolean, Parameters<typeof isProposalDue>]>([
    ["when nothing is under way", true, [{ proposed }, { generation: 1 }]],
    [
      "not while its own candidate waits",
      false,
      [
        { proposed, waitsFor: "c" },
        { generation: 1, candidate },
      ],
    ],
    ["again when a wish has made that void", true, [{ proposed, waitsFor: "c" }, { generation: 2 }]],
    ["not again in the generation in which it came to nothing", false, [{ proposed, after: 1 }, { generation: 1 }]],
    ["again in a later one", true, [{ proposed, after: 1 }, { generation: 2 }]],
    ["never where there is none", false, [undefined, { generation: 1 }]],
  ])("has its turn: %s", (_name, expected, given) => {
    expect(isProposalDue(...given)).toBe(expected);
  });

  it("says where a version comes from, and all that has lost to it", () => {
    expect(describeOrigin(proposed, weighed({ over: "small", live: "small" }), {})).toEqual(won);
    const later = describeOrigin(proposed, weighed({ over: "large", live: "large" }, "third"), { from: won });
    expect(later.lost).toEqual(["small", "large"]);
    // What lost once and wins now is released again as it gets new rows.
    const back = describeOrigin(proposed, weighed({ over: "large", live: "large" }, "small"), { from: won });
    expect(back.lost).toEqual(["large"]);
    expect(describeOrigin(proposed, weighed({ over: "small", live: "small" }, "small"), {}).lost).toEqual([]);
  });
});

describe("a candidate of the definition", () => {
  it.each<[string, LiveModel | undefined, string | undefined]>([
    ["is released where nothing is in production", undefined, "small"],
    ["is released over what won nothing", { ...live, from: undefined } as unknown as LiveModel, "small"],
    ["is released where it is made another way", live, "new"],
    ["is released where an older worker does not say how it is made", live, undefined],
  ])("%s", (_name, production, recipe) => {
    expect(sayLost("late", production, recipe)).toBeUndefined();
  });

  it("is not released over what won against it", () => {
    expect(sayLost("late", live, "small")).toBe(
      'version 2 stays in production: it won experiment "trees" on desk, and the definition describes what lost; give "late" the training of "large", or serve "large", and deploy',
    );
  });
});
