import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DerivationStep } from "../../../framework/definitions/derivation-step.ts";
import { StewardError } from "../../../framework/definitions/problem.ts";
import { column, literal } from "../../features/given.ts";
import { findLatest, type Row as TimedRow } from "../../features/oracle.ts";
import { takeCount } from "../../support/drawn.ts";
import { columns, someRows, sortRows, useDerivation } from "./deriving.ts";
import { applyStep, type Row } from "./oracle.ts";

const given = useDerivation();
const names = ["t", ...columns.map(({ name }) => name)];
const day = 86_400_000_000;

/** Holds what a step makes of many small tables against what it means. */
async function holdAgainst(
  steps: readonly DerivationStep[],
  means: (rows: readonly Row[]) => Row[],
  { gives = columns, numRuns = takeCount(12, 5), rows: tables = someRows } = {},
): Promise<void> {
  const all = ["t", ...gives.map(({ name }) => name)];
  await fc.assert(
    fc.asyncProperty(tables, async (rows) => {
      const { rows: found } = await given.derive({ columns, rows }, steps, { gives });
      expect(sortRows(found, all)).toEqual(sortRows(means(rows), all));
    }),
    { numRuns, seed: 1 },
  );
}

const isPositive = { op: "gt", left: column("n"), right: literal(0) } as const;

describe("a step", () => {
  it("filters: keeps the rows of which the condition is true", () =>
    holdAgainst([{ step: "filter", condition: isPositive }], (rows) =>
      rows.filter(({ n }) => n !== null && Number(n) > 0),
    ));

  it("derives columns from the row as it was before, and what overflows is missing", () => {
    const product = { op: "multiply", left: column("n"), right: literal(1e300) } as const;
    const negative = { op: "negate", of: column("i") } as const;
    const steps: DerivationStep[] = [
      {
        step: "derive",
        columns: [
          { name: "i", expression: negative },
          { name: "large", expression: product },
          { name: "n", expression: column("i") },
          { name: "same", expression: { op: "eq", left: column("s"), right: literal("é") } },
        ],
      },
    ];
    const gives = [...columns, { name: "large", type: "number" }, { name: "same", type: "boolean" }] as const;
    return holdAgainst(
      steps,
      (rows) =>
        rows.map((row) => ({
          ...row,
          i: row["i"] === null ? null : 0 - Number(row["i"]),
          n: row["i"] ?? null,
          large: row["n"] === null || !Number.isFinite(Number(row["n"]) * 1e300) ? null : Number(row["n"]) * 1e300 + 0,
          same: row["s"] === null ? null : row["s"] === "é",
        })),
      { gives: gives as never },
    );
  });

  it("casts: what cannot be made another kind is null", () => {
    const steps: DerivationStep[] = [
      {
        step: "cast",
        columns: [
          { name: "b", to: "number" },
          { name: "i", to: "string" },
          { name: "s", to: "number" },
        ],
      },
    ];
    const gives = [
      { name: "b", type: "number" },
      { name: "i", type: "string" },
      { name: "s", type: "number" },
    ];
    return holdAgainst(
      steps,
      (rows) =>
        rows.map(({ t, b, i, s }) => ({
          t: t ?? null,
          b: b === null ? null : Number(b),
          i: i === null ? null : String(i),
          s: s === "10" ? 10 : null,
        })),
      { gives: gives as never },
    );
  });

  it.each<[string, Parameters<typeof applyStep>[1]]>([
    ["clips by constants", { step: "clip", columns: [{ name: "n", low: -1, high: 2.5 }] }],
    [
      "fills with constants",
      {
        step: "impute",
        columns: [
          { name: "n", constant: 7.5 },
          { name: "s", constant: "é" },
          { name: "b", constant: false },
        ],
      },
    ],
    ["keeps the last of those that repeat each other", { step: "deduplicate", by: ["s"], keep: "last" }],
    ["keeps the first of those that repeat each other", { step: "deduplicate", by: ["b", "i"], keep: "first" }],
    ["keeps one of equal rows", { step: "deduplicate", keep: "last" }],
    ["samples, of equal rows one by one", { step: "sample", fraction: 0.4, seed: 7 }],
    ["keeps a share of each group", { step: "stratify", by: ["b"], keep: { fraction: 0.4 }, seed: 3 }],
    ["keeps a number of each group", { step: "stratify", by: ["b", "s"], keep: { perGroup: 2 }, seed: 3 }],
    ["repeats rows until groups are equal", { step: "oversample", by: ["b"], ratio: 1, seed: -1 }],
    ["repeats rows until groups have a share of the largest", { step: "oversample", by: ["s"], ratio: 0.6, seed: 1 }],
    [
      "adds copies with noise",
      {
        step: "augment",
        copies: 2,
        noise: [
          { name: "i", amount: 3 },
          { name: "n", amount: 0.5 },
        ],
        seed: 5,
      },
    ],
  ])("%s", (_, step) => holdAgainst([step], (rows) => applyStep(rows, step, { whole: ["i"] })));

  it("marks copies", () => {
    const step = { step: "augment", copies: 1, noise: [{ name: "n", amount: 1 }], seed: 5, mark: "copy" } as const;
    const gives = [...columns, { name: "copy", type: "boolean" }];
    return holdAgainst([step as never], (rows) => applyStep(rows, step as never), { gives: gives as never });
  });

  it("fits what it clips and fills by, and says what it found", async () => {
    const clip = { step: "clip", columns: [{ name: "n", quantiles: [0.1, 0.75] as [number, number] }] } as const;
    const impute = {
      step: "impute",
      columns: [
        { name: "b", by: "most-frequent" },
        { name: "i", by: "mean" },
        { name: "n", by: "median" },
        { name: "s", by: "most-frequent" },
      ],
    } as const;
    const hasAll = someRows.filter((rows) =>
      ["n", "i", "s", "b"].every((name) => rows.some((row) => row[name] !== null)),
    );
    await holdAgainst(
      [clip as never, impute as never],
      (rows) => applyStep(applyStep(rows, clip as never), impute as never),
      { rows: hasAll, numRuns: 20 },
    );
    const rows = [1, 2, 4, 4, null].map((n, i) => ({ t: i, n, i: null, s: n === 4 ? "b" : "a", b: null }));
    const steps = [
      {
        step: "impute",
        columns: [
          { name: "n", by: "median" },
          { name: "s", by: "most-frequent" },
        ],
      },
      { step: "clip", columns: [{ name: "n", quantiles: [0, 0.5] }] },
    ] as never;
    expect((await given.derive({ columns, rows }, steps)).fitted).toEqual([
      { step: 0, column: "n", by: "median", values: [3] },
      { step: 0, column: "s", by: "most-frequent", values: ["a"] },
      { step: 1, column: "n", by: "quantiles", values: [1, 3] },
    ]);
  });

  it("that finds no value to fit is told where", async () => {
    const rows = [{ t: 0, n: null, i: 1, s: null, b: null }];
    const steps: DerivationStep[] = [{ step: "impute", columns: [{ name: "n", by: "mean" }] }];
    const failure = await given.derive({ columns, rows }, steps).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StewardError);
    expect((failure as StewardError).problems).toMatchObject([
      { code: "derivation-unfit", at: "things.source.steps[0].impute.n" },
    ]);
  });

  it("that reads a column of an older schema is told which is missing", async () => {
    const failure = await given
      .derive({ columns, rows: [] }, [{ step: "filter", condition: { op: "not", of: column("late") } }])
      .catch((error: unknown) => error);
    expect((failure as StewardError).problems).toMatchObject([
      { code: "source-columns-missing", at: "things.source.steps[0].filter" },
    ]);
  });
});

describe("rows of a version of an older schema", () => {
  const others = { others: { columns: [{ name: "k", type: "string" }], key: ["k"], rows: [] } } as const;
  const by = [{ name: "k", expression: column("s") }];
  const gone = [{ name: "v", expression: column("v") }];

  it.each<[string, DerivationStep, string]>([
    ["lack what is taken", { step: "join", dataset: "others", by, take: gone }, "source-columns-missing"],
    [
      "lack the key",
      { step: "join", dataset: "others", by: [{ name: "v", expression: column("s") }], take: by },
      "source-columns-missing",
    ],
    [
      "have a text where there is a number by now",
      { step: "clip", columns: [{ name: "s", low: 0, high: 1 }] },
      "source-column-type",
    ],
    [
      "have a text where there is a number to fit",
      { step: "impute", columns: [{ name: "s", by: "mean" }] },
      "source-column-type",
    ],
  ])("are refused where the step is: they %s", async (_, step, code) => {
    const rows = [{ t: 0, n: 1, i: 1, s: "a", b: true }];
    const failure = await given.derive({ columns, rows }, [step], { others }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StewardError);
    expect((failure as StewardError).problems).toMatchObject([{ code, at: `things.source.steps[0].${step.step}` }]);
  });
});

describe("a join", () => {
  const others = [
    { name: "k", type: "string", nullable: true },
    { name: "v", type: "number", nullable: true },
    { name: "late", type: "string", nullable: true, known: "1 day" },
  ] as const;
  const otherRows = fc.array(
    fc.record<Row>({
      t: fc.integer({ min: -1, max: 2 }).map((one) => one * day),
      k: fc.option(fc.constantFrom("", "é"), { freq: 9 }),
      v: fc.option(fc.constantFrom(1, 2, 1e308)),
      late: fc.option(fc.constantFrom("x", "é")),
    }) as fc.Arbitrary<Row>,
    { maxLength: 24 },
  );
  const timed = ({ t, ...values }: Row): TimedRow => ({ time: BigInt(Number(t)), values });

  it.each<[string, { ttl?: string; takes: readonly string[]; known: number; keyless?: boolean }]>([
    ["with the latest row of the key", { takes: ["v"], known: 0 }],
    ["with the latest that was known", { takes: ["late", "v"], known: day }],
    ["with none that is too old", { takes: ["late"], known: day, ttl: "2 days" }],
    ["without a key", { takes: ["v"], known: 0, keyless: true, ttl: "1 day" }],
  ])("is as of the event time: %s", async (_, { ttl, takes, known, keyless = false }) => {
    const take = takes.map((name) => ({ name: `other_${name}`, expression: column(name) }));
    const by = keyless ? [] : [{ name: "k", expression: column("s") }];
    const steps: DerivationStep[] = [{ step: "join", dataset: "others", by, take, ...(ttl && { ttl }) }];
    const gives = [
      ...columns,
      ...takes.map((name) => ({
        name: `other_${name}`,
        type: name === "v" ? ("number" as const) : ("string" as const),
      })),
    ];
    const all = [...names, ...take.map(({ name }) => name)];
    await fc.assert(
      fc.asyncProperty(someRows, otherRows, async (rows, there) => {
        const table = { columns: others, rows: there, key: keyless ? [] : ["k"] };
        const { rows: found } = await given.derive({ columns, rows }, steps, { gives, others: { others: table } });
        const expected = rows.map((row) => {
          const time = BigInt(Number(row["t"]));
          const latest = findLatest(there.map(timed), keyless ? {} : { k: row["s"] ?? null }, {
            notAfter: time - BigInt(known),
            ...(ttl && { notBefore: time - BigInt(Number.parseInt(ttl, 10) * day) }),
            columns: keyless ? ["k", "v", "late"] : ["v", "late"],
          });
          return {
            ...row,
            ...Object.fromEntries(takes.map((name) => [`other_${name}`, latest?.values[name] ?? null])),
          };
        });
        expect(sortRows(found, all)).toEqual(sortRows(expected, all));
      }),
      { numRuns: takeCount(25, 8), seed: 1 },
    );
  });
});

describe("derived rows", () => {
  const steps: DerivationStep[] = [
    { step: "sample", fraction: 0.7, seed: 1 },
    { step: "impute", columns: [{ name: "n", by: "mean" }] },
    { step: "augment", copies: 1, noise: [{ name: "n", amount: 0.1 }], seed: 1 },
    { step: "oversample", by: ["b"], ratio: 1, seed: 1 },
  ];
  const many = fc
    .sample(fc.array(someRows, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 3 })
    .flat(2) as Row[];

  it.each([
    ["with chance", steps],
    ["without", [{ step: "filter", condition: literal(true) }] satisfies DerivationStep[]],
  ])("are the same bytes whatever the order of the rows that they are made of: %s", async (_, all) => {
    const [first, second] = await Promise.all(
      [many, many.toReversed()].map(async (rows) => readFile((await given.derive({ columns, rows }, all)).output)),
    );
    expect(first?.equals(second as Uint8Array)).toBe(true);
  });

  it("of equal rows are as many as of others", async () => {
    const rows = Array<Row>(1000).fill({ t: 0, n: 1, i: 1, s: "a", b: true });
    const { rows: kept } = await given.derive({ columns, rows }, [{ step: "sample", fraction: 0.4, seed: 2 }]);
    expect(Math.abs(kept.length - 400)).toBeLessThan(60);
  });

  it("lie in the order of event time, then of all columns", async () => {
    const { rows } = await given.derive({ columns, rows: many }, steps);
    expect(rows.length).toBeGreaterThan(100);
    const times = rows.map(({ t }) => Number(t));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("are decided of anew by a second step of chance", async () => {
    const half = { step: "sample", fraction: 0.5, seed: 9 } as const;
    const [once, twice] = await Promise.all(
      [[half], [half, half]].map((all) => given.derive({ columns, rows: many }, all)),
    );
    expect(twice?.rows.length).toBeLessThan((once?.rows.length ?? 0) * 0.7);
  });

  it("are the columns of the schema alone, and leave nothing behind", async () => {
    const gives = [{ name: "s", type: "string" } as const];
    const { rows } = await given.derive(
      { columns, rows: many.slice(0, 3) },
      [{ step: "filter", condition: literal(true) }],
      { gives },
    );
    expect(rows.map((row) => Object.keys(row))).toEqual(Array(3).fill(["t", "s"]));
    expect(await given.leftovers()).toEqual([]);
  });
});
