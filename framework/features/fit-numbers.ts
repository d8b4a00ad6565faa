/**
 * The constants of a number's fitted steps, found in the training rows. The same rows give the same bits in whatever order
 * they are read: sums are of whole numbers, to which every value is brought by one power of two, and quantiles are taken
 * from the sorted values.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "../data/duckdb.ts";
import { quoteNumber } from "../data/sql.ts";
import type { PreprocessingStep } from "../definitions/preprocessing.ts";
import type { FittedStep } from "./fitted-step.ts";

/** A number of the training rows: SQL over the rows of a query. What is missing is NULL; everything else is finite. */
export interface FittedColumn {
  readonly sql: string;
  readonly rows: string;
}

type NumberStep = Exclude<PreprocessingStep, { op: "category" }>;

/** Why a step has no constants, in words. */
export class Unfit {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** Finds the constants of a step. Where the column holds one value alone, its scale is 1: scaled, it is 0. */
export async function fitNumber(db: DuckDb, step: NumberStep, column: FittedColumn): Promise<FittedStep | Unfit> {
  const extent = await measure(db, column);
  if (!extent) return new Unfit("it is missing in every training row");
  const fitted = await (step.op === "imputed"
    ? impute(db, step.by, { ...column, extent })
    : scale(db, step.by, { ...column, extent }));
  const { op: _, ...constants } = fitted;
  return Object.values(constants).every(Number.isFinite)
    ? fitted
    : new Unfit("its training rows lie further apart than numbers of 64 bits can say");
}

/** How many values there are, the smallest and the largest. */
interface Extent {
  readonly values: number;
  readonly least: number;
  readonly most: number;
}

type Measured = FittedColumn & { readonly extent: Extent };

async function measure(db: DuckDb, { sql, rows }: FittedColumn): Promise<Extent | undefined> {
  const [found] = await db.rows(
    `SELECT count(x) AS values, min(x) AS least, max(x) AS most FROM (SELECT ${sql} AS x FROM (${rows}))`,
    z.object({ values: z.coerce.number(), least: z.number().nullable(), most: z.number().nullable() }),
  );
  if (!found || found.least === null || found.most === null) return undefined;
  // Adding 0 makes 0 of −0, which lies anywhere among the zeros.
  return { values: found.values, least: found.least + 0, most: found.most + 0 };
}

type Imputed = Extract<FittedStep, { op: "imputed" }>;
type Scaled = Extract<FittedStep, { op: "scaled" }>;

async function impute(db: DuckDb, by: string, column: Measured): Promise<Imputed> {
  switch (by) {
    case "mean":
      return { op: "imputed", value: await findMean(db, column) };
    case "median":
      return { op: "imputed", value: (await findQuartiles(db, column)).median };
    default:
      return { op: "imputed", value: await findMostFrequent(db, column) };
  }
}

async function scale(db: DuckDb, by: string, column: Measured): Promise<Scaled> {
  const { least, most } = column.extent;
  // Said apart, so that rounding cannot make a tiny distance of none.
  if (least === most) return { op: "scaled", center: least, scale: 1 };
  switch (by) {
    case "standard": {
      const center = await findMean(db, column);
      return { op: "scaled", center, scale: orOne(await findDeviation(db, center, column)) };
    }
    case "min-max":
      return { op: "scaled", center: least, scale: most - least };
    default: {
      const { first, median, third } = await findQuartiles(db, column);
      return { op: "scaled", center: median, scale: orOne(third - first) };
    }
  }
}

/** What is divided by: 1 in the place of 0, as scikit-learn has it. */
function orOne(scale: number): number {
  return scale === 0 ? 1 : scale;
}

async function findMean(db: DuckDb, column: Measured): Promise<number> {
  const { least, most } = column.extent;
  return least === most ? least : average(db, { ...column, largest: Math.max(Math.abs(least), Math.abs(most)) });
}

/** The standard deviation of the population. Differences from the mean are brought to 1 at most before they are squared. */
async function findDeviation(db: DuckDb, mean: number, column: Measured): Promise<number> {
  const { least, most } = column.extent;
  const farthest = Math.max(Math.abs(least - mean), Math.abs(most - mean));
  if (!Number.isFinite(farthest)) return farthest;
  const share = `((${column.sql} - ${quoteNumber(mean)}) / ${quoteNumber(farthest)})`;
  const squares = await average(db, { ...column, sql: `${share} * ${share}`, largest: 1 });
  // What the mean was rounded by: of values that lie close together it is much.
  const rest = await average(db, { ...column, sql: share, largest: 1 });
  return farthest * Math.sqrt(Math.max(squares - rest * rest, 0));
}

/** Values are brought to 2 to this power at most, of which a sum of 128 bits takes any number. */
const bits = 60;

/** The mean of values that are no larger than `largest`, added up as whole numbers of which that has 2^59 at least. */
async function average(
  db: DuckDb,
  { sql, rows, extent, largest }: Measured & { readonly largest: number },
): Promise<number> {
  // Numbers so small that no power of two brings them up count as 0.
  const factor = 2 ** Math.min(bits - 1 - Math.floor(Math.log2(largest)), 1000);
  const [found] = await db.rows(
    `SELECT CAST(sum(CAST((${sql}) * ${quoteNumber(factor)} AS BIGINT)) AS VARCHAR) AS total FROM (${rows})`,
    z.object({ total: z.string() }),
  );
  if (!found) throw new TypeError("a sum has no row");
  return Number(BigInt(found.total)) / extent.values / factor + 0;
}

/** The median and the quartiles, each between the values at both sides of its place, as numpy and scikit-learn take them. */
async function findQuartiles(
  db: DuckDb,
  { sql, rows, extent }: Measured,
): Promise<Record<"first" | "median" | "third", number>> {
  const places = [0.25, 0.5, 0.75].map((share) => (extent.values - 1) * share);
  const wanted = new Set(places.flatMap((place) => [Math.floor(place), Math.ceil(place)]));
  // Sorted once, and outside of memory where there are too many.
  const found = await db.rows(
    `SELECT place, x FROM (
       SELECT x, row_number() OVER (ORDER BY x) - 1 AS place FROM (SELECT ${sql} AS x FROM (${rows})) WHERE x IS NOT NULL
     ) WHERE place IN (${[...wanted].join(", ")})`,
    z.object({ place: z.coerce.number(), x: z.number() }),
  );
  const values = new Map(found.map(({ place, x }) => [place, x]));
  const [first, median, third] = places.map((place) => {
    const [below, above] = [Math.floor(place), Math.ceil(place)];
    const low = values.get(below);
    const high = values.get(above);
    if (low === undefined || high === undefined) throw new TypeError("a quantile of no values was asked for");
    // At its place alone, a value does not care how far the next one is.
    return low + (below === above || low === high ? 0 : (high - low) * (place - below));
  });
  if (first === undefined || median === undefined || third === undefined)
    throw new TypeError("there are three quartiles");
  return { first, median, third };
}

async function findMostFrequent(db: DuckDb, { sql, rows }: FittedColumn): Promise<number> {
  const [found] = await db.rows(
    `SELECT x FROM (SELECT ${sql} AS x FROM (${rows})) WHERE x IS NOT NULL
     GROUP BY x ORDER BY count(*) DESC, x LIMIT 1`,
    z.object({ x: z.number() }),
  );
  if (!found) throw new TypeError("the most frequent of no values was asked for");
  return found.x + 0;
}
