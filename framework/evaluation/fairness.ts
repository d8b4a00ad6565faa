/**
 * Fairness gates: whether the groups of a column are treated alike. Pure.
 * @module
 */
import { fairnessMeasures } from "../definitions/fairness.ts";
import type { GateSpec } from "../definitions/spec.ts";
import type { JudgedSlice, Ruling } from "./gates.ts";
import { formatCount, formatMeasurement, formatNumber, tellingDecimals } from "./number-text.ts";

type FairnessGate = Extract<GateSpec, { readonly kind: "fairness" }>;

/** What is to be measured of each group, by the gates that compare them. */
export function listGroupMeasures(gates: readonly GateSpec[]): readonly string[] {
  return gates.flatMap((gate) => (gate.kind === "fairness" ? [fairnessMeasures[gate.metric]] : []));
}

/** Decides by the point estimates of the groups that have enough rows. */
export function decideFairness(
  { metric, maxGap, slice: { column, min } }: FairnessGate,
  slices: readonly JudgedSlice[],
): Ruling {
  const ofColumn = slices.filter((slice) => slice.column === column);
  const counted = ofColumn.filter(({ rows }) => rows >= min);
  const scope = `${formatCount(counted.length, "group")} by ${column} with at least ${formatCount(min, "row")}`;
  if (counted.length < 2) return inconclusive(`${metric} compares nothing: there ${is(counted.length)} ${scope}`);
  const measured = counted.flatMap(({ value, rows, candidate }) => {
    const found = candidate.find((one) => one.metric === fairnessMeasures[metric]);
    return found ? [{ group: value, rows, found }] : [];
  });
  if (measured.length < counted.length) {
    const known = new Set(measured.map(({ group }) => group));
    const unmeasured = counted.flatMap(({ value }) => (known.has(value) ? [] : [value]));
    return inconclusive(`${metric} is not defined for ${unmeasured.slice(0, 3).join(", ")}, of ${scope}`);
  }
  const [lowest, highest] = findEnds(measured);
  if (!lowest || !highest) return inconclusive(`${metric} compares nothing of ${scope}`);
  // How far off a group is counts from none, and a rate from the lowest group's.
  const apart = metric === "calibration" ? highest.found.value : highest.found.value - lowest.found.value;
  // Two decimal fractions may be off by that when they are subtracted.
  const gap = Math.round(apart * 1e12) / 1e12;
  const holds = gap <= maxGap;
  const decimals = tellingDecimals(gap, maxGap);
  const tell = ({ group, rows, found }: Group) => {
    return `${group} ${formatMeasurement(found, decimals)} on ${formatCount(rows, "row")}`;
  };
  const ends = metric === "calibration" ? tell(highest) : `${tell(lowest)}, ${tell(highest)}`;
  const left = ofColumn.length - counted.length;
  return {
    verdict: holds ? "pass" : "fail",
    reason: `${metric} by ${column}: a gap of ${formatNumber(gap, decimals)} is ${holds ? "at most" : "above"} ${maxGap} (${ends}; ${scope}${left > 0 ? `, ${left} with fewer left out` : ""})`,
  };
}

interface Group {
  readonly group: string;
  readonly rows: number;
  readonly found: JudgedSlice["candidate"][number];
}

function findEnds(groups: readonly Group[]): readonly [Group | undefined, Group | undefined] {
  const sorted = groups.toSorted((a, b) => a.found.value - b.found.value);
  return [sorted[0], sorted.at(-1)];
}

function is(count: number): string {
  return count === 1 ? "is" : "are";
}

function inconclusive(reason: string): Ruling {
  return { verdict: "inconclusive", reason };
}
