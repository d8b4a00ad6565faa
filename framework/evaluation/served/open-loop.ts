/**
 * How long single rows take at a rate: each is asked when it is due, whether or not the ones before are answered, and its time runs
 * from then, so that a server that falls behind is seen to. A control that answers without a model is asked in between, so that
 * what slows the machine slows both.
 * @module
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { LatencyFact } from "../model-tests/decide-model-test.ts";
import { percentile, tickTimes } from "../model-tests/latency.ts";

export interface OpenLoopOptions {
  /** Where the candidate is asked: `http://127.0.0.1:40123/v2/models/late/infer`. */
  readonly candidate: string;
  /** Where the control is. */
  readonly control: string;
  /** The bodies to ask, one after the other and again from the first. At least one. */
  readonly bodies: readonly string[];
  /** How many are asked a second, of each of the two. */
  readonly rate: number;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

/** How many are asked before any is timed. */
const warmUp = 20;
/** How long is waited after the last was asked, in milliseconds. */
const patience = 2_000;
/** A timer is late by as much: the rest is waited awake. */
const timerMilliseconds = 2;

/** Asks both and measures. What is not answered in the end counts as late as it was known to be. */
export async function measureOpenLoop(options: OpenLoopOptions): Promise<LatencyFact> {
  const { bodies, rate, signal } = options;
  const agent = new Agent({ keepAlive: true });
  const both = [
    { url: options.candidate, times: [] as number[] },
    { url: options.control, times: [] as number[] },
  ] as const;
  const body = (at: number) => bodies[at % bodies.length] ?? "";
  try {
    signal?.throwIfAborted();
    for (let at = 0; at < warmUp; at++) for (const { url } of both) await post(url, body(at), agent);
    const ticks = tickTimes(rate);
    const began = performance.now();
    const asked: Promise<void>[] = [];
    for (const [at, tick] of ticks.entries()) {
      for (const [place, { url, times }] of both.entries()) {
        signal?.throwIfAborted();
        const due = began + tick + (place * 500) / rate;
        await waitUntil(due);
        asked.push(post(url, body(at), agent).then((ok) => void times.push(ok ? performance.now() - due : Infinity)));
      }
    }
    const waiting = new AbortController();
    const late = sleep(patience, undefined, { signal: waiting.signal }).catch(() => undefined);
    await Promise.race([Promise.all(asked), late]);
    waiting.abort();
    const [candidate, control] = both.map(({ times }) => fill(times, ticks.length));
    return {
      candidate: summarize(candidate ?? []),
      control: summarize(control ?? []),
      asked: ticks.length,
      unanswered: ticks.length - (candidate ?? []).filter(Number.isFinite).length,
    };
  } finally {
    agent.destroy();
  }
}

function summarize(times: readonly number[]): LatencyFact["candidate"] {
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** Rows without an answer took longer than any that has one. */
function fill(times: readonly number[], count: number): readonly number[] {
  return [...times, ...Array.from({ length: count - times.length }, () => Infinity)];
}

async function waitUntil(due: number): Promise<void> {
  const wait = due - performance.now() - timerMilliseconds;
  if (wait > 0) await sleep(wait);
  while (performance.now() < due) await turn();
}

/** @returns whether it was answered well */
function post(url: string, body: string, agent: Agent): Promise<boolean> {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const sent = request(url, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode === 200));
      answer.once("error", () => resolve(false));
    });
    sent.setTimeout(patience, () => void sent.destroy());
    sent.once("close", () => resolve(false));
    sent.once("error", () => resolve(false));
    sent.end(body);
  });
}
