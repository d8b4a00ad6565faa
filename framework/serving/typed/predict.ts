/**
 * The typed route, `POST /<endpoint>/predict`: the columns of a row in, a prediction out. What a request does not bring is
 * looked up.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { StewardError } from "../../definitions/problem.ts";
import type { EndpointSpec } from "../../definitions/spec.ts";
import { formatTime } from "../../features/microseconds.ts";
import type { OnlineValue } from "../../features/online/layout.ts";
import { nowInMicroseconds } from "../../features/online/online-store.ts";
import { Refusal } from "../../http/refusal.ts";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import { createOutputs, pickOutput } from "../protocol.ts";
import { readInferenceBody } from "../request-body.ts";
import { type FeatureRows, findFeatures, type TableUse } from "./feature-rows.ts";
import { type RequestRow, readRequestRows } from "./request-rows.ts";
import type { ServingModel, ServingModels } from "./serving-model.ts";

/** What answering a typed request takes. */
export interface TypedAnswering {
  readonly request: IncomingMessage;
  readonly endpoint: string;
  readonly models: ServingModels;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly policy?: EndpointSpec["online"];
  readonly metrics: ServerMetrics;
  /** Keeps the record of an answer. @throws Refusal when it cannot be kept */
  readonly keep: (record: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface TypedReply {
  readonly status: 200;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const freshnessHeader = "steward-freshness-seconds";

/** Answers a typed request. @throws Refusal with what is wrong with it, or why nobody can answer now */
export async function predictRows(answering: TypedAnswering): Promise<TypedReply> {
  const { request, models } = answering;
  const told = readQuery(request.url ?? "");
  const body = await readInferenceBody(request);
  // From here to the answer the version cannot change: a request is answered by one, whole.
  const model = await models.take().catch((error: unknown) => {
    throw toRefusal(error);
  });
  try {
    return await answer(model, { ...answering, ...told, body });
  } catch (error) {
    throw toRefusal(error);
  } finally {
    await model.live.release();
  }
}

/** What is told beside an answer. */
interface Told {
  /** Whether the features are told. */
  readonly explain: boolean;
  /** Whether it is told what each feature adds. */
  readonly attributions: boolean;
}

interface Asked extends TypedAnswering, Told {
  readonly body: Uint8Array;
}

async function answer({ live, compiled }: ServingModel, asked: Asked): Promise<TypedReply> {
  const { body, explain, attributions, endpoint, models, policy, metrics, keep } = asked;
  const started = performance.now();
  const time = new Date().toISOString();
  const now = nowInMicroseconds();
  const { rows, isList } = readRequestRows(body, compiled.shape, now);
  const found = await findFeatures(compiled, rows, { online: await models.online(), policy, now });
  for (const { table, reasons } of found.tables)
    for (const [reason, times] of Object.entries(reasons)) metrics.lookups.add({ table, reason }, times);
  const answers = await live.answer(found.columns, rows.length);
  const outputs = createOutputs(live.package, answers);
  // Before the answer is kept: what is refused was not answered.
  const added = attributions
    ? await models.attributions.explain({ live, columns: found.columns, rows: rows.length })
    : undefined;
  const id = randomUUID();
  await keep({
    id,
    time,
    endpoint,
    model: live.package.model,
    version: live.version,
    package: live.digest,
    request: toColumns(rows),
    inputs: found.columns,
    tables: found.tables.map(describeTable),
    outputs: Object.fromEntries(outputs.map(({ name, data }) => [name, data])),
    latencyMicroseconds: Math.round((performance.now() - started) * 1000),
  });
  metrics.rows.add({ route: "predict" }, rows.length);
  const predictions = rows.map((_, i) => ({
    ...Object.fromEntries(outputs.map((output) => [output.name, pickOutput(output, i, live.package.classes)])),
    ...(explain && { features: pickRow(found, i) }),
    ...(added && { attributions: added[i] }),
  }));
  const freshness = freshnessOf(found.tables, now);
  return {
    status: 200,
    headers: freshness === undefined ? {} : { [freshnessHeader]: String(freshness) },
    body: {
      id,
      ...(isList ? { rows: predictions } : predictions[0]),
      model: { name: live.package.model, version: live.version, package: live.digest },
      ...(freshness !== undefined && { freshnessSeconds: freshness }),
      ...(explain && { tables: found.tables.map(describeTable) }),
    },
  };
}

/** How long ago the oldest of the tables was filled, in seconds. @returns nothing where nothing was looked up, or nothing was there */
function freshnessOf(tables: readonly TableUse[], now: bigint): number | undefined {
  const moments = tables.flatMap(({ asOf }) => (asOf === undefined ? [] : [asOf]));
  const [oldest] = moments.toSorted((a, b) => (a < b ? -1 : 1));
  return oldest === undefined ? undefined : Number(now - oldest) / 1e6;
}

function describeTable({ table, asOf, reasons }: TableUse) {
  return { table, ...(asOf !== undefined && { asOf: formatTime(asOf) }), reasons };
}

function pickRow({ columns }: FeatureRows, row: number): Record<string, OnlineValue> {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row] ?? null]));
}

/** What was asked, by column, times as they were understood. */
function toColumns(rows: readonly RequestRow[]): Record<string, unknown[]> {
  const names = Object.keys(rows[0]?.values ?? {});
  const value = ({ values, moments }: RequestRow, name: string) => {
    const moment = moments[name];
    return moment === undefined ? values[name] : formatTime(moment);
  };
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => value(row, name))]));
}

/** @throws Refusal 400 for a query of something else */
function readQuery(url: string): Told {
  const query = new URLSearchParams(url.split("?", 2)[1] ?? "");
  const told = { explain: query.get("explain"), attributions: query.get("attributions") };
  const isKnown = [...query.keys()].every((name) => Object.hasOwn(told, name));
  if (isKnown && [null, "features"].includes(told.explain) && [null, "true"].includes(told.attributions))
    return { explain: told.explain !== null, attributions: told.attributions !== null };
  throw new Refusal(400, 'the query of this path is "explain=features", "attributions=true", both, or none');
}

/** What the online store cannot give now may be there later; its problems name tables and hold no secret. */
function toRefusal(error: unknown): unknown {
  if (!(error instanceof StewardError)) return error;
  return new Refusal(503, error.problems.map(({ what }) => what).join("; "), { "retry-after": "1" });
}
