/**
 * Judges rows three ways at once: by the candidate, by the baseline and by the version in production.
 * @module
 */
import type { BaselineColumn } from "./baseline.ts";
import { type BootstrapOptions, measure } from "./bootstrap.ts";
import type { Judged } from "./gates.ts";
import type { Sample } from "./metrics.ts";

/** What is true and what each says about it, row by row. */
export interface Columns extends Pick<Sample, "width" | "groups" | "scales"> {
  readonly labels: Float64Array;
  readonly candidate: Float64Array;
  /** One for each metric to measure, since metrics differ in what they can use. */
  readonly baselines: readonly (BaselineColumn & { readonly metric: string })[];
  /** @default nothing comparable is in production */
  readonly production?: Float64Array;
}

/** Measures what is defined on these rows, all of it on the same resampled rows. */
export async function judgeRows(
  { candidate, baselines, production, ...rows }: Columns,
  options?: BootstrapOptions,
): Promise<Judged> {
  const ask = (predictions: Float64Array) => baselines.map(({ metric }) => ({ ...rows, metric, predictions }));
  const questions = [
    ...ask(candidate),
    ...baselines.map(({ metric, predictions }) => ({ ...rows, metric, predictions })),
    ...(production ? ask(production) : []),
  ];
  const answers = await measure(questions, options);
  const group = (index: number) => answers.slice(index * baselines.length, (index + 1) * baselines.length);
  return {
    rows: rows.labels.length,
    candidate: group(0).filter((answer) => answer !== undefined),
    baseline: group(1).flatMap((answer, i) => (answer ? [{ ...answer, by: baselines[i]?.by ?? "" }] : [])),
    production: group(2).filter((answer) => answer !== undefined),
  };
}

/** The same columns on some of the rows. */
export function pickRows(columns: Columns, rows: readonly number[]): Columns {
  const { labels, candidate, baselines, production, width = 1, groups, scales } = columns;
  const pick = (column: Float64Array) => {
    const picked = new Float64Array(rows.length * width);
    for (const [i, row] of rows.entries()) picked.set(column.subarray(row * width, (row + 1) * width), i * width);
    return picked;
  };
  const picked = Object.entries(groups ?? {}).map(
    ([by, numbers]) => [by, Uint32Array.from(rows, (row) => numbers[row] as number)] as const,
  );
  return {
    labels: Float64Array.from(rows, (row) => labels[row] as number),
    candidate: pick(candidate),
    baselines: baselines.map((baseline) => ({ ...baseline, predictions: pick(baseline.predictions) })),
    ...(production && { production: pick(production) }),
    width,
    ...(groups && { groups: Object.fromEntries(picked) }),
    ...(scales && { scales }),
  };
}
