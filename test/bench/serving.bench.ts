/**
 * The serving bench: how many requests Steward's model server answers on one core beside each of its peers with the same model, and
 * how long an answer takes at a rate, beside a server that answers without one.
 * `npm run bench -- serving [part …]` runs all parts or the named ones. `STEWARD_BENCH_SECONDS` and `STEWARD_BENCH_REPEATS` shorten it.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Figure, print, runBench } from "./figures.ts";
import { trainBenchModel } from "./serving/bench-model.ts";
import type { ContenderName } from "./serving/contenders.ts";
import { listMissing } from "./serving/needed-programs.ts";
import { benchOpenLoop } from "./serving/open-loop.ts";
import { benchRates } from "./serving/rates.ts";
import type { ServingBench } from "./serving/turns.ts";

/** One rate beside another. Of several that stand for one peer the best counts. */
interface RatePart {
  readonly figure: string;
  readonly of: ContenderName;
  readonly beside: readonly ContenderName[];
  readonly atLeast: number;
}

const rateParts: Readonly<Record<string, RatePart>> = {
  fastapi: { figure: "rate-beside-fastapi", of: "steward", beside: ["fastapi"], atLeast: 10 },
  mlserver: {
    figure: "rate-beside-mlserver",
    of: "steward",
    beside: ["mlserver", "mlserver-adaptive"],
    atLeast: 20,
  },
  litserve: { figure: "rate-beside-litserve", of: "steward", beside: ["litserve"], atLeast: 30 },
  bentoml: { figure: "rate-beside-bentoml", of: "steward", beside: ["bentoml"], atLeast: 10 },
  fastify: { figure: "rate-beside-fastify", of: "steward", beside: ["fastify"], atLeast: 3 },
  static: { figure: "rate-beside-static-socket", of: "steward", beside: ["static"], atLeast: 0.35 },
  durable: { figure: "rate-with-log-beside-without", of: "steward-disk", beside: ["steward"], atLeast: 0.6 },
};
const openLoopPart = "open-loop";
const parts = [...Object.keys(rateParts), openLoopPart];

/** The size of the published figures. */
const full = { repeats: 5, seconds: 9 } as const;

async function measure(names: readonly string[], signal: AbortSignal): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-serving-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  print("training the model …");
  const model = await trainBenchModel(folder, signal);
  const repeats = readSize("STEWARD_BENCH_REPEATS", full.repeats);
  const seconds = readSize("STEWARD_BENCH_SECONDS", full.seconds);
  const options: ServingBench = { model, folder, repeats, seconds, signal, print };
  const figures = await compareRates(
    names.flatMap((name) => rateParts[name] ?? []),
    options,
  );
  if (names.includes(openLoopPart)) {
    print(`\n${openLoopPart}`);
    const { steward, control } = await benchOpenLoop(options);
    figures.push({ name: "open-loop-p99-beside-static-http", value: steward / control, goal: { atMost: 1.5 } });
  }
  return figures;
}

async function compareRates(wanted: readonly RatePart[], options: ServingBench): Promise<Figure[]> {
  if (wanted.length === 0) return [];
  print("\nrates");
  const rates = await benchRates([...new Set(wanted.flatMap(({ of, beside }) => [of, ...beside]))], options);
  const rateOf = (name: ContenderName) => rates.get(name) ?? Number.NaN;
  return wanted.map(({ figure, of, beside, atLeast }) => {
    return { name: figure, value: rateOf(of) / Math.max(...beside.map(rateOf)), goal: { atLeast } };
  });
}

/** @throws RangeError for what is no whole number from 1 on */
function readSize(variable: string, usual: number): number {
  const size = Number(process.env[variable] ?? usual);
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`${variable} must be a whole number from 1 on`);
  return size;
}

const missing = listMissing();
if (missing.length > 0) {
  process.stderr.write(`${missing.join("\n")}\n`);
  process.exitCode = 1;
} else await runBench("serving", parts, measure);
