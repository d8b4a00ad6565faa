/**
 * Whether training and serving have the same features: rows of the dataset are sent through the code that answers a request, with
 * tables filled as of their moment, and what comes out is held against the examples that the training set made of the same rows.
 * @module
 */
import type { DatasetVersion } from "../../data/dataset-version.ts";
import { type DuckDb, withDuckDb } from "../../data/duckdb.ts";
import { quoteName, quotePath } from "../../data/sql.ts";
import { readVersionFiles } from "../../data/version-files.ts";
import type { ColumnSpec, DatasetSpec } from "../../definitions/spec.ts";
import { createRows } from "../../features/dataset-rows.ts";
import { formatTime, parseTime } from "../../features/microseconds.ts";
import {
  type MaterialiseOptions,
  materialiseSet,
  materialiseWindows,
} from "../../features/online/materialise-online.ts";
import { MemoryTables } from "../../features/online/memory-tables.ts";
import { listServedTables } from "../../features/online/served-tables.ts";
import { reservedColumns, type TrainingSet } from "../../features/training-set.ts";
import type { FeatureRow } from "../../models/test-split.ts";
import { compileFeatures } from "../../serving/typed/compile-features.ts";
import { findFeatures } from "../../serving/typed/feature-rows.ts";
import { type RequestRow, readRequestRows } from "../../serving/typed/request-rows.ts";
import type { Store } from "../../store/store.ts";
import type { CandidateOrigin } from "../candidate-origin.ts";
import { placeEvenly } from "../model-tests/variation.ts";
import { formatCount } from "../number-text.ts";
import type { Compared } from "./compare-answers.ts";
import { matchRows, type TimedRow } from "./match-rows.ts";

export interface CompareFeaturesOptions {
  readonly origin: CandidateOrigin;
  readonly trainingSet: TrainingSet;
  readonly objects: Pick<Store, "fetchFile" | "getJson">;
  /** An existing folder for what is too large for memory; what is put there is removed. */
  readonly workFolder: string;
  /** Up to how many rows of the dataset are asked. @default 20,000 */
  readonly most?: number;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

/** How many test rows are compared at most. */
const comparedRows = 100;
/** Up to how many rows of all datasets tables are filled for this alone, which reads each of them once. */
const mostLookedThrough = 3_000_000;
/** Up to how many rows may have happened at the moments of the examples: each of them may be an example, and is asked. */
const mostAsked = 20_000;

/** Compares the features of some test rows. Those that are looked up are compared at one moment, of which there are most rows. */
export async function compareFeatures(
  options: CompareFeaturesOptions,
): Promise<
  Compared | { readonly verdict: "not-compared"; readonly reason: string; readonly rows: 0; readonly exceeding: 0 }
> {
  const { origin, trainingSet, objects, workFolder, signal } = options;
  const tables = listServedTables(origin.specs);
  const looksUp = tables.windows.length > 0 || tables.sets.length > 0;
  const skip = (why: string) =>
    ({ verdict: "not-compared", reason: `not compared: features, ${why}`, rows: 0, exceeding: 0 }) as const;
  const size = Object.values(origin.datasets).reduce((sum, { version }) => sum + version.rows, 0);
  if (looksUp && size > mostLookedThrough)
    return skip(`because tables of ${formatCount(size, "row")} would be filled for it`);
  const spine = origin.datasets[tables.spine.name];
  if (!spine) return skip(`because nothing is known of dataset "${tables.spine.name}"`);
  const file = await objects.fetchFile(trainingSet.splits.test.object);
  return await withDuckDb(
    workFolder,
    async (db) => {
      const examples = await readExamples(db, { file, trainingSet, ofOneMoment: looksUp });
      const moments = [...new Set(examples.map(({ time }) => time))];
      const found = await readRows(db, { spec: tables.spine, version: spine.version, moments, options });
      if (typeof found === "number") return skip(`because ${formatCount(found, "row")} may be those that are compared`);
      const online = new MemoryTables();
      const [asOf = 0n] = moments;
      if (looksUp) await fill(tables, online, { ...options, asOf });
      const rows: (TimedRow & { readonly time: bigint })[] = [];
      const compiled = compileFeatures(origin.specs);
      const asked = found.map((row) => ({ ...row, request: toRequest(row.columns, compiled.shape, row.time) }));
      for (const { time, group, request } of asked) {
        if (!request) rows.push({ time, group });
        else {
          const { columns } = await findFeatures(compiled, [request], { online, now: time });
          const features = Object.fromEntries(
            Object.entries(columns).map(([name, values]) => [name, values[0] ?? null]),
          );
          rows.push({ time, group, features });
        }
        signal?.throwIfAborted();
      }
      const { refused, ...compared } = matchRows(trainingSet.features, examples, rows);
      if (compared.rows === 0) return skip("because a server would refuse each of the rows");
      const left = refused > 0 ? `; ${formatCount(refused, "row")} would be refused` : "";
      return { ...compared, reason: `${compared.reason}${left}` };
    },
    { ...(signal && { signal }) },
  );
}

type Timed<T> = T & { readonly time: bigint };

interface ExampleQuery {
  readonly file: string;
  readonly trainingSet: TrainingSet;
  /** Whether all are of one moment: of that which most of them have, the latest of several. */
  readonly ofOneMoment: boolean;
}

/** Reads test rows from all over the split, or of one moment. */
async function readExamples(
  db: DuckDb,
  { file, trainingSet, ofOneMoment }: ExampleQuery,
): Promise<readonly Timed<Required<TimedRow>>[]> {
  const { features, slices, splits } = trainingSet;
  const from = `read_parquet(${quotePath(file)}, hive_partitioning = false, file_row_number = true)`;
  const time = `epoch_us(${quoteName(reservedColumns.time)})`;
  const columns = [
    `CAST(${time} AS VARCHAR)`,
    groupOf(slices.map((slice) => quoteName(reservedColumns.slicePrefix + slice))),
    ...features.map(({ name, type }) => `CAST(${quoteName(name)} AS ${type === "category" ? "VARCHAR" : "DOUBLE"})`),
  ];
  const places = placeEvenly(splits.test.rows, comparedRows);
  const chosen = ofOneMoment
    ? `${time} = (SELECT ${time} FROM ${from} GROUP BY ${time} ORDER BY count(*) DESC, ${time} DESC LIMIT 1)`
    : `file_row_number IN (${places.join(", ")})`;
  const read = await db.connection.runAndReadAll(
    `SELECT ${columns.join(", ")} FROM ${from} WHERE ${chosen} ORDER BY file_row_number LIMIT ${comparedRows}`,
  );
  return read.getRows().map(([at, group, ...values]) => ({
    time: BigInt(String(at)),
    group: `${at} ${group}`,
    features: Object.fromEntries(features.map(({ name }, i) => [name, (values[i] ?? null) as FeatureRow[string]])),
  }));
}

interface RowQuery {
  readonly spec: DatasetSpec;
  readonly version: DatasetVersion;
  /** The event times, in microseconds since 1970. */
  readonly moments: readonly bigint[];
  readonly options: CompareFeaturesOptions;
}

/**
 * Reads the rows of the dataset that happened at the moments, as a request would say them.
 *
 * @returns how many there are, where they are too many to ask
 */
async function readRows(
  db: DuckDb,
  { spec, version, moments, options }: RowQuery,
): Promise<readonly Timed<{ readonly group: string; readonly columns: Readonly<Record<string, unknown>> }>[] | number> {
  const { objects, trainingSet, most = mostAsked } = options;
  const files: string[] = [];
  for await (const { from, to, parts } of readVersionFiles(objects, version)) {
    const isElsewhere = from !== "" && !moments.some((moment) => parseTime(from) <= moment && moment <= parseTime(to));
    if (isElsewhere) continue;
    files.push(...(await Promise.all(parts.map(({ object }) => objects.fetchFile(object)))));
  }
  if (files.length === 0) return [];
  await db.run(createRows("asked", { spec, files }));
  const time = `epoch_us(${quoteName(spec.eventTime)})`;
  const columns = [
    `CAST(${time} AS VARCHAR)`,
    groupOf(trainingSet.slices.map(quoteName)),
    ...spec.columns.map(({ name, type }) =>
      type === "timestamp" ? `CAST(epoch_us(${quoteName(name)}) AS VARCHAR)` : `to_json(${quoteName(name)})::VARCHAR`,
    ),
  ];
  const times = moments.map((moment) => `make_timestamp(${moment})`);
  const from = `FROM asked WHERE ${quoteName(spec.eventTime)} IN (${times.join(", ")})`;
  const [[count] = []] = (await db.connection.runAndReadAll(`SELECT CAST(count(*) AS DOUBLE) ${from}`)).getRows();
  if (Number(count) > most) return Number(count);
  const read = await db.connection.runAndReadAll(`SELECT ${columns.join(", ")} ${from}`);
  return read.getRows().map(([at, group, ...values]) => ({
    time: BigInt(String(at)),
    group: `${at} ${group}`,
    columns: Object.fromEntries(spec.columns.map((column, i) => [column.name, toJson(column, values[i] ?? null)])),
  }));
}

/** What tells rows of one time apart, as one text. */
function groupOf(columns: readonly string[]): string {
  return columns.length === 0
    ? "''"
    : `to_json([${columns.map((column) => `CAST(${column} AS VARCHAR)`).join(", ")}])::VARCHAR`;
}

function toJson({ type }: ColumnSpec, value: unknown): unknown {
  if (value === null) return null;
  if (type === "timestamp") return formatTime(BigInt(String(value)));
  try {
    return JSON.parse(String(value));
  } catch {
    // A number that is none, which no request can say.
    return null;
  }
}

/** The request that a row makes. @returns nothing where a server would refuse it */
function toRequest(
  columns: Readonly<Record<string, unknown>>,
  shape: Parameters<typeof readRequestRows>[1],
  now: bigint,
): RequestRow | undefined {
  const body = Object.fromEntries(shape.columns.map(({ name }) => [name, columns[name]]));
  try {
    return readRequestRows(Buffer.from(JSON.stringify(body)), shape, now).rows[0];
  } catch {
    return undefined;
  }
}

/** Fills the tables that the candidate's server would look up, as of a moment. */
async function fill(
  { spine, windowed, windows, sets }: ReturnType<typeof listServedTables>,
  online: MemoryTables,
  { origin, objects, workFolder, signal, asOf }: CompareFeaturesOptions & { readonly asOf: bigint },
): Promise<void> {
  const optionsFor = (spec: DatasetSpec): MaterialiseOptions => {
    const found = origin.datasets[spec.name];
    if (!found) throw new TypeError(`nothing is known of dataset "${spec.name}"`);
    return { dataset: { spec, ...found }, asOf, objects, online, workFolder, ...(signal && { signal }) };
  };
  if (windows.length > 0) await materialiseWindows(windowed, optionsFor(spine));
  for (const { set, dataset } of sets) await materialiseSet(set, optionsFor(dataset));
}
