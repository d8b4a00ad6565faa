/**
 * The history of metrics of runs.
 * @module
 */
import type { AnySql } from "../database.ts";
import { writeDouble } from "../field.ts";
import { cutPage, type Page } from "../search/page.ts";

/** A value, as a client is told. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number | "NaN";
  readonly timestamp: number;
  readonly step: number;
}

interface PointRow {
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** The values of a metric of a run in the order of their times, a page of them or all. */
export async function readHistory(
  sql: AnySql,
  { runId, key }: { readonly runId: string; readonly key: string },
  page?: { readonly offset: number; readonly size: number },
): Promise<Page<MetricPoint>> {
  const rows = await sql<PointRow[]>`
    SELECT value, timestamp, step FROM metrics WHERE run_id = ${runId} AND key = ${key}
    ORDER BY timestamp, step, CASE WHEN value = 'NaN' THEN 0 ELSE value END
    ${page ? sql`LIMIT ${page.size + 1} OFFSET ${page.offset}` : sql``}`;
  const points = rows.map((row) => describePoint(key, row));
  return page ? cutPage(points, page) : { items: points };
}

/** Which values of a metric are asked for. */
export interface Sampled {
  readonly runIds: readonly string[];
  readonly key: string;
  /** How many of each run at most. */
  readonly most: number;
  /** The first and the last step. @default all */
  readonly steps?: { readonly from: number; readonly to: number };
}

/** Values of a metric of several runs, evenly chosen where there are more than are wanted; the last one is among them. */
export async function sampleHistories(sql: AnySql, { runIds, key, most, steps }: Sampled): Promise<object[]> {
  const rows = await sql<(PointRow & { run_id: string })[]>`
    WITH points AS (
      SELECT run_id, value, timestamp, step,
        row_number() OVER (PARTITION BY run_id ORDER BY step, timestamp, value) - 1 AS number,
        count(*) OVER (PARTITION BY run_id) AS total
      FROM metrics WHERE run_id = ANY(${[...runIds]}::text[]) AND key = ${key}
        ${steps ? sql`AND step BETWEEN ${steps.from} AND ${steps.to}` : sql``}
    )
    SELECT run_id, value, timestamp, step FROM points
    WHERE total <= ${most} OR number = total - 1
      OR (${most - 1} > 0 AND number % greatest(1, ceil(total::numeric / greatest(1, ${most - 1})))::bigint = 0)
    ORDER BY run_id, number`;
  return rows.map(({ run_id, ...row }) => ({ ...describePoint(key, row), run_id }));
}

function describePoint(key: string, { value, timestamp, step }: PointRow): MetricPoint {
  return { key, value: writeDouble(value), timestamp, step };
}
