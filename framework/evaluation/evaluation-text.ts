/**
 * An evaluation as lines for a terminal.
 * @module
 */
import { shortDigest } from "../plan/digest.ts";
import type { Evaluation, GateVerdict, Measurement } from "./evaluation.ts";
import { formatCount, formatMeasurement } from "./number-text.ts";

const marks: Readonly<Record<GateVerdict["verdict"], string>> = {
  pass: "✔",
  fail: "✖",
  inconclusive: "?",
  "first-version": "✔",
};

/**
 * Prints the metrics beside the baseline and production, then the gates and the tests.
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
  const { gates: ofGates, tests = [] } = evaluation;
  const gates = [...ofGates, ...tests].map(({ verdict, reason }) => `  ${marks[verdict]} ${reason}`);
  return [
    `${formatCount(evaluation.rows, "test row")}, ${evaluation.from} to ${evaluation.to}`,
    ...alignColumns(rows).map((line) => `  ${line}`),
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
