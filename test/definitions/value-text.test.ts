import { describe, expect, it } from "vitest";
import { z } from "zod";
import { formatProblems } from "../../framework/definitions/problem.ts";
import { describeValue } from "../../framework/definitions/value-text.ts";
import { flights } from "./flight-project.ts";

describe("a value in a message", () => {
  it.each<[unknown, string]>([
    [undefined, "nothing"],
    [null, "null"],
    ["a", '"a"'],
    ["a\nb\t\u001b[2J\u202e", '"a\\nb\\t\\u{001B}[2J\\u{202E}"'],
    ["x".repeat(1000), `"${"x".repeat(80)}…"`],
    [`${"x".repeat(79)}🌦🌦`, `"${"x".repeat(79)}…"`],
    ["s3://ops:hunter2hunter2@store", '"s3://ops:***@store"'],
    [Number.NaN, "NaN"],
    [-0, "-0"],
    [true, "true"],
    [12n, "the BigInt 12n"],
    [Symbol("a"), "a symbol"],
    [() => 1, "a function"],
    [[], "an empty list"],
    [[1, 2], "a list of 2"],
    [{}, "an empty object"],
    [{ a: 1, b: 2, c: 3, d: 4 }, 'an object with "a", "b", "c", …'],
    [Object.create(null), "an empty object"],
    [z.string(), "a zod schema"],
    [flights, 'dataset "flights"'],
    [
      new Proxy(
        {},
        {
          get() {
            throw new Error("closed");
          },
        },
      ),
      "an object that cannot be read",
    ],
  ])("is short, on a line, and hides nothing but secrets: %#", (value, text) => {
    expect(describeValue(value)).toBe(text);
  });
});

describe("a printed problem", () => {
  it("shows what a terminal would obey or hide, and one line for its place", () => {
    const problem = { code: "internal", at: "a\nb\u001b[2J", what: "wrong\u202e", got: "two\nlines" } as const;
    expect(formatProblems([problem])).toMatch(
      /^✖ wrong\\u\{202E\} \(got two\nlines\) — .+\n {2}→ at a\\nb\\u\{001B\}\[2J \[internal\]$/,
    );
  });

  it("gives the advice of the catalogue where it brings none, and the line of its file", () => {
    const problem = { code: "definition-duplicate", at: "a", what: "twice", file: "project.ts", line: 12 } as const;
    expect(formatProblems([problem])).toBe(
      "✖ twice — rename one of the two, or list it once\n  → at a (project.ts:12) [definition-duplicate]",
    );
  });
});
