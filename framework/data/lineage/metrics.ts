/**
 * How the values of a version are spread, as OpenLineage tells it: read off the profile. Pure.
 * @module
 */
import type { ColumnProfile } from "../profile/profile.ts";
import { readDistinctCount, readQuantile, readSpread } from "../profile/read-column.ts";
import type { IngestedVersion } from "./ingested-version.ts";

/** The quantiles that are told, by the names that they have there. */
const shares = ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"] as const;

/** What is measured of one column. Nothing stands for what a type has not, or a double cannot hold. */
export interface ColumnMetrics {
  readonly nullCount: number;
  /** Exact while it is small, else with a standard error of 1.6 %. @default it is a vector, of which the lengths alone are known */
  readonly distinctCount?: number;
  readonly count: number;
  /** Of numbers, as all that follows. @default it is no column of numbers, or has none */
  readonly min?: number;
  readonly max?: number;
  readonly sum?: number;
  /** By the share of values that lie below. */
  readonly quantiles?: Readonly<Record<string, number>>;
}

/** The metrics of a version that has a profile. @returns nothing when it has none */
export function describeMetrics({ profile, files, takenAt }: IngestedVersion): Record<string, unknown> | undefined {
  if (!profile) return undefined;
  const parts = files.flatMap((file) => file.parts);
  return {
    rowCount: profile.rows,
    bytes: parts.reduce((total, { object }) => total + object.size, 0),
    fileCount: parts.length,
    lastUpdated: takenAt,
    columnMetrics: Object.fromEntries(profile.columns.map((column) => [column.name, measureColumn(column)])),
  };
}

function measureColumn(column: ColumnProfile): ColumnMetrics {
  const { nulls: nullCount, count, type, values } = column;
  if (type === "vector") return { nullCount, count };
  const counts = { nullCount, distinctCount: Math.round(readDistinctCount(column).count), count };
  // Of a time there is no number whose meaning the schema says.
  if (values.kind !== "numbers" || type === "timestamp") return counts;
  const { min, max, moments, nonFinite = 0 } = values;
  if (min === undefined || max === undefined) return counts;
  const sum = moments && moments.mean * (count - nonFinite);
  const bins = readSpread(values);
  const quantiles = shares.flatMap((share) => {
    const value = readQuantile(bins, Number(share));
    return value === undefined ? [] : [[share, value] as const];
  });
  return {
    ...counts,
    min,
    max,
    ...(sum !== undefined && Number.isFinite(sum) && { sum }),
    quantiles: Object.fromEntries(quantiles),
  };
}
