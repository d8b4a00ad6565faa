/**
 * A histogram of times: how many were at most so long.
 * @module
 */
import type { Metric, Sample } from "./metric-text.ts";

/** What a histogram is called, and the name of its one label. */
export interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly label: string;
}

/** The upper bounds of its buckets, in seconds: from what a small model takes to what a caller still waits for. */
const bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

interface Times {
  /** How many came into each bucket and in none before it; the last is beyond all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

/** Counts from 0 since the process began. */
export class Histogram {
  readonly #options: HistogramOptions;
  readonly #times = new Map<string, Times>();

  constructor(options: HistogramOptions) {
    this.#options = options;
  }

  /** Adds a time. @param value of the label @param seconds how long it took */
  observe(value: string, seconds: number): void {
    let times = this.#times.get(value);
    if (!times) {
      times = { counts: new Float64Array(bounds.length + 1), sum: 0 };
      this.#times.set(value, times);
    }
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] as number)) bucket++;
    times.counts[bucket] = (times.counts[bucket] as number) + 1;
    times.sum += seconds;
  }

  /** The histogram as it is now: each bucket with all before it, as Prometheus has them. */
  read(): Metric {
    const { name, help, label } = this.#options;
    const samples = [...this.#times].flatMap(([value, { counts, sum }]): Sample[] => {
      const labels = { [label]: value };
      let count = 0;
      const buckets = Array.from(counts, (own, bucket) => {
        count += own;
        return { suffix: "_bucket", labels: { ...labels, le: String(bounds[bucket] ?? "+Inf") }, value: count };
      });
      return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: count }];
    });
    return { name, type: "histogram", help, samples };
  }
}
