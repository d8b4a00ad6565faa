import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteNumber } from "../../framework/data/sql.ts";
import { fitNumber, Unfit } from "../../framework/features/fit-numbers.ts";
import type { FittedStep } from "../../framework/features/fitted-step.ts";

type Step = Parameters<typeof fitNumber>[1];
type Values = readonly (number | null)[];

const imputed = (by: "mean" | "median" | "most-frequent"): Step => ({ op: "imputed", by });
const scaled = (by: "standard" | "min-max" | "robust"): Step => ({ op: "scaled", by });

/** Finds the constants of steps, each on the values as they are. */
async function find(db: DuckDb, values: Values, steps: readonly Step[]): Promise<(FittedStep | Unfit)[]> {
  const list = values.map((x) => `(${toSql(x)})`).join(", ");
  const rows = `SELECT * FROM (VALUES ${list}) AS t(x)`;
  const found: (FittedStep | Unfit)[] = [];
  for (const step of steps) found.push(await fitNumber(db, step, { sql: "x", rows }));
  return found;
}

/** A number as JavaScript writes it has no sign where it is −0. */
function toSql(value: number | null): string {
  if (value === null) return "NULL::DOUBLE";
  return Object.is(value, -0) ? "CAST('-0' AS DOUBLE)" : quoteNumber(value);
}

const findOne = (values: Values, step: Step) => withDuckDb(tmpdir(), (db) => find(db, values, [step]));

const every: readonly Step[] = [
  ...(["mean", "median", "most-frequent"] as const).map(imputed),
  ...(["standard", "min-max", "robust"] as const).map(scaled),
];

describe("the constants of a number", () => {
  it.each<[string, Values, Step, FittedStep]>([
    ["a mean", [1, null, 2, 6], imputed("mean"), { op: "imputed", value: 3 }],
    ["a median of an odd number of values", [9, 1, null, 2], imputed("median"), { op: "imputed", value: 2 }],
    ["a median between two values", [9, 1, 2, 4], imputed("median"), { op: "imputed", value: 3 }],
    ["the most frequent value", [3, 1, 3, 2, null, null, null], imputed("most-frequent"), { op: "imputed", value: 3 }],
    ["the smallest of those", [3, 1, 3, 1, 2], imputed("most-frequent"), { op: "imputed", value: 1 }],
    [
      "a deviation of the population",
      [2, 4, 4, 4, 5, 5, 7, 9],
      scaled("standard"),
      { op: "scaled", center: 5, scale: 2 },
    ],
    ["a deviation of neighbours", [1, 1 + 2 ** -52], scaled("standard"), { op: "scaled", center: 1, scale: 2 ** -53 }],
    ["the extent", [5, null, -3, 1], scaled("min-max"), { op: "scaled", center: -3, scale: 8 }],
    // As numpy.percentile has the quartiles of these: 1.75 and 3.25.
    ["the quartiles", [4, 1, 3, 2], scaled("robust"), { op: "scaled", center: 2.5, scale: 1.5 }],
    ["one value alone", [0.1, 0.1, 0.1, null], scaled("standard"), { op: "scaled", center: 0.1, scale: 1 }],
    ["quartiles of one value", [7, 0, 7, 7, 7, 7, 9], scaled("robust"), { op: "scaled", center: 7, scale: 1 }],
    ["a zero without its sign", [-0, null], imputed("most-frequent"), { op: "imputed", value: 0 }],
    ["a median without its sign", [-0, null], imputed("median"), { op: "imputed", value: 0 }],
    ["a least value without its sign", [-0, 2], scaled("min-max"), { op: "scaled", center: 0, scale: 2 }],
  ])("are found: %s", async (_, values, step, expected) => {
    expect(await findOne(values, step)).toEqual([expected]);
  });

  it.each(every)("are none where nothing is there: $op $by", async (step) => {
    expect(await findOne([null, null], step)).toEqual([new Unfit("it is missing in every training row")]);
  });

  it.each(every.filter(({ op }) => op === "scaled"))(
    "are none where no number says how far values lie apart: $by",
    async (step) => {
      expect(await findOne([-1.7e308, -1.7e308, 1.7e308, 1.7e308, 1.7e308], step)).toEqual([
        new Unfit("its training rows lie further apart than numbers of 64 bits can say"),
      ]);
    },
  );

  it("are the same bits whatever the order of the rows, and near what is exact", async () => {
    const size = fc.integer({ min: -200, max: 200 });
    const value = fc
      .tuple(fc.double({ min: -1, max: 1, noNaN: true }), size)
      .map(([share, power]) => (Math.abs(share) < 1e-20 ? 0 : share * 2 ** power));
    await withDuckDb(tmpdir(), (db) =>
      fc.assert(
        fc.asyncProperty(fc.array(value, { minLength: 2, maxLength: 60 }), async (values) => {
          const found = await find(db, values, every);
          const sorted = values.toSorted((a, b) => b - a);
          expect(await find(db, sorted, every)).toEqual(found);
          const [mean, median, , standard] = found;
          const largest = Math.max(...values.map(Math.abs));
          const exact = exactMoments(values);
          expect(Math.abs(constantOf(mean, "value") - exact.mean)).toBeLessThanOrEqual(largest * 1e-14);
          const middle = [
            sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
            sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0,
          ];
          expect(constantOf(median, "value")).toBeCloseTo((middle[0] ?? 0) / 2 + (middle[1] ?? 0) / 2, 0);
          if (Math.min(...values) === Math.max(...values)) return;
          expect(Math.abs(constantOf(standard, "scale") / exact.deviation - 1)).toBeLessThan(1e-12);
        }),
        { numRuns: 40 },
      ),
    );
  });

  it("are of all rows, however many and large they are", async () => {
    const [mean, standard] = await withDuckDb(tmpdir(), async (db) => {
      const column = { sql: "x", rows: "SELECT 1e15 + i % 2 AS x FROM range(1000000) AS t(i)" };
      return [await fitNumber(db, imputed("mean"), column), await fitNumber(db, scaled("standard"), column)];
    });
    expect(mean).toEqual({ op: "imputed", value: 1e15 + 0.5 });
    expect(standard).toEqual({ op: "scaled", center: 1e15 + 0.5, scale: 0.5 });
  });
});

function constantOf(step: FittedStep | Unfit | undefined, name: "value" | "scale"): number {
  if (!step || step instanceof Unfit || !(name in step)) throw new Error(`no ${name}`);
  return (step as unknown as Record<string, number>)[name] ?? Number.NaN;
}

/** Mean and deviation in whole numbers of 2^(−1200), so that nothing is rounded before the end. */
function exactMoments(values: readonly number[]) {
  const unit = 1200n;
  const whole = values.map((value) => toWhole(value, unit));
  const count = BigInt(values.length);
  const total = whole.reduce((sum, one) => sum + one, 0n);
  const squares = whole.reduce((sum, one) => sum + (one * count - total) ** 2n, 0n);
  return {
    mean: toNumber(total, unit) / values.length,
    // The squares are of values times their number.
    deviation: Math.sqrt(toNumber(squares / count ** 3n, 2n * unit)),
  };
}

/** The mantissa of a number is 53 bits: brought up to a whole number, and the rest put behind it. */
function toWhole(value: number, unit: bigint): bigint {
  if (value === 0) return 0n;
  const exponent = Math.floor(Math.log2(Math.abs(value))) - 60;
  return BigInt(value / 2 ** exponent) * 2n ** (unit + BigInt(exponent));
}

function toNumber(whole: bigint, unit: bigint): number {
  const digits = (whole < 0n ? -whole : whole).toString(2).length;
  const shift = BigInt(Math.max(0, digits - 64));
  return Number(whole >> shift) * 2 ** Number(shift - unit);
}
