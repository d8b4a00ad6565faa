/**
 * Cohorts: the answers of one stretch of time by one version, of which only those count that are old enough for their labels to be
 * final. A label that comes early is of a quick case, and quick cases are not like the others; so what is young is counted and never
 * averaged in. Pure.
 * @module
 */
import type { ObservedSpec } from "../definitions/feedback-spec.ts";
import type { LabelledRow } from "./join-labels.ts";
import { GrowingValues, type LabelledValues } from "./labelled-values.ts";

/** What a cohort is decided by. */
export interface CohortTerms {
  /** As of when it is asked, in milliseconds since 1970. */
  readonly asOf: number;
  /** How long after its answer a label is final, in milliseconds. */
  readonly matures: number;
  /** How long the stretches are, in milliseconds; each begins at a multiple of it since 1970 in UTC. */
  readonly window: number;
  /** @default a label can come to be known of every answer */
  readonly observed?: ObservedSpec | undefined;
}

/** The counts of a cohort, in rows. */
export interface CohortCounts {
  /** From when to when it was answered, in milliseconds since 1970; without the end. */
  readonly from: number;
  readonly to: number;
  readonly variant: string;
  readonly version: string;
  readonly package: string;
  /** Whether nobody saw the answers. */
  readonly isShadow: boolean;
  readonly answered: number;
  /** Those old enough for a label to be final. All that follows is of these. */
  readonly matured: number;
  /** Those of which a label can come to be known at all. */
  readonly observable: number;
  /** Those of which one is. */
  readonly labelled: number;
  /** Labels that are there only because of what the model answered: they say nothing of answers that were otherwise. */
  readonly flagged: number;
  /** Labels of answers that are too young: they wait. */
  readonly early: number;
}

/** A cohort with what it is measured on: the labelled rows of those that matured. */
export interface Cohort extends CohortCounts {
  readonly rows: LabelledValues;
}

/** What a row counts as. */
export interface RowStanding {
  readonly isMature: boolean;
  /** Whether a label can come to be known of it, by what was answered. */
  readonly isObservable: boolean;
  /** Whether its label is there only because of what was answered. */
  readonly isFlagged: boolean;
}

/** What a row counts as. */
export function judgeRow(row: LabelledRow, { asOf, matures, observed }: CohortTerms): RowStanding {
  const isObservable = allows(observed, row);
  const isFlagged = row.label !== undefined && (row.selected ?? (observed !== undefined && isObservable));
  return { isMature: row.time + matures <= asOf, isObservable, isFlagged };
}

/** Whether what was answered lets a label come to be known. */
function allows(observed: ObservedSpec | undefined, { given, givenValue }: LabelledRow): boolean {
  if (observed === undefined) return true;
  if ("when" in observed) return given === String(observed.when);
  return "atLeast" in observed ? givenValue >= observed.atLeast : givenValue < observed.below;
}

type Growing = { -readonly [Field in keyof CohortCounts]: CohortCounts[Field] } & {
  readonly rows: GrowingValues;
};

/** What the variant of a model is called that stands alone. */
const alone = "champion";

/** Takes labelled rows in any order, and gives their cohorts. */
export class Cohorts {
  readonly #terms: CohortTerms;
  readonly #cohorts = new Map<string, Growing>();

  constructor(terms: CohortTerms) {
    this.#terms = terms;
  }

  add(row: LabelledRow): void {
    const cohort = this.#find(row);
    const { isMature, isObservable, isFlagged } = judgeRow(row, this.#terms);
    cohort.answered++;
    if (!isMature) {
      cohort.early += Number(row.label !== undefined);
      return;
    }
    cohort.matured++;
    cohort.observable += Number(isObservable);
    if (row.label === undefined) return;
    cohort.labelled++;
    cohort.flagged += Number(isFlagged);
    cohort.rows.add({ predictions: row.predictions, label: row.label });
  }

  /** By time, then variant, then version. */
  list(): readonly Cohort[] {
    return [...this.#cohorts.values()].sort(
      (a, b) =>
        a.from - b.from ||
        compareTexts(a.variant, b.variant) ||
        Number(a.version) - Number(b.version) ||
        compareTexts(a.package, b.package),
    );
  }

  #find({ time, variant = alone, version, package: digest, isShadow }: LabelledRow): Growing {
    const { window } = this.#terms;
    const from = Math.floor(time / window) * window;
    const key = JSON.stringify([from, variant, version, digest, isShadow]);
    const known = this.#cohorts.get(key);
    if (known) return known;
    const counts = { answered: 0, matured: 0, observable: 0, labelled: 0, flagged: 0, early: 0 };
    const rows = new GrowingValues();
    const made = { from, to: from + window, variant, version, package: digest, isShadow, ...counts, rows };
    this.#cohorts.set(key, made);
    return made;
  }
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
