import { describe, expect, it } from "vitest";
import { formatConsequence, formatPlan, formatPlanMarkdown } from "../../framework/cli/plan-text.ts";
import type { Consequence, DefinitionPlan } from "../../framework/plan/consequence.ts";
import type { Plan } from "../../framework/plan/plan.ts";

const train: Consequence = { step: "train", subject: "spending", certainty: { kind: "will" }, why: "the model is new" };

function planOf(...definitions: readonly Partial<DefinitionPlan>[]): Plan {
  const whole = definitions.map(
    (given) =>
      ({ kind: "model", name: "spender", change: "update", differences: [], consequences: [], ...given }) as const,
  );
  return {
    project: "shop",
    environment: "local",
    facts: "f".repeat(64),
    definitions: whole,
    changes: whole.some(({ change }) => change !== "none"),
  };
}

/** The cells of the only row of a plan's table, as GitHub splits them: a pipe after an odd number of backslashes is no border. */
function cellsOf(markdown: string): string[] {
  const row = markdown.split("\n")[4] ?? "";
  return (row.match(/(?:\\.|[^|\\])+/g) ?? []).map((cell) => cell.trim());
}

describe("a consequence", () => {
  it.each<[string, Partial<Consequence>, string]>([
    ["is certain", {}, "will: train spending — the model is new"],
    [
      "hangs on a condition",
      { certainty: { kind: "if", condition: "the gates pass" } },
      "if the gates pass: train spending — the model is new",
    ],
    [
      "is open",
      { certainty: { kind: "unknown", until: "ingest of visits" } },
      "unknown until ingest of visits: train spending — the model is new",
    ],
    ["has run before", { seconds: 135 }, "will: train spending — the model is new (about 2 min 15 s)"],
  ])("that %s", (_title, given, text) => {
    expect(formatConsequence({ ...train, ...given })).toBe(text);
  });
});

describe("a plan for a terminal", () => {
  it("without changes says so in one line", () => {
    expect(formatPlan(planOf({ change: "none" }))).toBe(
      "Plan of shop in local: no changes. What is deployed is what is defined.",
    );
  });

  it("shows what changes and leaves out what does not", () => {
    const differences = [
      { path: "gates[0].value", before: 0.6, after: 0.7 },
      { path: "baseline", after: "hour" },
      { path: "obligations", before: { retention: "1 day" } },
    ];
    const text = formatPlan(planOf({ name: "still", change: "none" }, { differences, consequences: [train] }));
    expect(text).toBe(`Plan of shop in local:

~ model spender (update)
    gates[0].value: 0.6 → 0.7
    baseline: nothing → "hour"
    obligations: {"retention":"1 day"} → nothing
    → will: train spending — the model is new

1 step will run; there is no history yet to estimate the time from.`);
  });

  it("shortens a long value", () => {
    const [line = ""] = formatPlan(planOf({ differences: [{ path: "label", after: "x".repeat(300) }] }))
      .split("\n")
      .slice(3);
    expect(line).toMatch(/^ {4}label: nothing → "x{76}…$/);
  });

  it.each<[DefinitionPlan["change"], string]>([
    ["create", "+ model spender (create)"],
    ["update", "~ model spender (update)"],
    ["retry", "↻ model spender (retry)"],
    ["remove", "- model spender (remove)"],
  ])("marks a %s", (change, line) => {
    expect(formatPlan(planOf({ change })).split("\n")[2]).toBe(line);
  });

  it.each<[string, readonly Consequence[], string]>([
    ["nothing is certain", [{ ...train, certainty: { kind: "if", condition: "x" } }], "Nothing is certain to run."],
    [
      "all have run before",
      [
        { ...train, seconds: 60 },
        { ...train, seconds: 5 },
      ],
      "2 steps will run, about 1 min 5 s by the last runs.",
    ],
    [
      "some have not",
      [{ ...train, seconds: 60 }, train],
      "2 steps will run; 1 of them took 1 min last time, 1 has not run yet.",
    ],
  ])("tells the time when %s", (_title, consequences, total) => {
    expect(formatPlan(planOf({ consequences })).split("\n").at(-1)).toBe(total);
  });
});

describe("a plan as Markdown", () => {
  it("without changes says so", () => {
    expect(formatPlanMarkdown(planOf({ change: "none" }))).toBe("### Plan of `shop` in `local`\n\nNo changes.");
  });

  it("is a row for each definition that changes", () => {
    const markdown = formatPlanMarkdown(
      planOf({ differences: [{ path: "seed", before: 1, after: 2 }], consequences: [train, train] }),
    );
    expect(cellsOf(markdown)).toEqual([
      "update",
      "model **spender**",
      "`seed: 1 → 2`",
      "will: train spending — the model is new<br>will: train spending — the model is new",
    ]);
    expect(markdown).toMatch(/\n<sub>facts f{12}<\/sub>$/);
  });

  it.each<[string, string, string]>([
    ["a pipe", "a|b", "<code>owner: nothing → &#34;a&#124;b&#34;</code>"],
    ["a backtick", "a`b", "<code>owner: nothing → &#34;a&#96;b&#34;</code>"],
    ["a line break", "a\nb", "<code>owner: nothing → &#34;a&#92;nb&#34;</code>"],
    ["a tag", "<b>", '`owner: nothing → "<b>"`'],
  ])("keeps %s within the cell of a difference", (_title, value, cell) => {
    expect(cellsOf(formatPlanMarkdown(planOf({ differences: [{ path: "owner", after: value }] })))[2]).toBe(cell);
  });

  it.each<[string, string, string]>([
    ["a pipe", "a|b", "a\\|b"],
    ["a backslash before a pipe", "a\\|b", "a\\\\\\|b"],
    ["line breaks", "a\r\n  b", "a b"],
    ["emphasis and tags", "*a* <b> _c_", "\\*a\\* \\<b\\> \\_c\\_"],
  ])("takes %s in a reason for what it is", (_title, why, shown) => {
    expect(cellsOf(formatPlanMarkdown(planOf({ consequences: [{ ...train, why }] })))).toHaveLength(4);
    expect(cellsOf(formatPlanMarkdown(planOf({ consequences: [{ ...train, why }] })))[3]).toBe(
      `will: train spending — ${shown}`,
    );
  });
});
