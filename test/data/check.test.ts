import { describe, expect, it } from "vitest";
import { z } from "zod";
import { planCheck, readFindings } from "../../framework/data/check.ts";
import { planKept, planRules } from "../../framework/data/contract.ts";
import { convertColumn, findBand } from "../../framework/data/conversion.ts";
import { judgeFindings } from "../../framework/data/refusal.ts";
import { openSource } from "../../framework/data/source.ts";
import type { ExpressionTree } from "../../framework/definitions/expression-tree.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { takePart } from "../support/drawn.ts";
import { type TestColumn, testSpec, useIngest } from "./ingesting.ts";

const data = useIngest();
const row = z.record(z.string(), z.unknown());

/** Checks a CSV file of these lines, and shows what became of its rows. */
async function check(spec: DatasetSpec, lines: readonly string[]) {
  const path = await data.write(`${lines.join("\n")}\n`);
  return data.duckDb(async (db) => {
    const plan = planCheck(spec, await openSource(db, spec, path));
    await db.run(plan.statement);
    const findings = await readFindings(db, spec, plan);
    const [judgement] = await db.rows(plan.judgement, z.object({ rows: z.coerce.number(), broken: z.coerce.number() }));
    return {
      findings,
      judgement,
      good: await db.rows(`SELECT ${plan.values} FROM checked WHERE broken IS NULL`, row),
      bad: await db.rows(`SELECT ${plan.quarantined} FROM checked WHERE broken IS NOT NULL ORDER BY position`, row),
      refusal: judgeFindings({ ...spec, contract: { ...spec.contract, tolerance: 0.1 } }, findings, path),
    };
  });
}

type Contract = DatasetSpec["contract"];
const contract = (more: Partial<Contract>) => ({
  contract: { violations: "quarantine" as const, tolerance: 1, ...more },
});
const code: TestColumn = { name: "code", type: "string", nullable: true };
const amount: TestColumn = { name: "amount", type: "integer", nullable: true };
const column = (name: string): ExpressionTree => ({ op: "column", name });
const reasons = (bad: readonly Record<string, unknown>[]) => bad.map((one) => [one["__position"], one["__reasons"]]);

const bounds = [{}, { min: -0.5 }, { max: 1.25 }, { min: 0.5, max: 2 }, { min: 3, max: 1 }, { max: 1e306 }];

describe("columns that are unique", () => {
  it("let the first row in the file pass and set the later ones apart, each with the row that it repeats", async () => {
    const spec = testSpec([code, amount], contract({ unique: ["code", "amount"] }));
    const { bad, good, findings, judgement, refusal } = await check(spec, [
      "t,code,amount",
      "2024-01-03,a,1",
      "2024-01-02,b,1",
      "2024-01-01,a,1",
      "2024-01-01,a,2",
      "2024-01-01,a,1.0",
    ]);
    expect(reasons(bad)).toEqual([
      ["3", ["code, amount repeats row 1"]],
      ["5", ["code, amount repeats row 1"]],
    ]);
    expect(good).toHaveLength(3);
    expect(judgement).toEqual({ rows: 5, broken: 2 });
    expect(findings.breaches).toEqual([
      {
        column: "code, amount",
        reason: "repeats an earlier row",
        rows: 2,
        examples: [
          { position: 3, value: 'code "a", amount "1"' },
          { position: 5, value: 'code "a", amount "1.0"' },
        ],
      },
    ]);
    expect(refusal?.problems[1]).toMatchObject({
      at: "things.contract.unique",
      what: '"code, amount" repeats an earlier row in 2 rows',
      got: '(code "a", amount "1") in row 3, (code "a", amount "1.0") in row 5',
    });
  });

  it("compare no row that has a null in one of them, or a value of another type", async () => {
    const spec = testSpec([code, amount], contract({ unique: ["amount", "code"] }));
    const lines = ["t,code,amount", "2024-01-01,a,", "2024-01-01,a,", "2024-01-01,a,x", "2024-01-01,a,x"];
    expect(reasons((await check(spec, lines)).bad)).toEqual([
      ["3", ["amount is not an integer"]],
      ["4", ["amount is not an integer"]],
    ]);
  });

  it("are asked of no row where violations are accepted", async () => {
    const spec = testSpec([code], contract({ violations: "accept", unique: ["code"] }));
    expect((await check(spec, ["t,code", "2024-01-01,a", "2024-01-01,a"])).bad).toEqual([]);
  });
});

describe("rules of the contract's own", () => {
  const rules: NonNullable<Contract["rules"]> = [
    {
      name: "the amount is below the limit",
      expression: { op: "lt", left: column("amount"), right: column("limit") },
    },
    { name: "half is not one", expression: { op: "not", of: { op: "eq", left: halved(), right: one() } } },
  ];

  function halved(): ExpressionTree {
    return { op: "divide", left: column("amount"), right: { op: "literal", value: 2 } };
  }
  function one(): ExpressionTree {
    return { op: "literal", value: 1 };
  }

  it("hold integers as fractions, pass over nulls, and are told by their names", async () => {
    const columns: TestColumn[] = [amount, { name: "limit", type: "number", nullable: true }];
    const { bad, findings, judgement, refusal } = await check(testSpec(columns, contract({ rules })), [
      "t,amount,limit",
      "2024-01-01,1,1.5",
      "2024-01-01,3,1.5",
      "2024-01-01,,1",
      "2024-01-01,5,",
      "2024-01-01,2,2",
    ]);
    expect(reasons(bad)).toEqual([
      ["2", ["the amount is below the limit"]],
      ["5", ["the amount is below the limit", "half is not one"]],
    ]);
    expect(judgement).toEqual({ rows: 5, broken: 2 });
    expect(findings.breaches[0]).toEqual({
      column: "",
      reason: "the amount is below the limit",
      rows: 2,
      examples: [
        { position: 2, value: 'amount "3", limit "1.5"' },
        { position: 5, value: 'amount "2", limit "2"' },
      ],
    });
    expect(refusal?.problems[1]).toMatchObject({
      at: "things.contract.rules.the amount is below the limit",
      what: 'the rule "the amount is below the limit" does not hold in 2 rows',
      got: '(amount "3", limit "1.5") in row 2, (amount "2", limit "2") in row 5',
    });
  });

  it("reckon in fractions, where integers would overflow", async () => {
    const square: ExpressionTree = { op: "multiply", left: column("amount"), right: column("amount") };
    const rule = {
      name: "small",
      expression: { op: "lt", left: square, right: { op: "literal", value: 10 } },
    } as const;
    const spec = testSpec([amount], contract({ rules: [rule] }));
    const { bad } = await check(spec, ["t,amount", "2024-01-01,9007199254740991", "2024-01-01,3"]);
    expect(reasons(bad)).toEqual([["1", ["small"]]]);
  });

  it("may read columns of any name", async () => {
    const odd: TestColumn = { name: `bad position "value0"`, type: "boolean" };
    const rule = { name: "it's so", expression: column(odd.name) };
    const spec = testSpec([odd], contract({ rules: [rule] }));
    const lines = [`t,"bad position ""value0"""`, "2024-01-01,true", "2024-01-01,false"];
    expect(reasons((await check(spec, lines)).bad)).toEqual([["2", ["it's so"]]]);
  });
});

describe("a column with a pattern", () => {
  it("says which pattern a value does not match", async () => {
    const spec = testSpec([{ ...code, patterns: ["/^[A-Z]{2}$/", "/^.A/u"] }]);
    const { bad } = await check(spec, ["t,code", "2024-01-01,AA", "2024-01-01,ab", "2024-01-01,", "2024-01-01,AB"]);
    expect(reasons(bad)).toEqual([
      ["2", ["code does not match /^[A-Z]{2}$/", "code does not match /^.A/u"]],
      ["4", ["code does not match /^.A/u"]],
    ]);
  });
});

describe("evolution", () => {
  const lines = ["t,code,note", "2024-01-01,a,x"];
  const open = (columns: TestColumn[], more: Partial<Contract>) => check(testSpec(columns, contract(more)), lines);

  it("that adds columns reads those that a file may lack as nulls, and no others", async () => {
    const optional: TestColumn[] = (["string", "integer", "number", "boolean", "timestamp"] as const).map((type) => ({
      name: `new ${type}`,
      type,
      nullable: true,
      ...(type === "string" && { values: ["a"] }),
      ...(type === "number" && { min: 1 }),
    }));
    const { good, bad } = await open([code, ...optional], { evolution: "add-columns" });
    expect(bad).toEqual([]);
    const nulls = Object.fromEntries(optional.map(({ name }) => [name, null]));
    expect(good).toEqual([{ t: "2024-01-01 00:00:00", code: "a", ...nulls }]);
    const required: TestColumn = { name: "new", type: "string" };
    await expect(open([code, required], { evolution: "add-columns" })).rejects.toThrow('The source lacks "new"');
    await expect(open([code, ...optional], {})).rejects.toThrow('The source lacks "new string"');
  });

  it("that freezes refuses columns that the schema lacks", async () => {
    await expect(open([code], { evolution: "freeze" })).rejects.toMatchObject({
      problems: [{ code: "source-columns-frozen", at: "things.source", got: '"note"' }],
    });
    const all: TestColumn[] = [code, { name: "note", type: "string" }];
    expect((await open(all, { evolution: "freeze" })).bad).toEqual([]);
  });
});

describe("the conditions that are asked of every row", () => {
  it("are true of the rows that break no rule, and of no others", async () => {
    const columns: TestColumn[] = [
      { name: "i", type: "integer", min: -0.5, max: 2 },
      { name: "j", type: "integer", max: 1e21, nullable: true },
      { name: "n", type: "number", min: 0.5, max: 1.5, nullable: true },
      { name: "m", type: "number", max: 1 },
      { name: "s", type: "string", minLength: 1, maxLength: 2, nullable: true },
      { name: "u", type: "string", minLength: 2, values: ["ab", "b"], patterns: ["/a/"] },
      { name: "e", type: "string", values: [], nullable: true },
      { name: "b", type: "boolean", nullable: true },
    ];
    const texts = ["NULL", "''", "'a'", "'ab'", "'b'", "'abc'"].join(", ");
    const numbers = ["NULL", "0", "-1", "1", "2", "3", "0.5", "1.5", "-0.5", "1e300"].join(", ");
    for (const violations of ["quarantine", "accept"] as const) {
      const spec = testSpec(columns, contract({ violations }));
      const at = (index: number, raw: string, value: string) => ({ raw: `${raw}${index}`, value: `${value}${index}` });
      const places = spec.columns.map((_, index) => at(index, "raw", "value"));
      const rules = planRules(spec, places).map(({ broken }) => broken);
      const values = spec.columns.map(({ type }, index) => {
        const given = type === "string" ? texts : numbers;
        const cast = {
          string: "VARCHAR",
          integer: "BIGINT",
          number: "DOUBLE",
          boolean: "BOOLEAN",
          timestamp: "BIGINT",
          vector: "DOUBLE[]",
        };
        const pick = `([${given}])[1 + (hash(i * ${index + 3}) % ${given.split(",").length})::INT]`;
        return `${pick}::VARCHAR AS raw${index}, TRY_CAST(${pick} AS ${cast[type]}) AS value${index}`;
      });
      const [counted] = await data.duckDb((db) =>
        db.rows(
          `SELECT count(*) AS rows, count_if(kept) AS kept, count_if(kept = broken) AS differing FROM (
             SELECT coalesce(${planKept(spec, places).join(" AND ")}, false) AS kept,
               coalesce(${rules.join(" OR ")}, false) AS broken
             FROM (SELECT ${values.join(", ")} FROM range(200000) r(i)))`,
          z.record(z.string(), z.coerce.number()),
        ),
      );
      expect(counted?.["differing"]).toBe(0);
      expect(counted?.["kept"]).toBeGreaterThan(100);
    }
  });

  const numbers = ["NULL", "0", "-1", "1", "2", "0.5", "1.5", "-0.25"];
  const far = ["1e300", "-1e300", "'NaN'", "'Infinity'", "'-Infinity'", "9007199254740992", "-9007199254740993"];
  const times = ["NULL", "'0001-01-01'", "'0000-12-31'", "'9999-12-31'", "'10000-01-01'", "'2024-05-05'", "'infinity'"];
  it.each<[string, readonly string[], readonly TestColumn["type"][]]>([
    ["DOUBLE", [...numbers, ...far], ["number", "integer"]],
    ["FLOAT", [...numbers, ...far.slice(2)], ["number", "integer"]],
    ["DECIMAL(18, 2)", numbers, ["number", "integer"]],
    ["TINYINT", ["NULL", "0", "-1", "1", "2"], ["number", "integer"]],
    [
      "BIGINT",
      ["NULL", "0", "1", "2", "9007199254740991", "9007199254740992", "-9007199254740993"],
      ["integer", "number"],
    ],
    ["UBIGINT", ["NULL", "0", "1", "2", "18446744073709551615"], ["integer", "number"]],
    ["HUGEINT", ["NULL", "0", "1", "2", "-170141183460469231731687303715884105728"], ["integer", "number"]],
    ["DATE", times, ["timestamp"]],
    ["TIMESTAMP", times, ["timestamp"]],
  ])("are so of the values of a file with types: %s", async (given, values, types) => {
    for (const type of types) {
      for (const limits of takePart(bounds, 2)) {
        for (const [nullable, violations] of [
          [true, "quarantine"],
          [false, "quarantine"],
          [false, "accept"],
        ] as const) {
          const column: TestColumn = { name: "x", type, nullable, ...(type !== "timestamp" && limits) };
          const spec = testSpec([column], contract({ violations }));
          const raw = { sql: "raw", type: given };
          const conversion = convertColumn({ type }, raw);
          const spot = { raw: "raw", value: "value", band: findBand(type, raw) };
          const places = [{ raw: "time", value: "time" }, spot];
          const [counted] = await data.duckDb((db) =>
            db.rows(
              `SELECT count(*) AS rows, count_if(kept = broken) AS differing FROM (
                 SELECT coalesce(${planKept(spec, places).join(" AND ")}, false) AS kept,
                   coalesce(${planRules(spec, places)
                     .map(({ broken }) => broken)
                     .join(" OR ")}, false) AS broken
                 FROM (SELECT *, ${conversion} AS value FROM (
                   SELECT TIMESTAMP '2024-01-01' AS time, unnest([${values.map((value) => `CAST(${value} AS ${given})`).join(", ")}]) AS raw)))`,
              z.record(z.string(), z.coerce.number()),
            ),
          );
          expect([column, counted]).toEqual([column, { rows: values.length, differing: 0 }]);
        }
      }
    }
  });
});
