/**
 * Gates decide or say why not: each gives a verdict and one sentence with the numbers. Pure.
 * @module
 */
import type { GateSpec } from "../definitions/spec.ts";
import type { GateVerdict, Measurement, ServedCheck } from "./evaluation.ts";
import { decideFairness } from "./fairness.ts";
import { findMetric } from "./metrics.ts";
import { formatCount, formatMeasurement, formatNumber, tellingDecimals } from "./number-text.ts";

/** The fewest rows on which anything is decided. */
const fewestRows = 100;

/** The same rows judged three ways. */
export interface Judged {
  readonly rows: number;
  readonly candidate: readonly Measurement[];
  readonly baseline: readonly (Measurement & { readonly by: string })[];
  /** Empty when nothing comparable is in production. */
  readonly production: readonly Measurement[];
}

/** The rows of one value of a column. */
export interface JudgedSlice extends Judged {
  readonly column: string;
  readonly value: string;
}

/** What is in production: nothing yet, something that cannot be judged on these rows, or something that was. */
export type ProductionFact =
  | { readonly state: "none" }
  | { readonly state: "incomparable"; readonly why: string }
  | { readonly state: "judged" };

export interface GateFacts {
  readonly whole: Judged;
  /** Whether a binary label is the same on all rows; false for a regression. */
  readonly singleClass: boolean;
  /** Every slice of every column that a gate names, whatever its size. */
  readonly slices: readonly JudgedSlice[];
  readonly production: ProductionFact;
}

/** Decides every gate, in order. */
export function decideGates(gates: readonly GateSpec[], facts: GateFacts): readonly GateVerdict[] {
  return gates.map((gate) => ({ gate, ...decideGate(gate, facts) }));
}

/**
 * `pass` when nothing stands against a release: every gate and test passes, or has nothing yet to compare with, and nothing that a
 * server answers differs. What of the latter cannot be compared is listed and holds nothing back.
 */
export function decide(verdicts: readonly Pick<GateVerdict | ServedCheck, "verdict">[]): "pass" | "fail" {
  const good = ["pass", "first-version", "not-compared"];
  return verdicts.every(({ verdict }) => good.includes(verdict)) ? "pass" : "fail";
}

export type Ruling = Pick<GateVerdict, "verdict" | "reason">;
type MetricGate = Exclude<GateSpec, { readonly kind: "fairness" }>;

function decideGate(gate: GateSpec, facts: GateFacts): Ruling {
  if (gate.kind === "noWorseThanProduction") {
    if (facts.production.state === "none")
      return { verdict: "first-version", reason: `${gate.metric} cannot be compared yet: nothing is in production` };
    if (facts.production.state === "incomparable")
      return inconclusive(`${gate.metric} cannot be compared with production: ${facts.production.why}`);
  }
  const { rows } = facts.whole;
  if (rows < fewestRows)
    return inconclusive(
      `${gate.metric} decides nothing on ${formatCount(rows, "row")}: at least ${fewestRows} are needed`,
    );
  if (facts.singleClass)
    return inconclusive(`${gate.metric} decides nothing on ${formatCount(rows, "row")}: all have the same label`);
  if (gate.kind === "fairness") return decideFairness(gate, facts.slices);
  if (gate.slice) return decideSlices(gate, gate.slice, facts.slices);

  const finding = judge(gate, facts.whole);
  if (finding === undefined) {
    const other = gate.kind === "betterThanBaseline" ? "the baseline's " : "production's ";
    const whose = findMeasurement(facts.whole.candidate, gate.metric) ? other : "";
    return inconclusive(`${whose}${gate.metric} is not defined on these ${formatCount(rows, "row")}`);
  }
  return { verdict: finding.holds ? "pass" : "fail", reason: `${finding.text} on ${formatCount(rows, "row")}` };
}

function decideSlices(
  gate: MetricGate,
  { column, min }: { column: string; min: number },
  slices: readonly JudgedSlice[],
): Ruling {
  const ofColumn = slices.filter((slice) => slice.column === column);
  const counted = ofColumn.filter((slice) => slice.rows >= min);
  const scope = `of ${formatCount(counted.length, "slice")} by ${column} with at least ${formatCount(min, "row")}`;
  if (counted.length === 0) {
    const largest = ofColumn.reduce((most, { rows }) => Math.max(most, rows), 0);
    return inconclusive(
      `${gate.metric} decides nothing: no slice by ${column} has at least ${formatCount(min, "row")}, the largest has ${formatCount(largest, "row")}`,
    );
  }
  const findings = counted.map((slice) => ({ slice, finding: judge(gate, slice) }));
  const judged = findings
    .flatMap(({ slice, finding }) => (finding ? [{ slice, ...finding }] : []))
    .sort((a, b) => a.margin - b.margin);
  const broken = judged.filter(({ holds }) => !holds);
  const undecided = findings.filter(({ finding }) => finding === undefined).map(({ slice }) => slice.value);

  if (broken.length > 0) {
    const worst = broken
      .slice(0, 3)
      .map(({ slice, text }) => `${slice.value}: ${text} on ${formatCount(slice.rows, "row")}`);
    const more = broken.length > worst.length ? `; and ${broken.length - worst.length} more` : "";
    return { verdict: "fail", reason: `${gate.metric} fails on ${broken.length} ${scope}: ${worst.join("; ")}${more}` };
  }
  if (undecided.length > 0) {
    return inconclusive(
      `${gate.metric} is not defined on ${undecided.length} ${scope}: ${undecided.slice(0, 3).join(", ")}`,
    );
  }
  const [worst] = judged;
  const detail = worst
    ? `, the worst being ${worst.slice.value}: ${worst.text} on ${formatCount(worst.slice.rows, "row")}`
    : "";
  return { verdict: "pass", reason: `${gate.metric} holds on each ${scope}${detail}` };
}

function inconclusive(reason: string): Ruling {
  return { verdict: "inconclusive", reason };
}

/** How a gate stands on some rows. */
interface Finding {
  readonly holds: boolean;
  /** How far on the good side of the limit, negative on the bad; in the metric's unit. */
  readonly margin: number;
  readonly text: string;
}

/** What adding two decimal fractions may be off by: 0.685 against 0.69 is not worse by more than 0.005. */
const rounding = 1e-12;

/** Judges by the point estimate; undefined where a value that the gate needs is not defined. */
function judge(gate: MetricGate, { candidate, baseline, production }: Judged): Finding | undefined {
  const measured = findMeasurement(candidate, gate.metric);
  if (measured === undefined) return undefined;
  const { value } = measured;
  const sign = findMetric(gate.metric)?.direction === "lower" ? -1 : 1;
  switch (gate.kind) {
    case "atLeast":
    case "atMost": {
      const margin = gate.kind === "atLeast" ? value - gate.value : gate.value - value;
      const holds = margin >= 0;
      const relation = gate.kind === "atLeast" ? (holds ? "at least" : "below") : holds ? "at most" : "above";
      const own = formatMeasurement(measured, tellingDecimals(value, gate.value));
      return { holds, margin, text: `${gate.metric} ${own} is ${relation} ${gate.value}` };
    }
    case "noWorseThanProduction": {
      const other = findMeasurement(production, gate.metric);
      if (other === undefined) return undefined;
      const margin = sign * (value - other.value) + gate.by;
      const holds = margin >= -rounding;
      const decimals = tellingDecimals(value, other.value, other.value - sign * gate.by);
      const reference = `production's ${formatNumber(other.value, decimals)}${gate.by > 0 ? ` by more than ${gate.by}` : ""}`;
      const relation = holds ? "not worse" : "worse";
      return {
        holds,
        margin,
        text: `${gate.metric} ${formatMeasurement(measured, decimals)} is ${relation} than ${reference}`,
      };
    }
    case "betterThanBaseline": {
      const other = findMeasurement(baseline, gate.metric);
      if (other === undefined) return undefined;
      const margin = sign * (value - other.value) - gate.by;
      const holds = margin >= -rounding && value !== other.value;
      const decimals = tellingDecimals(value, other.value, other.value + sign * gate.by);
      const relation = `${holds ? "better" : "not better"}${gate.by > 0 ? ` by ${gate.by}` : ""}`;
      const reference = `the baseline's ${formatNumber(other.value, decimals)} (${other.by})`;
      return {
        holds,
        margin,
        text: `${gate.metric} ${formatMeasurement(measured, decimals)} is ${relation} than ${reference}`,
      };
    }
  }
}

function findMeasurement<M extends Measurement>(measurements: readonly M[], metric: string): M | undefined {
  return measurements.find((measurement) => measurement.metric === metric);
}
