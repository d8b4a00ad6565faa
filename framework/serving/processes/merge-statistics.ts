/**
 * The statistics of several processes of one server as those of one. Pure.
 * @module
 */
import type { Duration } from "../inference-statistics.ts";
import type { describeStatistics } from "../triton.ts";

type Statistics = ReturnType<typeof describeStatistics>;
type ModelStatistics = Statistics["model_stats"][number];

/** Adds up what was counted of each version. */
export function mergeStatistics(all: readonly Statistics[]): Statistics {
  const merged = new Map<string, ModelStatistics>();
  for (const one of all.flatMap(({ model_stats }) => model_stats)) {
    const key = JSON.stringify([one.name, one.version]);
    const before = merged.get(key);
    merged.set(key, before ? add(before, one) : one);
  }
  return { model_stats: [...merged.values()] };
}

function add(a: ModelStatistics, b: ModelStatistics): ModelStatistics {
  const [left, right] = [a.inference_stats, b.inference_stats];
  return {
    ...a,
    last_inference: Math.max(a.last_inference, b.last_inference),
    inference_count: a.inference_count + b.inference_count,
    execution_count: a.execution_count + b.execution_count,
    inference_stats: {
      success: addDuration(left.success, right.success),
      fail: addDuration(left.fail, right.fail),
      compute_infer: addDuration(left.compute_infer, right.compute_infer),
    },
  };
}

function addDuration(a: Duration, b: Duration): Duration {
  return { count: a.count + b.count, ns: a.ns + b.ns };
}
