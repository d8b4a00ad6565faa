/**
 * How long it takes to look up the sixty features of one entity, into the numbers that a model takes: Steward's online
 * store, in the process and on a Redis server, beside `HMGET` of sixty fields from that server. One lookup after the
 * other, in turns of some hundred; every value that is found must be the one that was put.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { createLayout } from "../../../framework/features/online/layout.ts";
import { openLmdbStore } from "../../../framework/features/online/lmdb-store.ts";
import type { OnlineStore, OnlineTable } from "../../../framework/features/online/online-store.ts";
import { openRedisStore } from "../../../framework/features/online/redis-store.ts";
import { findRedis, startRedis } from "../../support/redis.ts";

export interface OnlineBench {
  /** Entities in the process, and on the server. */
  readonly localEntities: number;
  readonly serverEntities: number;
  /** Lookups of each contender that count; a tenth as many before them do not. */
  readonly lookups: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The size of the published figures. */
export const fullOnline = { localEntities: 1_000_000, serverEntities: 100_000, lookups: 50_000 } as const;

const width = 60;
const lookupsPerTurn = 200;
const features = Array.from({ length: width }, (_, i) => ({ name: `feature_${i}`, type: "number" }) as const);
const table: OnlineTable = { name: "bench", layout: createLayout(features) };
const fields = features.map(({ name }) => name);

interface Contender {
  readonly name: string;
  readonly entities: number;
  /** Looks an entity up into the numbers. */
  readonly lookUp: (entity: number, numbers: Float32Array) => Promise<unknown>;
}

/** Microseconds. */
interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** The quantiles of each contender by its name, and what the goal is about. */
export interface OnlineFigures {
  readonly times: ReadonlyMap<string, Quantiles>;
  /** The p99 in the process over that of `HMGET`. @default there is no server */
  readonly ratio?: number;
}

/** Fills the stores, times every contender in turns, and prints what each took. */
export async function benchOnline(options: OnlineBench): Promise<OnlineFigures> {
  const { localEntities, serverEntities, print } = options;
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-online-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const local = stack.use(openLmdbStore({ folder }));
  print(`putting ${localEntities} entities of ${width} features in the process …`);
  await fill(local, localEntities, options.signal);
  const contenders: Contender[] = [fromStore("steward, in process", local, localEntities)];

  const program = stack.use(await findRedis());
  if (program.path === undefined) print(program.reason);
  else {
    const redis = stack.use(await startRedis(program.path));
    const server = stack.use(await openRedisStore({ url: redis.url, prefix: "", timeout: 60_000 }));
    const client = openClient(redis.url);
    await client.connect();
    stack.defer(() => client.close());
    print(`putting ${serverEntities} entities on a Redis server, twice …`);
    await fill(server, serverEntities, options.signal);
    await fillHashes(client, serverEntities, options.signal);
    contenders.push(
      { name: "redis hmget", entities: serverEntities, lookUp: (entity, numbers) => readHash(client, entity, numbers) },
      fromStore("steward, redis", server, serverEntities),
    );
  }
  const times = await measure(contenders, options);
  for (const [name, { p50, p99, p999 }] of times) {
    print(`${name.padEnd(20)} p50 ${p50.toFixed(1)}   p99 ${p99.toFixed(1)}   p99.9 ${p999.toFixed(1)} µs`);
  }
  const [ours, theirs] = [times.get("steward, in process")?.p99, times.get("redis hmget")?.p99];
  return { times, ...(ours !== undefined && theirs !== undefined && { ratio: ours / theirs }) };
}

function fromStore(name: string, store: OnlineStore, entities: number): Contender {
  const lookUp = (entity: number, numbers: Float32Array) => store.getMany(table, [[entity]], [{ numbers, at: 0 }]);
  return { name, entities, lookUp };
}

/** The value of a feature, exact in 32 bits. */
function valueAt(entity: number, feature: number): number {
  return (Math.imul(entity + 1, 2_654_435_761) ^ Math.imul(feature + 1, 40_503)) >>> 8;
}

async function fill(store: OnlineStore, entities: number, signal: AbortSignal): Promise<void> {
  const writer = await store.begin(table, { mode: "replace", asOf: 1n, root: "" });
  for (let start = 0; start < entities; start += 5000) {
    signal.throwIfAborted();
    const batch = Array.from({ length: Math.min(5000, entities - start) }, (_, i) => start + i);
    await writer.putRows(
      batch.map((entity) => ({
        key: [entity],
        values: features.map((_, feature) => valueAt(entity, feature)),
        eventTime: 1n,
      })),
    );
  }
  await writer.commit();
}

function openClient(url: string) {
  return createClient({ url });
}

type Client = ReturnType<typeof openClient>;

async function fillHashes(client: Client, entities: number, signal: AbortSignal): Promise<void> {
  for (let start = 0; start < entities; start += 500) {
    signal.throwIfAborted();
    const batch = Array.from({ length: Math.min(500, entities - start) }, (_, i) => start + i);
    await Promise.all(
      batch.map((entity) =>
        client.hSet(`hash:${entity}`, Object.fromEntries(fields.map((field, i) => [field, valueAt(entity, i)]))),
      ),
    );
  }
}

async function readHash(client: Client, entity: number, numbers: Float32Array): Promise<void> {
  const values = await client.hmGet(`hash:${entity}`, fields);
  for (let i = 0; i < width; i++) numbers[i] = Number(values[i]);
}

async function measure(
  contenders: readonly Contender[],
  { lookups, signal }: Pick<OnlineBench, "lookups" | "signal">,
): Promise<ReadonlyMap<string, Quantiles>> {
  const turns = Math.ceil(lookups / lookupsPerTurn);
  const warm = Math.ceil(turns / 10);
  const times = new Map(contenders.map(({ name }) => [name, new Float64Array(turns * lookupsPerTurn)]));
  for (let turn = -warm; turn < turns; turn++) {
    for (const contender of contenders) {
      signal.throwIfAborted();
      const measured = await lookUpInTurn(contender);
      if (turn >= 0) times.get(contender.name)?.set(measured, turn * lookupsPerTurn);
      // A turn of the event loop: the next reads what is in force then.
      await new Promise(setImmediate);
    }
  }
  return new Map([...times].map(([name, all]) => [name, findQuantiles(all)]));
}

/** @throws Error for a value that is not the one that was put */
async function lookUpInTurn({ name, entities, lookUp }: Contender): Promise<Float64Array> {
  const measured = new Float64Array(lookupsPerTurn);
  const numbers = new Float32Array(width);
  for (let i = 0; i < lookupsPerTurn; i++) {
    const entity = Math.floor(Math.random() * entities);
    numbers.fill(Number.NaN);
    const start = performance.now();
    await lookUp(entity, numbers);
    measured[i] = (performance.now() - start) * 1000;
    for (let feature = 0; feature < width; feature++) {
      if (numbers[feature] !== valueAt(entity, feature))
        throw new Error(`${name} gave ${numbers[feature]} for feature ${feature} of entity ${entity}`);
    }
  }
  return measured;
}

function findQuantiles(times: Float64Array): Quantiles {
  const sorted = times.toSorted();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
