/**
 * Cohorts of an endpoint's answers for people.
 * @module
 */
import type { FeedbackSpec } from "../definitions/feedback-spec.ts";
import { formatCount, formatMeasurement } from "../evaluation/number-text.ts";
import type { FeedbackView, MeasuredCohort } from "../feedback/feedback-view.ts";
import type { NamedRows, StrayLabels } from "../feedback/label-counts.ts";
import { formatTable } from "./table.ts";

/** A table of cohorts, and what there is to know of the labels. */
export function formatFeedback(
  { labels, sealed, cohorts }: FeedbackView,
  { matures, observed }: FeedbackSpec,
): readonly string[] {
  const unknown = [...formatStrays(labels), ...formatSealed(sealed)];
  if (cohorts.length === 0) return ["nothing was answered by then", ...unknown];
  // In the order of the cohort that has most: one of few labels lacks those that take labels of both kinds.
  const most = cohorts.toSorted((a, b) => b.metrics.length - a.metrics.length);
  const metrics = [...new Set(most.flatMap((cohort) => cohort.metrics.map(({ metric }) => metric)))];
  const header = [
    "from",
    "variant",
    "version",
    "answered",
    "matured",
    "labelled",
    ...(observed ? ["can be", "flagged"] : []),
    ...metrics,
  ];
  const young = cohorts.reduce((sum, { answered, matured }) => sum + answered - matured, 0);
  const early = cohorts.reduce((sum, cohort) => sum + cohort.early, 0);
  const strange = cohorts.reduce((sum, cohort) => sum + cohort.strange, 0);
  return [
    ...formatTable([header, ...cohorts.map((cohort) => formatCohort(cohort, metrics, observed !== undefined))]),
    ...(young > 0
      ? [
          `  ${formatCount(young, "row")} younger than ${matures} ${young === 1 ? "waits" : "wait"}${early > 0 ? `, ${early.toLocaleString("en-US")} with a label already` : ""}: what is measured is of the older ones alone`,
        ]
      : []),
    ...(observed
      ? [
          "  labels come to be known only where the answer lets them: what is measured is of such answers, flagged, and says nothing of the others",
        ]
      : []),
    ...(strange > 0
      ? [
          `  ${formatCount(strange, "label")} of a class that the version does not have ${strange === 1 ? "is" : "are"} left out`,
        ]
      : []),
    ...unknown,
  ];
}

function formatSealed(sealed: number): readonly string[] {
  return sealed > 0
    ? [
        `  ! ${formatCount(sealed, "label")} that no key opens: their persons were forgotten, or the stack's key is another one`,
      ]
    : [];
}

function formatCohort(cohort: MeasuredCohort, metrics: readonly string[], isSelective: boolean): readonly string[] {
  const { from, variant, version, isShadow, answered, matured, observable, labelled, flagged } = cohort;
  return [
    new Date(from).toISOString().slice(0, from % 86_400_000 === 0 ? 10 : 16),
    isShadow ? `${variant} (unseen)` : variant,
    version,
    answered.toLocaleString("en-US"),
    matured.toLocaleString("en-US"),
    // Of all of them, for a label may be known of one whose answer would not have let it be.
    withShare(labelled, matured),
    ...(isSelective ? [withShare(observable, matured), withShare(flagged, labelled)] : []),
    ...metrics.map((name) => {
      const found = cohort.metrics.find(({ metric }) => metric === name);
      return found ? formatMeasurement(found) : "–";
    }),
  ];
}

/** `1,100 (91 %)`. */
function withShare(count: number, all: number): string {
  const text = count.toLocaleString("en-US");
  return all === 0 ? text : `${text} (${Math.floor((count / all) * 100)} %)`;
}

/** Labels that count for nothing; nothing where there are none. */
export function formatStrays({ orphans, ambiguous }: StrayLabels): readonly string[] {
  return [
    ...formatNamed(orphans, "of no answer in the log"),
    ...formatNamed(ambiguous, "of an id that several answers have, and so of none"),
  ];
}

function formatNamed({ count, examples }: NamedRows, why: string): readonly string[] {
  if (count === 0) return [];
  const [some, more] = [examples.slice(0, 3), count > 3 ? ", …" : ""];
  const named = some.map(({ id, row }) => (row === 0 ? id : `${id} ${row === null ? "without a row" : `row ${row}`}`));
  return [`  ! ${formatCount(count, "label")} ${why}: ${named.join(", ")}${more}`];
}
