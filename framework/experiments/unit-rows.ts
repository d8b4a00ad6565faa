/**
 * The rows of units as they come, by time: those of a unit's first while that one variant answered are added up to one row, and what
 * comes later is let go. So memory holds units, and not all that was ever answered to them. Pure.
 * @module
 */
import type { RowMeasure } from "./row-measure.ts";
import type { UnitRow } from "./summarise-units.ts";

/** What was answered to a unit: the first row of each variant, with the measures of those that came after it. */
type Answered = UnitRow[];

/** Takes rows in the order of their times. */
export class UnitRows {
  readonly #window: number;
  readonly #units = new Map<string, Answered>();

  /** @param window how long after its first row those of a unit count, in milliseconds */
  constructor(window: number) {
    this.#window = window;
  }

  add(row: UnitRow): void {
    const answered = this.#units.get(row.unit);
    const first = answered?.[0];
    if (!answered || !first) {
      this.#units.set(row.unit, [row]);
      return;
    }
    if (row.at > first.at + this.#window) return;
    const place = answered.findIndex(({ variant }) => variant === row.variant);
    const known = answered[place];
    if (known) answered[place] = { ...known, measures: addMeasures(known.measures, row.measures) };
    else answered.push(row);
  }

  /** The rows, in the order in which their units came. */
  *list(): Generator<UnitRow> {
    for (const answered of this.#units.values()) yield* answered;
  }
}

function addMeasures(a: UnitRow["measures"], b: UnitRow["measures"]): UnitRow["measures"] {
  const added: Record<string, RowMeasure> = { ...a };
  for (const [name, [numerator, denominator]] of Object.entries(b)) {
    const [x, y] = added[name] ?? [0, 0];
    added[name] = [x + numerator, y + denominator];
  }
  return added;
}
