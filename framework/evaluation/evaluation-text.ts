/**
 * An evaluation as lines for a terminal.
 * @module
 */
import { shortDigest } from "../plan/digest.ts";
import { listAttributions } from "./attribution-text.ts";
import type { Evaluation, GateVerdict, Measurement, ServedCheck } from "./evaluation.ts";
import { formatCount, formatMeasurement } from "./number-text.ts";

const marks: Readonly<Record<(GateVerdict | ServedCheck)["verdict"], string>> = {
  pass: "✔",
  fail: "✖",
  inconclusive: "?",
  "first-version": "✔",
  "not-compared": "–",
};

/**
 * Prints the metrics beside the baseline and production, the features that count most, then the gates, the tests and what a model server answers.
 *
 * @example
 * 213,004 rows, 2001-06-17 to 2001-06-30
 *   metric   candidate             baseline                     production 3f8a0c11d2e4
 *   auc      0.690 [0.687, 0.693]  0.605 [0.602, 0.608] (route)  0.688 [0.685, 0.691]
 *
 *   ✔ auc at least 0.67: auc 0.690 [0.687, 0.693] is at least 0.67 on 213,004 rows
 */
export function formatEvaluation(evaluation: Evaluation): readonly string[] {
  const { production } = evaluation;
  const rows = [
    ["metric", "candidate", "baseline", ...(production ? [`production ${shortDigest(production.package)}`] : [])],
    ...evaluation.metrics.map(({ metric, ...own }) => [
      metric,
      formatMeasurement({ metric, ...own }),
      cell(evaluation.baseline, metric, ({ by }) => ` (${by})`),
      ...(production ? [cell(production.metrics, metric, () => "")] : []),
    ]),
  ];
  const { gates: ofGates, tests = [], served = [] } = evaluation;
  const gates = [...ofGates, ...tests, ...served].map(({ verdict, reason }) => `  ${marks[verdict]} ${reason}`);
  const counting = listAttributions(evaluation.attributions).map((line) => `  ${line}`);
  return [
    `${formatCount(evaluation.rows, "test row")}, ${evaluation.from} to ${evaluation.to}`,
    ...alignColumns(rows).map((line) => `  ${line}`),
    ...(counting.length > 0 ? ["", ...counting] : []),
    ...(gates.length > 0 ? ["", ...gates] : []),
  ];
}

function cell<M extends Measurement>(
  measurements: readonly M[],
  metric: string,
  suffix: (measurement: M) => string,
): string {
  const found = measurements.find((measurement) => measurement.metric === metric);
  return found ? formatMeasurement(found) + suffix(found) : "–";
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
