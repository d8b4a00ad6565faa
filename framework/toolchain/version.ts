/**
 * Reading and comparing the versions that programs print.
 * @module
 */
import type { PathRule } from "./tools.ts";

/** Below zero when `a` is the lower version, above zero when it is the higher one: number by number, a missing one is 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [readNumbers(a), readNumbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version in what a program printed, or nothing when it is a development build or another program. */
export function readVersion(rule: PathRule, printed: string): string | undefined {
  return rule.pattern.exec(printed)?.[1];
}

/** Whether a version lies in the range of a rule. */
export function fitsRule(rule: PathRule, version: string): boolean {
  if (compareVersions(version, rule.from) < 0) return false;
  return rule.below === undefined || compareVersions(version, rule.below) < 0;
}

/** The range of a rule, for people: `≥ 3.255.0 and < 4.0.0`. */
export function describeRule(rule: PathRule): string {
  return rule.below === undefined ? `≥ ${rule.from}` : `≥ ${rule.from} and < ${rule.below}`;
}

function readNumbers(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
