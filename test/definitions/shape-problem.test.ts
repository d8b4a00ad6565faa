import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Problem } from "../../framework/definitions/problem.ts";
import { formatPath, reportShape } from "../../framework/definitions/shape-problem.ts";

const shape = z.strictObject({
  owner: z.string().min(1),
  share: z.number().min(0).max(1).optional(),
  seed: z.int().positive().optional(),
  risk: z.enum(["low", "high"]).optional(),
  from: z.array(z.string()).min(1).optional(),
  size: z
    .string("a size")
    .regex(/^\d+ GiB$/, "a size")
    .optional(),
  approval: z.union([z.strictObject({ count: z.int() }), z.literal("waived")]).optional(),
  rule: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("atLeast"), value: z.number() }),
      z.strictObject({ kind: z.literal("atMost"), value: z.number() }),
    ])
    .optional(),
});

function findProblems(value: unknown): string[] {
  const problems: Problem[] = [];
  const isSound = reportShape(shape, value, { subject: 'ride "a"', at: "a", report: (one) => problems.push(one) });
  expect(isSound).toBe(problems.length === 0);
  return problems.map(
    ({ code, at, what, got = "", expected = "", fix = "" }) => `${code} ${at}: ${what} | ${got} | ${expected} | ${fix}`,
  );
}

describe("what has not its shape", () => {
  it("is nothing where it has", () => {
    expect(
      findProblems({ owner: "a", share: 0.5, approval: { count: 1 }, rule: { kind: "atMost", value: 1 } }),
    ).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["is missing", { owner: undefined }, 'definition-invalid a.owner: "owner" is missing |  | a text | add it'],
    ["is of another kind", { owner: 1 }, 'definition-invalid a.owner: "owner" takes no such value | 1 | a text | '],
    ["is empty", { owner: "" }, 'definition-invalid a.owner: "owner" is empty | "" | a text | '],
    ["is an empty list", { from: [] }, 'definition-invalid a.from: "from" is empty | an empty list | one at least | '],
    [
      "is wrong in a list",
      { from: ["a", 2] },
      'definition-invalid a.from[1]: "from[1]" takes no such value | 2 | a text | ',
    ],
    ["is too small", { share: -1 }, 'definition-invalid a.share: "share" is out of range | -1 | at least 0 | '],
    ["is too large", { share: 2 }, 'definition-invalid a.share: "share" is out of range | 2 | at most 1 | '],
    ["is not above a bound", { seed: 0 }, 'definition-invalid a.seed: "seed" is out of range | 0 | more than 0 | '],
    ["is a fraction", { seed: 0.5 }, 'definition-invalid a.seed: "seed" takes no such value | 0.5 | a whole number | '],
    [
      "is nearly one of some words",
      { risk: "hihg" },
      'definition-invalid a.risk: "risk" takes no such value | "hihg" | "low", "high" | did you mean "high"?',
    ],
    [
      "has another form",
      { size: "4 GB" },
      'definition-invalid a.size: "size" takes no such value | "4 GB" | a size | ',
    ],
    [
      "is none of two alternatives",
      { approval: 3 },
      'definition-invalid a.approval: "approval" takes no such value | 3 | { count } or "waived" | ',
    ],
    [
      "is wrong within the alternative that was meant",
      { approval: { count: 0.5 } },
      'definition-invalid a.approval.count: "count" takes no such value | 0.5 | a whole number | ',
    ],
    [
      "is of no kind that there is",
      { rule: { kind: "about", value: 1 } },
      'definition-invalid a.rule: "rule" takes no such value | "about" | atLeast, atMost | ',
    ],
    [
      "has an option too many",
      { onwer: "b" },
      'option-unknown a.onwer: ride "a" has no option "onwer" |  | owner, share, seed, risk, from, size, approval | did you mean "owner"?',
    ],
    [
      "has an option too many within",
      { approval: { count: 1, by: 2 } },
      'option-unknown a.approval.by: "approval" has no option "by" |  | count | leave it out',
    ],
  ])("is told: it %s", (_, changes, problem) => {
    expect(findProblems({ owner: "a", ...changes })).toEqual([problem]);
  });

  it("is told once where there are no options at all", () => {
    expect(findProblems({ options: null })).toEqual([
      'definition-invalid a: ride "a" is given no options | nothing | { owner, share, seed, risk, from, size, approval } | give them in braces',
    ]);
  });
});

describe("a place", () => {
  it("is a path as it is written, on one line, without the middle of a long one", () => {
    expect(formatPath("a", ["b", 1, "c"])).toBe("a.b[1].c");
    expect(formatPath("a", ["b\nc\u202e"])).toBe("a.b\\nc\\u{202E}");
    expect(formatPath("a", Array<string>(40).fill("of"))).toBe(`a${".of".repeat(9)}.….of.of`);
  });
});
