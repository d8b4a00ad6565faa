/**
 * A canary's conditions on matured labels. Pure, and read by workflows.
 *
 * They are judged at the end of a step by the plain values, over the least number of labels at least. Before that only a limit counts
 * that is exceeded beyond doubt, of the metrics that are means of values from 0 to 1: of the others, and of a difference of two
 * versions, no bound is known that would hold.
 * @module
 */
import type { LabelRuleSpec } from "../../definitions/rollout-spec.ts";
import type { Judged } from "./advance-canary.ts";
import { isBeyondDoubt } from "./beyond-doubt.ts";

/** What the matured labels of one version's answers say. */
export interface VersionLabels {
  /** How many rows were measured: those that matured and have a label. */
  readonly labels: number;
  /** The metrics by their names; those that are not defined on these rows, as an AUC of one class, are missing. */
  readonly values: Readonly<Record<string, number>>;
}

/** What the matured labels of the answers say that were given since a step began. */
export interface LabelEvidence {
  readonly canary: VersionLabels;
  readonly champion: VersionLabels;
}

const nothing: VersionLabels = { labels: 0, values: {} };

/** What there is to say of a condition on labels. @param evidence nothing where no labels were read */
export function judgeLabels(rule: LabelRuleSpec, evidence: LabelEvidence | undefined): Judged {
  const { canary = nothing, champion = nothing } = evidence ?? {};
  const { metric, over } = rule;
  const [own, theirs] = [canary.values[metric], champion.values[metric]];
  const isRelative = "by" in rule;
  const lacks = [
    ...findLack(canary, { metric, over, whose: "" }),
    ...(isRelative ? findLack(champion, { metric, over, whose: " of the champion" }) : []),
  ];
  const missing = lacks.length > 0 ? { missing: lacks.join(", ") } : {};
  if (own === undefined || (isRelative && theirs === undefined))
    return { isAbove: false, isDoubtless: false, missing: lacks.join(", "), says: "" };
  const value = `${metric} ${formatValue(own)} of ${formatCount(canary.labels)} labels`;
  switch (rule.kind) {
    case "metricBelow":
      return {
        isAbove: own < rule.below,
        isDoubtless: isSurely(canary, { metric, limit: rule.below }),
        ...missing,
        says: `${value}, below ${formatValue(rule.below)}`,
      };
    case "metricAbove":
      return {
        isAbove: own > rule.above,
        isDoubtless: isSurely(canary, { metric, limit: rule.above }),
        ...missing,
        says: `${value}, above ${formatValue(rule.above)}`,
      };
    case "metricBelowChampion":
    case "metricAboveChampion": {
      const isBelow = rule.kind === "metricBelowChampion";
      const worse = isBelow ? (theirs ?? 0) - own : own - (theirs ?? 0);
      const beside = `the champion's ${formatValue(theirs ?? 0)} of ${formatCount(champion.labels)}`;
      return {
        // What two decimal fractions differ by is not exact.
        isAbove: worse > rule.by + rounding,
        isDoubtless: false,
        ...missing,
        says: `${value}, more than ${formatValue(rule.by)} ${isBelow ? "below" : "above"} ${beside}`,
      };
    }
  }
}

const rounding = 1e-12;

/** What a version lacks to be judged. */
function findLack(
  { labels, values }: VersionLabels,
  { metric, over, whose }: { readonly metric: string; readonly over: number; readonly whose: string },
): readonly string[] {
  if (labels < over) return [`${formatCount(labels)} of ${formatCount(over)} matured labels${whose}`];
  return values[metric] === undefined ? [`${metric} is not defined on ${formatCount(labels)} labels${whose}`] : [];
}

/** The metrics that are means over rows of values from 0 to 1; of the first ones 1 is right. */
const shares = /^(accuracy|top-\d+-accuracy)$/;

/** Whether a limit is exceeded beyond doubt. */
function isSurely({ labels, values }: VersionLabels, { metric, limit }: { metric: string; limit: number }): boolean {
  const value = values[metric] ?? 0;
  if (shares.test(metric)) return isBeyondDoubt({ of: (1 - value) * labels, all: labels, limit: 1 - limit });
  return metric === "brier" && isBeyondDoubt({ of: value * labels, all: labels, limit });
}

/** `accuracy 0.81 of 612 labels (champion 0.83 of 2,410)`. */
export function describeLabels(metric: string, evidence: LabelEvidence | undefined): string {
  const { canary = nothing, champion = nothing } = evidence ?? {};
  const theirs = champion.values[metric];
  const beside = theirs === undefined ? "" : ` (champion ${formatValue(theirs)} of ${formatCount(champion.labels)})`;
  const own = canary.values[metric];
  const said = own === undefined ? `${metric} not known` : `${metric} ${formatValue(own)}`;
  return `${said} of ${formatCount(canary.labels)} labels${beside}`;
}

function formatValue(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** `2,410`. */
function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
