/**
 * The training bench: what a trial of a study and the steps of a pipeline cost beside their work, and how fast runs are
 * tracked and found, each beside its peers in one run.
 * `npm run bench -- training [part …]` runs all parts or the named ones.
 * @module
 */
import { Interruption, watchInterruption } from "../../framework/toolchain/interruption.ts";
import { benchOverhead, fullOverhead } from "./training/overhead.ts";
import { benchPipeline, fullPipeline } from "./training/pipeline.ts";
import { benchTracking, fullTracking } from "./training/tracking.ts";

interface Figure {
  readonly name: string;
  readonly value: number;
  /** @default it is shown beside another one, and nothing is asked of it */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
}

const parts: Readonly<Record<string, (signal: AbortSignal) => Promise<readonly Figure[]>>> = {
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

async function bench(names: readonly string[], signal: AbortSignal): Promise<void> {
  const figures: Figure[] = [];
  for (const name of names) {
    print(`\n${name}`);
    figures.push(...((await parts[name]?.(signal)) ?? []));
  }
  print("");
  for (const figure of figures) print(showFigure(figure));
}

function showFigure({ name, value, goal }: Figure): string {
  const said = `${name} ${value.toPrecision(3)} times`;
  if (!goal) return `${said} - -`;
  const isMet = "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
  return `${said} ${"atLeast" in goal ? `>=${goal.atLeast}` : `<=${goal.atMost}`} ${isMet ? "yes" : "no"}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const [, ...wanted] = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
using interruption = watchInterruption();
const { signal } = interruption;
if (unknown.length > 0) {
  process.stderr.write(`npm run bench -- training [part …], where a part is ${Object.keys(parts).join(", ")}\n`);
  process.exitCode = 2;
} else {
  try {
    await bench(wanted.length > 0 ? wanted : Object.keys(parts), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = signal.reason instanceof Interruption ? signal.reason.exitCode : 1;
  }
}
