import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Contract } from "../../framework/definitions/contract.ts";
import type { UniversalExpression } from "../../framework/definitions/create-expression.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { datasetSpec } from "../../framework/definitions/spec.ts";
import { dataset, features, parquet, patch, project } from "../../framework/index.ts";

const Stay = z.object({
  id: z.string(),
  arrival: z.number(),
  departure: z.number().nullable(),
  nights: z.int(),
  at: z.date(),
});
type Stays = z.output<typeof Stay>;

/** A row as a program has it that is not checked. */
type UniversalRow = Readonly<Record<string, UniversalExpression>>;

const declare = (contract: Contract<Stays>) =>
  dataset("stays", { owner: "o", schema: Stay, source: parquet("x"), eventTime: "at", contract });

const resolve = (contract: Contract<Stays>) => {
  const [spec] = resolveProject(project("hotel", { definitions: [declare(contract)] }), "local").definitions;
  return datasetSpec.parse(spec).contract;
};

/** What is wrong with a contract, whatever it is. */
function problemsOf(contract: unknown): readonly (readonly [string, string])[] {
  try {
    resolve(contract as Contract<Stays>);
    return [];
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return error.problems.map(({ code, at }) => [code, at] as const);
  }
}

describe("a contract", () => {
  it("has in its spec what was written, and nothing else", () => {
    expect(resolve({ violations: "quarantine" })).toEqual({ violations: "quarantine", tolerance: 0 });
    const more = { unique: ["id", "at"], rows: { min: 1 }, freshness: "2 days", evolution: "freeze" } as const;
    expect(resolve({ violations: "reject", ...more })).toEqual({ violations: "reject", tolerance: 0, ...more });
  });

  it("that asks nothing is the same as one that does not ask", () => {
    expect(resolve({ violations: "quarantine", unique: [], rules: () => ({}) })).toEqual(
      resolve({ violations: "quarantine" }),
    );
  });

  it("records its rules as trees, in the order in which they are written", () => {
    const { rules } = resolve({
      violations: "quarantine",
      rules: (row) => ({
        "leaves after it arrives": row.departure.gt(row.arrival),
        "at least a night": row.nights.gte(1).and(row.id.eq("test").not()),
      }),
    });
    expect(rules?.map(({ name }) => name)).toEqual(["leaves after it arrives", "at least a night"]);
    expect(rules?.[0]?.expression).toEqual({
      op: "gt",
      left: { op: "column", name: "departure" },
      right: { op: "column", name: "arrival" },
    });
  });

  const rule = (name: string) => ({
    violations: "quarantine",
    rules: (row: UniversalRow) => ({ [name]: row["nights"]?.gt(1) }),
  });

  it.each<[string, unknown, readonly (readonly [string, string])[]]>([
    [
      "names no column",
      { violations: "reject", unique: ["id", "room"] },
      [["column-unknown", "stays.contract.unique[1]"]],
    ],
    [
      "names one twice",
      { violations: "reject", unique: ["id", "id"] },
      [["definition-invalid", "stays.contract.unique"]],
    ],
    ["has rows of no number", { violations: "reject", rows: {} }, [["definition-invalid", "stays.contract.rows"]]],
    [
      "has half a row",
      { violations: "reject", rows: { min: 0.5 } },
      [["definition-invalid", "stays.contract.rows.min"]],
    ],
    ["allows no row", { violations: "reject", rows: { max: 0 } }, [["definition-invalid", "stays.contract.rows.max"]]],
    ["has rows as a list", { violations: "reject", rows: [1, 2] }, [["definition-invalid", "stays.contract.rows"]]],
    [
      "has its bounds the wrong way round",
      { violations: "reject", rows: { min: 2, max: 1 } },
      [["definition-invalid", "stays.contract.rows"]],
    ],
    [
      "has an age without a unit",
      { violations: "reject", freshness: "2" },
      [["definition-invalid", "stays.contract.freshness"]],
    ],
    [
      "allows no age",
      { violations: "reject", freshness: "0 days" },
      [["definition-invalid", "stays.contract.freshness"]],
    ],
    [
      "grows as it likes",
      { violations: "reject", evolution: "any" },
      [["definition-invalid", "stays.contract.evolution"]],
    ],
    [
      "asks of rows that it accepts",
      { violations: "accept", unique: ["id"], rules: rule("a").rules },
      [
        ["definition-invalid", "stays.contract.unique"],
        ["definition-invalid", "stays.contract.rules"],
      ],
    ],
    ["has a rule without a name", rule(""), [["name-invalid", "stays.contract.rules."]]],
    ["has a rule with a space around its name", rule(" a"), [["name-invalid", "stays.contract.rules. a"]]],
    ["has a rule with a long name", rule("a".repeat(81)), [["name-invalid", `stays.contract.rules.${"a".repeat(81)}`]]],
    [
      "has a rule that is no truth",
      { violations: "reject", rules: (row: UniversalRow) => ({ a: row["nights"]?.add(1) }) },
      [["expression-invalid", "stays.contract.rules.a"]],
    ],
    [
      "has a rule that reads no column",
      { violations: "reject", rules: (row: UniversalRow) => ({ a: row["rooms"]?.gt(1) }) },
      [["column-unknown", "stays.contract.rules.a"]],
    ],
    [
      "has a rule over other rows",
      {
        violations: "reject",
        rules: (row: UniversalRow) => ({ a: row["nights"]?.sum({ by: [], over: "1 day", lag: "1 hour" }).gt(1) }),
      },
      [["expression-invalid", "stays.contract.rules.a"]],
    ],
    [
      "has a rule that is no expression",
      { violations: "reject", rules: () => ({ a: true }) },
      [["definition-invalid", "stays.contract.rules.a"]],
    ],
    ["has rules that are none", { violations: "reject", rules: "a" }, [["definition-invalid", "stays.contract.rules"]]],
    [
      "has rules of nothing",
      { violations: "reject", rules: () => 1 },
      [["definition-invalid", "stays.contract.rules"]],
    ],
  ])("is refused where it %s", (_, contract, problems) => {
    expect(problemsOf(contract)).toEqual(problems);
  });

  it("that cannot be read fails no builder, and is refused with the others", () => {
    const getter = {
      violations: "reject",
      get rules(): never {
        throw new Error("go away");
      },
    };
    expect(problemsOf(getter)).toEqual([["definition-invalid", "stays.contract.rules"]]);
    const proxy = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error("go away");
        },
      },
    );
    expect(problemsOf(proxy)).toEqual([["definition-invalid", "stays.contract"]]);
    class Strict {
      readonly violations = "reject";
      readonly rules = () => ({});
    }
    expect(problemsOf(new Strict())).toEqual([["definition-invalid", "stays.contract"]]);
  });

  it("has names of any length that a person reads", () => {
    expect(problemsOf(rule("ä".repeat(80)))).toEqual([]);
  });

  it("is taken over by a patch with its rules, and changed in the rest", () => {
    const stays = declare({ violations: "quarantine", rules: (row) => ({ "a night": row.nights.gte(1) }) });
    const hotel = project("hotel", {
      definitions: [stays, features("nights", stays, (row) => ({ nights: row.nights }))],
      environments: { strict: { override: [patch(stays, { contract: { ...stays.contract, violations: "reject" } })] } },
    });
    const [spec] = resolveProject(hotel, "strict").definitions;
    expect(datasetSpec.parse(spec).contract).toMatchObject({ violations: "reject", rules: [{ name: "a night" }] });
  });
});
