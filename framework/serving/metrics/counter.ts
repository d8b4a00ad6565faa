/**
 * A counter: sums under labels.
 * @module
 */
import type { Metric } from "./metric-text.ts";

/** What a counter is called, and the names of its labels in their order. */
export interface CounterOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

/** Counts from 0 since the process began. */
export class Counter<Label extends string> {
  readonly #options: CounterOptions<Label>;
  readonly #sums = new Map<string, { readonly labels: Readonly<Record<Label, string>>; value: number }>();

  constructor(options: CounterOptions<Label>) {
    this.#options = options;
  }

  /** Adds to the sum of some labels; 1 unless more happened at once. */
  add(labels: Readonly<Record<Label, string>>, times = 1): void {
    const key = JSON.stringify(this.#options.labels.map((name) => labels[name]));
    const sum = this.#sums.get(key) ?? { labels, value: 0 };
    sum.value += times;
    this.#sums.set(key, sum);
  }

  /** The counter as it is now. */
  read(): Metric {
    const { name, help } = this.#options;
    return { name, type: "counter", help, samples: [...this.#sums.values()].map((sum) => ({ ...sum })) };
  }
}
