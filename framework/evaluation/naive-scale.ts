/**
 * What the errors of forecasts are measured against: those of the seasonal naive forecast on the training rows.
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { quoteName, quotePath } from "../data/sql.ts";
import { type MetricName, readMetricName } from "../definitions/metric-name.ts";
import { reservedColumns, type TrainingSet } from "../features/training-set.ts";
import type { Reference } from "../store/reference.ts";
import type { Sample } from "./metrics.ts";

export interface ScaleOptions {
  readonly trainingSet: TrainingSet;
  readonly metrics: readonly string[];
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
}

/**
 * Measures, for each metric that needs it, the mean absolute difference of a training row's label and that of the row a season
 * before it in its series, by time. Where no series is longer than the season there is no such number.
 */
export async function measureScales(options: ScaleOptions): Promise<Pick<Sample, "scales">> {
  const { trainingSet, metrics, fetchFile } = options;
  const asked = metrics.flatMap((name) => {
    const told = readMetricName(name);
    return told?.kind === "mase" ? [{ name, told }] : [];
  });
  if (asked.length === 0) return {};
  const file = await fetchFile(trainingSet.splits.train.object);
  const scales: [string, number][] = [];
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    for (const { name, told } of asked) {
      const [[scale = null] = []] = (await connection.runAndReadAll(selectScale(file, told))).getRows();
      if (scale !== null) scales.push([name, Number(scale)]);
    }
  } finally {
    instance.closeSync();
  }
  return { scales: Object.fromEntries(scales) };
}

function selectScale(file: string, { by, season = 1 }: MetricName): string {
  const label = `CAST(${quoteName(reservedColumns.label)} AS DOUBLE)`;
  const time = quoteName(reservedColumns.time);
  const series = by === undefined ? "" : `PARTITION BY ${quoteName(reservedColumns.slicePrefix + by)}`;
  return `SELECT favg(abs(label - naive)) FROM (
    SELECT ${label} AS label, lag(${label}, ${season}) OVER (${series} ORDER BY ${time}, ${label}) AS naive
    FROM read_parquet(${quotePath(file)}, hive_partitioning = false)
  ) WHERE naive IS NOT NULL`;
}
