/**
 * The split by time: which event times belong to training, validation and test. Pure.
 * @module
 */
import type { Problem } from "../definitions/problem.ts";
import type { TrainingJobSpec } from "../definitions/spec.ts";
import { formatLength, formatTime, toMicroseconds } from "./microseconds.ts";

const splitNames = ["train", "validation", "test"] as const;
export type SplitName = (typeof splitNames)[number];

/** Event times in `(after, upTo]`, in microseconds since 1970; none when the ends cross. */
interface Interval {
  readonly after: bigint;
  readonly upTo: bigint;
}

/** The first and the last event time of the examples, in microseconds since 1970. */
interface Extent {
  readonly from: bigint;
  readonly to: bigint;
}

type SplitPlan = Readonly<Record<SplitName, Interval>>;

/**
 * Splits the event times of the examples, from the end: `test` is the last of them, then a gap, `validation`, another
 * gap, and `train` is all that is earlier:
 *
 *     test         (to − test, to]
 *     validation   (to − test − gap − validation, to − test − gap]
 *     train        [from, to − test − gap − validation − gap]
 *
 * A validation of 0 is none, and has no gap of its own: `train` is then [from, to − test − gap].
 */
export function planSplit({ from, to }: Extent, split: TrainingJobSpec["split"]): SplitPlan {
  const gap = toMicroseconds(split.gap);
  const validation = toMicroseconds(split.validation);
  const testStart = to - toMicroseconds(split.test);
  const validationEnd = testStart - gap;
  const validationStart = validationEnd - validation;
  return {
    train: { after: from - 1n, upTo: validation > 0n ? validationStart - gap : validationEnd },
    validation: { after: validationStart, upTo: validationEnd },
    test: { after: testStart, upTo: to },
  };
}

/** The splits that should have rows and have none, as problems. */
export function findEmptySplits(
  job: TrainingJobSpec,
  extent: Extent,
  splits: Readonly<Record<SplitName, { readonly rows: number }>>,
): Problem[] {
  const { test, validation, gap } = job.split;
  const wanted = splitNames.filter((name) => name !== "validation" || toMicroseconds(validation) > 0n);
  const validated = wanted.includes("validation") ? `, "validation" ${validation}, another "gap" of ${gap}` : "";
  return wanted
    .filter((name) => splits[name].rows === 0)
    .map((name) => ({
      code: "split-invalid",
      at: name === "train" ? `${job.name}.split` : `${job.name}.split.${name}`,
      what: `the split leaves no rows for "${name}"`,
      got: `${formatLength(extent.to - extent.from)} of examples, from ${formatTime(extent.from)} to ${formatTime(extent.to)}`,
      expected: `from the end "test" ${test}, "gap" ${gap}${validated}, and rows for "train" before`,
      fix: "shorten the split, or ingest data over a longer time",
    }));
}
