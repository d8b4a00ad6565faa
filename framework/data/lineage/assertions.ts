/**
 * What a contract asked of the rows of a version, and how many of them broke it, as OpenLineage tells it. Pure.
 * @module
 */
import { planRowRules, planRules } from "../contract.ts";
import type { IngestedVersion } from "./ingested-version.ts";

export interface Assertion {
  readonly assertion: string;
  readonly success: boolean;
  /** @default it is about several columns, or whole rows */
  readonly column?: string;
  /** The columns that it is about, where they are several. @default they are not */
  readonly name?: string;
  readonly severity: "error" | "warn";
  readonly expected?: string;
  readonly actual?: string;
}

/** The contract as a whole, each rule of it with how many rows broke it, and what it asked of all rows together. */
export function listAssertions({ spec, version }: IngestedVersion): Assertion[] {
  const { rows, quarantined } = version;
  const severity = spec.contract.violations === "reject" ? "error" : "warn";
  const counted = (broken: number) =>
    ({
      success: broken === 0,
      severity,
      expected: "0",
      actual: String(broken),
    }) as const;
  const whole: Assertion = { assertion: "keeps the contract", ...counted(quarantined?.rows ?? 0) };
  const broken = new Map((quarantined?.reasons ?? []).map((reason) => [keyOf(reason), reason]));
  const checked = listRules(spec).map((rule) => ({ rows: 0, ...rule, ...broken.get(keyOf(rule)) }));
  const known = new Set(checked.map(keyOf));
  // What was broken is told, even where it is none of the rules that there are by now.
  const others = [...broken.values()].filter((reason) => !known.has(keyOf(reason)));
  const rules = [...checked, ...others].map(({ column, reason, rows }): Assertion => {
    return {
      // A rule over the whole row says what holds; a reason of a column's says what is the matter.
      assertion: column === "" ? reason : `none ${reason}`,
      ...counted(rows),
      ...(isSeveral(column, spec) ? { name: column } : column !== "" && { column }),
    };
  });
  return [whole, ...rules, ...listWholes(spec, rows, version.to)];
}

interface RuleName {
  readonly column: string;
  readonly reason: string;
}

function keyOf({ column, reason }: RuleName): string {
  return JSON.stringify([column, reason]);
}

/** The rules that rows are held against; where a row is found in SQL does not matter for what they are called. */
function listRules(spec: IngestedVersion["spec"]): RuleName[] {
  const places = spec.columns.map(() => ({ raw: "raw", value: "value" }));
  const rules = [...planRules(spec, places), ...planRowRules(spec, { row: "named", repeated: "repeated" })];
  return rules.map(({ column, reason }) => ({ column, reason }));
}

function isSeveral(column: string, { columns }: IngestedVersion["spec"]): boolean {
  return column.includes(", ") && !columns.some(({ name }) => name === column);
}

/** What is asked of all rows together: a version that broke it was never made. */
function listWholes({ contract }: IngestedVersion["spec"], rows: number, newest: string): Assertion[] {
  const { rows: band, freshness, evolution } = contract;
  const kept = { success: true, severity: "error" } as const;
  return [
    ...(band?.min === undefined
      ? []
      : [{ assertion: "has rows enough", ...kept, expected: `at least ${band.min}`, actual: String(rows) }]),
    ...(band?.max === undefined
      ? []
      : [{ assertion: "has not too many rows", ...kept, expected: `at most ${band.max}`, actual: String(rows) }]),
    ...(freshness === undefined
      ? []
      : [{ assertion: "is fresh", ...kept, expected: `at most ${freshness} old`, actual: newest }]),
    ...(evolution === "freeze" ? [{ assertion: "has no other columns", ...kept }] : []),
  ];
}
