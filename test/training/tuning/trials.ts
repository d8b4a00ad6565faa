/**
 * Studies and trials for tests: a space of every kind, what a trial of it is worth, and a record that grows by chance that is seeded.
 * @module
 */
import { formatOf } from "../../../framework/definitions/format.ts";
import type { SearchedSpec, TuningSpec } from "../../../framework/definitions/tuning-spec.ts";
import type { OpenTrial, Study, Suggestion, Trial } from "../../../framework/training/tuning/study.ts";

/** A log scale, steps, a choice, and a parameter that only one of its values has. */
export const space: readonly SearchedSpec[] = [
  { param: "rate", distribution: { kind: "float", low: 1e-4, high: 1, scale: "log" } },
  { param: "leaves", distribution: { kind: "int", low: 2, high: 32, scale: "linear", step: 5 } },
  { param: "boosting", distribution: { kind: "choice", values: ["plain", "dart", "goss"] } },
  {
    param: "drop",
    distribution: { kind: "float", low: 0, high: 0.5, scale: "linear" },
    when: { param: "boosting", is: "dart" },
  },
];

/** The same with nothing that is any fraction: 7 · (2 + 3) cells. */
export const gridSpace: readonly SearchedSpec[] = [
  { param: "leaves", distribution: { kind: "int", low: 2, high: 32, scale: "linear", step: 5 } },
  { param: "boosting", distribution: { kind: "choice", values: ["plain", "dart", "goss"] } },
  {
    param: "drop",
    distribution: { kind: "int", low: 1, high: 3, scale: "linear", step: 1 },
    when: { param: "boosting", is: "dart" },
  },
];

/** A tuning of one objective, by chance, with no pruner and no budget. */
export function tuningOf(changes: Partial<TuningSpec> = {}): TuningSpec {
  return {
    sampler: "random",
    pruner: { kind: "none" },
    objectives: [{ metric: "loss", direction: "minimize" }],
    space: [...(changes.sampler === "grid" ? gridSpace : space)],
    trials: 30,
    parallel: 2,
    budget: {},
    failures: 0.5,
    warmStart: false,
    ...changes,
  };
}

export function studyOf(changes: Partial<TuningSpec> = {}, rest: Partial<Study> = {}): Study {
  return { identity: "5".repeat(64), tuning: tuningOf(changes), seed: 11, ...rest };
}

/** A trial that was completed in ten seconds, with the value 1. */
export function trialOf(changes: Partial<Trial> = {}): Trial {
  return {
    format: formatOf("trial"),
    study: "5".repeat(64),
    number: 0,
    params: {},
    state: "completed",
    values: [1],
    intermediates: [],
    seconds: 10,
    ...changes,
  };
}

/** How the trial of a suggestion ends that is run to its end: better towards a rate of 0.0006 and 7 leaves. */
export function complete(study: Study, { number, params }: Suggestion): Trial {
  const { rate = 0.1, leaves = 2, drop = 0 } = params as { rate?: number; leaves?: number; drop?: number };
  const loss = (Math.log10(rate) + 3.2) ** 2 + Math.abs(leaves - 7) / 10 + drop;
  const values = study.tuning.objectives.map((_, place) => (place === 0 ? loss : -loss + Number(leaves)));
  const intermediates = [1, 3, 9].map((step) => ({ step, value: loss + 1 / step }));
  return trialOf({ study: study.identity, number, params, values, intermediates });
}

/** A record that grows: some run, and one of them ends in some way. */
export class GrowingRecord {
  readonly trials: Trial[] = [];
  readonly open: OpenTrial[] = [];
  readonly #study: Study;
  #chance: number;

  constructor(study: Study, chance: number) {
    this.#study = study;
    this.#chance = chance;
  }

  /** A whole number from 0, below a bound: the same numbers each time for one seed. */
  draw(bound: number): number {
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#chance / 2 ** 32) * bound);
  }

  /** Takes a suggestion in; once more trials run than may, one of them ends: most completed, some given up, some failed. */
  begin(suggestion: Suggestion): void {
    this.open.push(suggestion);
    if (this.open.length <= this.#study.tuning.parallel) return;
    const [ended] = this.open.splice(this.draw(this.open.length), 1) as [OpenTrial];
    const completed = complete(this.#study, ended);
    const state = (["completed", "completed", "completed", "pruned", "failed"] as const)[this.draw(5)] ?? "completed";
    this.trials.push(state === "completed" ? completed : { ...completed, state, values: [] });
    this.trials.sort((a, b) => a.number - b.number);
  }

  /** The record as it is now. */
  copy(): { readonly trials: readonly Trial[]; readonly open: readonly OpenTrial[] } {
    return structuredClone({ trials: this.trials, open: this.open });
  }
}
