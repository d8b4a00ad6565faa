/**
 * Runs the tests of a model on a sample of its test rows: opens it, asks it, times it, and lets the tests decide.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ModelTestSpec } from "../../definitions/model-test-spec.ts";
import type { Reference } from "../../store/reference.ts";
import type { ModelTestVerdict } from "../evaluation.ts";
import { formatCount } from "../number-text.ts";
import type { Subject } from "../predict-test-rows.ts";
import type { FeatureRow } from "../test-split.ts";
import { type AnsweredTest, type Answers, decideModelTest, type LatencyFact } from "./decide-model-test.ts";
import { percentile99, tickTimes } from "./latency.ts";
import { type OpenModel, openModel, readSample } from "./sample.ts";
import { type AskedRows, varyRows } from "./variation.ts";

export interface ModelTestOptions {
  readonly tests: readonly ModelTestSpec[];
  readonly candidate: Subject;
  /** The version in production, which is the control of `latency`. @default nothing is in production */
  readonly production?: Subject;
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told in one line how far the work is. @default nobody is told */
  readonly onProgress?: (line: string) => void;
}

/** How many rows are asked together. */
const batchRows = 4_096;
/** How many rows are asked before any is timed. */
const warmUp = 20;

/** Runs all tests, in their order. Rows that a server would refuse are asked as if what it refuses were missing. */
export async function runModelTests(options: ModelTestOptions): Promise<readonly ModelTestVerdict[]> {
  const { tests, candidate, production, fetchFile, signal, onProgress } = options;
  const sample = await readSample(options);
  const verdicts: ModelTestVerdict[] = [];
  await using model = await openModel(candidate, fetchFile);
  for (const [at, test] of tests.entries()) {
    signal?.throwIfAborted();
    onProgress?.(`test ${at + 1} of ${tests.length} on ${formatCount(sample.length, "row")}`);
    const rows = varyRows(test, sample);
    const answers = await ask(model, rows, signal);
    const more = await askMore(test, { rows, model, ...options });
    verdicts.push(decideModelTest(test, { answers, ...more }));
  }
  return verdicts;

  /** What a test asks beyond the answers to its rows. */
  async function askMore(
    test: ModelTestSpec,
    { rows, model: opened }: { readonly rows: AskedRows; readonly model: OpenModel },
  ): Promise<Omit<AnsweredTest, "answers">> {
    switch (test.kind) {
      case "deterministic": {
        const same = await ask(opened, rows, signal);
        await using other = await openModel(candidate, fetchFile);
        return { again: [same, await ask(other, rows, signal)] };
      }
      case "answers-each-row": {
        const chosen = [...new Set([0, Math.floor(rows.length / 2), rows.length - 1])].filter((row) => rows[row]);
        const alone = chosen.map(async (row) => ({
          row,
          answer: (await opened.predict(rows[row] ?? []))[0] ?? Number.NaN,
        }));
        return { alone: await Promise.all(alone) };
      }
      case "latency": {
        if (sample.length === 0) return {};
        if (!production) return { latency: await time({ rate: test.rate, sample, candidate: opened }) };
        await using control = await openModel(production, fetchFile);
        return { latency: await time({ rate: test.rate, sample, candidate: opened, control }) };
      }
      default:
        return {};
    }
  }
}

async function ask(model: OpenModel, rows: AskedRows, signal: AbortSignal | undefined): Promise<Answers> {
  const flat = rows.flat();
  const answers: number[] = [];
  for (let at = 0; at < flat.length; at += batchRows) {
    signal?.throwIfAborted();
    for (const answer of await model.predict(flat.slice(at, at + batchRows))) answers.push(answer);
  }
  let end = 0;
  return rows.map((group) => {
    end += group.length;
    return answers.slice(end - group.length, end);
  });
}

interface Timing {
  readonly rate: number;
  readonly sample: readonly FeatureRow[];
  readonly candidate: OpenModel;
  readonly control?: OpenModel;
}

/** Asks single rows at a rate, the candidate and its control in turn, so that what slows the machine slows both. */
async function time({ rate, sample, candidate, control }: Timing): Promise<LatencyFact> {
  const ticks = tickTimes(rate);
  const times = { candidate: [] as number[], control: [] as number[] };
  const both = [
    { model: candidate, into: times.candidate },
    ...(control ? [{ model: control, into: times.control }] : []),
  ];
  for (let i = 0; i < warmUp; i++) for (const { model } of both) await model.predict([sample[i % sample.length] ?? {}]);
  const began = performance.now();
  for (const [i, tick] of ticks.entries()) {
    const wait = tick - (performance.now() - began);
    if (wait > 0) await sleep(wait);
    const row = [sample[i % sample.length] ?? {}];
    for (const { model, into } of i % 2 === 0 ? both : both.toReversed()) {
      const asked = performance.now();
      await model.predict(row);
      into.push(performance.now() - asked);
    }
  }
  return {
    candidate: percentile99(times.candidate),
    ...(control && { control: percentile99(times.control) }),
    asked: ticks.length,
  };
}
