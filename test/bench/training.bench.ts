/**
 * The training bench: what a trial of a study and the steps of a pipeline cost beside their work, and how fast runs are
 * tracked and found, each beside its peers in one run.
 * `npm run bench -- training [part …]` runs all parts or the named ones.
 * @module
 */

import { print, runParts } from "./figures.ts";
import { benchOverhead, fullOverhead } from "./training/overhead.ts";
import { benchPipeline, fullPipeline } from "./training/pipeline.ts";
import { benchTracking, fullTracking } from "./training/tracking.ts";

const parts: Parameters<typeof runParts>[1] = {
  overhead: async (signal) => {
    const { tpe, random } = await benchOverhead({ ...fullOverhead, signal, print });
    return [
      { name: "trial-overhead-tpe", value: tpe, goal: { atMost: 0.5 } },
      { name: "trial-overhead-random", value: random, goal: { atMost: 0.5 } },
    ];
  },
  pipeline: async (signal) => {
    const { besideHandWritten, besideActivities, trial } = await benchPipeline({ ...fullPipeline, signal, print });
    return [
      { name: "pipeline-of-40-steps-beside-hand-written", value: besideHandWritten, goal: { atMost: 1.1 } },
      { name: "pipeline-of-40-steps-beside-bare-activities", value: besideActivities },
      { name: "trial-overhead-tpe-with-its-workflow", value: trial, goal: { atMost: 0.5 } },
    ];
  },
  tracking: async (signal) => {
    const { metricRate, metricP99, batchRate, search } = await benchTracking({ ...fullTracking, signal, print });
    return [
      { name: "log-metric-rate", value: metricRate, goal: { atLeast: 30 } },
      { name: "log-metric-p99", value: metricP99, goal: { atMost: 0.1 } },
      { name: "log-batch-rate", value: batchRate },
      { name: "search-top-50", value: search, goal: { atLeast: 20 } },
    ];
  },
};

await runParts("training", parts);
