import { describe, expect, it } from "vitest";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { Candidate, EntityStatus, LiveModel } from "../../framework/engine/entity-status.ts";
import { decideApproval, describeApprovers, describeDecision, planRollback } from "../../workflows/model/decisions.ts";
import { decision, wishModel } from "./wishes.ts";

const desired = wishModel({ spec: "spender", training: "one" }).desired as DesiredModel;

function waiting(change: Partial<Candidate> = {}): EntityStatus {
  const policy = { from: ["bob", "eve"], count: 1 };
  const candidate: Candidate = {
    digest: "digest-of-candidate",
    package: "p",
    evaluation: "e",
    run: "r",
    desired,
    policy,
    approvals: [],
    ...change,
  };
  return {
    format: "entity-status/1",
    kind: "model",
    name: "spender",
    owner: "shop/local",
    actor: { id: "bob", via: "test" },
    generation: 1,
    settled: 1,
    state: "awaiting-approval",
    summary: "",
    reasons: [],
    digest: "",
    desired,
    durations: {},
    candidate,
  };
}

describe("an approval", () => {
  const two = { from: ["bob", "eve", "tom"], count: 2 };
  const cases: readonly [title: string, status: EntityStatus, by: string, expected: object][] = [
    ["of one who may is enough", waiting(), "eve", { approvals: ["eve"], complete: true }],
    ["of the author counts where the policy does not mind", waiting(), "bob", { approvals: ["bob"], complete: true }],
    ["is one of two", waiting({ policy: two }), "eve", { approvals: ["eve"], complete: false }],
    [
      "is the second of two",
      waiting({ policy: two, approvals: ["eve"] }),
      "tom",
      { approvals: ["eve", "tom"], complete: true },
    ],
    [
      "of the author is refused where the policy says so",
      waiting({ policy: { from: ["bob"], count: 1, notBy: "author" } }),
      "bob",
      { refusal: { message: expect.stringContaining("asked for this version") } },
    ],
    [
      "of a stranger is refused",
      waiting(),
      "ann",
      { refusal: { message: `"ann" may not approve model "spender"`, fix: "ask bob or eve; name yourself with --as" } },
    ],
    [
      "twice by one person is refused",
      waiting({ policy: two, approvals: ["eve"] }),
      "eve",
      { refusal: { message: `"eve" has approved already` }, approvals: ["eve"] },
    ],
  ];
  it.each(cases)("%s", (_title, status, by, expected) => {
    expect(decideApproval(status, decision(by, "digest-of-candidate"))).toMatchObject({ complete: false, ...expected });
  });

  it("of another candidate is void", () => {
    const { refusal, complete } = decideApproval(waiting(), decision("eve", "digest-of-earlier"));
    expect(complete).toBe(false);
    expect(refusal?.message).toContain("digest-of-ea, but digest-of-ca waits now");
  });

  it("is refused when nothing waits", () => {
    const { refusal } = decideApproval({ ...waiting(), candidate: undefined }, decision("eve", "digest-of-candidate"));
    expect(refusal?.message).toBe(`model "spender" has no candidate that waits for approval`);
  });
});

describe("describeApprovers", () => {
  it.each([
    [["ops-lead"], 1, "ops-lead"],
    [["ann", "bob"], 2, "ann and bob"],
    [["ann", "bob", "eve"], 2, "2 of ann, bob, eve"],
  ])("of %j, %i", (from, count, text) => {
    expect(describeApprovers({ from, count })).toBe(text);
  });
});

describe("a rollback", () => {
  const release = (version: number, digest: string): LiveModel => ({
    kind: "model",
    version,
    package: digest,
    evaluation: "e",
    run: "r",
    desired,
    fence: version,
  });
  const releases = [release(1, "a"), release(2, "b"), release(3, "b"), release(4, "c")];
  const message = (to?: number) => ({
    actor: { id: "ops", via: "test" } as const,
    reason: "",
    ...(to === undefined ? {} : { to }),
  });

  it.each([
    ["goes to the version before", releases, undefined, 3],
    ["skips versions of the package in production", releases.slice(0, 3), undefined, 1],
    ["goes to the version that is asked for", releases, 1, 1],
    ["cannot go to the version in production", releases, 4, undefined],
    ["cannot go to a version that never was", releases, 9, undefined],
    ["cannot go anywhere from the first version", releases.slice(0, 1), undefined, undefined],
    ["cannot go anywhere when nothing was released", [], undefined, undefined],
  ])("%s", (_title, past, to, expected) => {
    const { target, refusal } = planRollback(past, message(to));
    expect(target?.version).toBe(expected);
    expect(refusal === undefined).toBe(expected !== undefined);
  });

  it("names the earlier versions when it is refused", () => {
    expect(planRollback(releases, message(9)).refusal).toEqual({
      message: "there is no earlier version 9 to go back to",
      fix: "earlier versions: 1, 2, 3",
    });
  });
});

describe("a decision in words", () => {
  it.each([
    ["approved", ["bob", "eve"], "", "approved by bob, eve"],
    ["rejected", ["eve"], "unfair to night flights", "rejected by eve: unfair to night flights"],
  ])("%s by %j for %o", (decided, by, reason, words) => {
    expect(describeDecision(decided, { by, reason })).toBe(words);
  });
});
