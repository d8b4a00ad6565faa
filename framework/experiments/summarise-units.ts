/**
 * The summary of an experiment from the requests of its units. Each unit counts once, by the requests of its first while, and only when
 * all of these are matured: in the order of maturity, which the arm has no part in. Labels that came early wait for the others, so
 * that quick cases never count before slow ones. Pure.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { formatOf } from "../definitions/format.ts";
import { toSeconds } from "../definitions/units.ts";
import { type ArmCohort, type ExperimentSummary, isOfRequests, nameMeasure } from "./experiment-summary.ts";
import type { RowMeasure } from "./row-measure.ts";
import { mergeMoments, momentsOf, noUnits, type UnitMoments } from "./unit-moments.ts";

/** One request that a unit made, of one row. */
export interface UnitRow {
  readonly unit: string;
  /** The variant that answered, as it was logged; one that is no arm is left out. */
  readonly variant: string;
  /** When it was asked, in milliseconds since 1970. */
  readonly at: number;
  /** What it adds to each measure of labels, by their names (`nameMeasure`): to those whose label is known. */
  readonly measures: Readonly<Record<string, RowMeasure>>;
}

export interface Gathering {
  readonly endpoint: string;
  readonly experiment: ExperimentSpec;
  /** When the experiment began, and as of when the summary is, in milliseconds since 1970. */
  readonly begun: number;
  readonly asOf: number;
  /** How long after its answer a label is final, in milliseconds. */
  readonly matures: number;
  /** How long a cohort lasts, in milliseconds. @default a 240th of the longest that the experiment may last */
  readonly cohort?: number;
}

const cohortsOfExperiment = 240;

/** How long a cohort of an experiment lasts, in milliseconds. */
export function lengthOfCohort({ atMost }: Pick<ExperimentSpec, "atMost">): number {
  return Math.max(1, (toSeconds(atMost) * 1000) / cohortsOfExperiment);
}

interface Unit {
  /** Its first request, which says its arm. */
  first: UnitRow;
  readonly rows: UnitRow[];
}

/**
 * Gathers units from rows, in any order. Rows before the experiment began, and after `asOf`, are left out. A cohort has what became complete
 * after the one before it and until its own end; the one that has not ended is not there yet, so that no look is ever taken back.
 */
export function summariseUnits(rows: Iterable<UnitRow>, gathering: Gathering): ExperimentSummary {
  const { endpoint, experiment, begun, asOf } = gathering;
  const window = toSeconds(experiment.window) * 1000;
  const cohort = gathering.cohort ?? lengthOfCohort(experiment);
  const names = new Set(experiment.arms.map(({ name }) => name));
  const units = gather(rows, { begun, asOf, names });
  const cohorts = Array.from(
    { length: Math.floor(Math.max(0, asOf - begun) / cohort) },
    () => new Map<string, Counting>(),
  );
  const placeOf = (time: number, arm: string): Counting | undefined => {
    const found = cohorts[Math.max(0, Math.ceil((time - begun) / cohort) - 1)];
    if (found && !found.has(arm)) found.set(arm, { exposed: 0, matured: 0, measures: new Map() });
    return found?.get(arm);
  };
  let crossed = 0;
  for (const unit of units.values()) {
    const { at, variant } = unit.first;
    const exposed = placeOf(at, variant);
    if (exposed) exposed.exposed += 1;
    const own = unit.rows.filter((row) => row.at <= at + window);
    if (own.some((row) => row.variant !== variant)) crossed += 1;
    else count({ first: at, arm: variant, rows: own }, { gathering, window, placeOf });
  }
  return {
    format: formatOf("experiment-summary"),
    endpoint,
    experiment: experiment.name,
    begun: new Date(begun).toISOString(),
    asOf: new Date(asOf).toISOString(),
    crossed,
    cohorts: cohorts.map((arms, i) => ({
      until: new Date(begun + (i + 1) * cohort).toISOString(),
      arms: Object.fromEntries([...arms].map(([name, counting]) => [name, close(counting)] as const)),
    })),
  };
}

/** What is counted of an arm within a cohort. */
interface Counting {
  exposed: number;
  matured: number;
  readonly measures: Map<string, UnitMoments>;
}

function close({ exposed, matured, measures }: Counting): ArmCohort {
  return { exposed, matured, measures: Object.fromEntries(measures) };
}

function gather(
  rows: Iterable<UnitRow>,
  { begun, asOf, names }: { readonly begun: number; readonly asOf: number; readonly names: ReadonlySet<string> },
): ReadonlyMap<string, Unit> {
  const units = new Map<string, Unit>();
  for (const row of rows) {
    if (row.at < begun || row.at > asOf || !names.has(row.variant)) continue;
    const unit = units.get(row.unit);
    if (!unit) {
      units.set(row.unit, { first: row, rows: [row] });
      continue;
    }
    if (isBefore(row, unit.first)) unit.first = row;
    unit.rows.push(row);
  }
  return units;
}

/** Of requests of one moment the one of the first variant by name comes first, so that the order of rows says nothing. */
function isBefore(a: UnitRow, b: UnitRow): boolean {
  return a.at < b.at || (a.at === b.at && a.variant < b.variant);
}

/** A unit of one arm, with the requests of its first while. */
interface Sound {
  readonly first: number;
  readonly arm: string;
  readonly rows: readonly UnitRow[];
}

interface Place {
  readonly gathering: Gathering;
  /** In milliseconds. */
  readonly window: number;
  readonly placeOf: (time: number, arm: string) => Counting | undefined;
}

/** Counts a unit in the cohort in which its requests, and then their labels, were complete. */
function count({ first, arm, rows }: Sound, { gathering, window, placeOf }: Place): void {
  const { experiment, asOf, matures } = gathering;
  const complete = first + window + matures;
  const counting = complete <= asOf ? placeOf(complete, arm) : undefined;
  if (!counting) return;
  counting.matured += 1;
  for (const name of listLabelMeasures(experiment)) {
    const measured = rows.flatMap(({ measures }) => (measures[name] ? [measures[name]] : []));
    const moments = momentsOfUnit(measured, experiment.per);
    if (moments) counting.measures.set(name, mergeMoments(counting.measures.get(name) ?? noUnits, moments));
  }
}

/** The measures of an experiment that are of labels: its metric's, and those of guardrails that need them. */
export function listLabelMeasures({
  metric,
  guardrails,
}: Pick<ExperimentSpec, "metric" | "guardrails">): readonly string[] {
  const names = guardrails.filter((one) => !isOfRequests(one.metric)).map(nameMeasure);
  return [...new Set([metric, ...names])];
}

/** One unit's numerator and denominator: its mean over 1, or its sums. @returns nothing where none of its rows has the measure */
function momentsOfUnit(measures: readonly RowMeasure[], per: ExperimentSpec["per"]): UnitMoments | undefined {
  if (measures.length === 0) return undefined;
  const [sum, size] = measures.reduce<RowMeasure>(([x, y], [a, b]) => [x + a, y + b], [0, 0]);
  if (per === "row") return momentsOf(sum, size);
  return size === 0 ? undefined : momentsOf(sum / size, 1);
}
