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

/** How often something happened under some labels. */
export interface CounterSum {
  value: number;
}

/** Counts from 0 since the process began. */
export class Counter<Label extends string> {
  readonly #options: CounterOptions<Label>;
  readonly #sums = new Map<string, CounterSum & { readonly labels: Readonly<Record<Label, string>> }>();

  constructor(options: CounterOptions<Label>) {
    this.#options = options;
  }

  /** Adds to the sum of some labels; 1 unless more happened at once. */
  add(labels: Readonly<Record<Label, string>>, times = 1): void {
    this.sum(labels).value += times;
  }

  /** The sum of some labels, to be kept by whoever adds to it often; it is there from now on, even while it is 0. */
  sum(labels: Readonly<Record<Label, string>>): CounterSum {
    const key = JSON.stringify(this.#options.labels.map((name) => labels[name]));
    const known = this.#sums.get(key);
    if (known) return known;
    const sum = { labels, value: 0 };
    this.#sums.set(key, sum);
    return sum;
  }

  /** The counter as it is now. */
  read(): Metric {
    const { name, help } = this.#options;
    return { name, type: "counter", help, samples: [...this.#sums.values()].map((sum) => ({ ...sum })) };
  }
}
