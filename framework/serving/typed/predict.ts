/**
 * The typed route, `POST /<endpoint>/predict`: the columns of a row in, a prediction out. What a request does not bring is
 * looked up.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { clientHeader } from "../../client/request-type.ts";
import type { PiiSpec } from "../../definitions/pii.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { EndpointSpec } from "../../definitions/spec.ts";
import { formatTime } from "../../features/microseconds.ts";
import type { OnlineValue } from "../../features/online/layout.ts";
import { nowInMicroseconds } from "../../features/online/online-store.ts";
import type { BodyRoom } from "../../http/body-room.ts";
import { Refusal } from "../../http/refusal.ts";
import { finishBy, isHurried, readTimeout, refuseLate, timeoutHeader } from "../deadline.ts";
import type { ServerLimits } from "../limits.ts";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import { createOutputs, pickOutput } from "../protocol.ts";
import { readInferenceBody } from "../request-body.ts";
import type { AskedBy } from "../serving-tools.ts";
import { type Chooser, readUnit, unitHeader, variantHeader } from "../variants/addressed.ts";
import type { LiveVariant } from "../variants/live-variants.ts";
import type { Mirror } from "../variants/mirror.ts";
import { type FeatureRows, findFeatures, type TableUse } from "./feature-rows.ts";
import { type AskedShape, type RequestRow, readRequestRows } from "./request-rows.ts";
import { readRowsUnit } from "./request-unit.ts";
import type { ServingModels } from "./serving-model.ts";
import type { ChosenModel, ServingModel } from "./typed-set.ts";

/** What answering a typed request takes. */
export interface TypedAnswering extends Pick<AskedBy, "spans"> {
  readonly request: IncomingMessage;
  readonly endpoint: string;
  readonly models: ServingModels;
  /** Gives what was answered to the variants that are asked unseen. */
  readonly mirror: Mirror;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly policy?: EndpointSpec["online"];
  /** The column of a request that says whom it is for, where its head does not. @default none does */
  readonly unitColumn?: string | undefined;
  /** How personal data is recorded, which is not said back either. @default nothing is personal but what the columns say */
  readonly pii?: Pick<PiiSpec, "request"> | undefined;
  readonly metrics: ServerMetrics;
  readonly limits: Pick<ServerLimits, "answerMilliseconds">;
  /** Where the bodies of all requests take their bytes from. */
  readonly room: BodyRoom;
  /** Keeps the record of an answer. @throws Refusal when it cannot be kept */
  readonly keep: (record: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface TypedReply {
  readonly status: 200;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const freshnessHeader = "steward-freshness-seconds";
const lineFeed = 0x0a;

/** Answers a typed request. @throws Refusal with what is wrong with it, or why nobody can answer now */
export async function predictRows(answering: TypedAnswering): Promise<TypedReply> {
  const { request, models } = answering;
  const started = performance.now();
  const told = readQuery(request.url ?? "");
  const unit = readUnit(request.headers[unitHeader]);
  const timeout = readTimeout(request.headers[timeoutHeader], answering.limits.answerMilliseconds);
  const whole = await readInferenceBody(request, answering.room);
  const parts = told.isTypeTold ? splitType(whole) : { body: whole };
  const deadline = performance.now() + timeout;
  const hurried = isHurried(timeout, answering.limits.answerMilliseconds);
  const id = randomUUID();
  const asked: Asked = { ...answering, ...told, ...parts, id, unit, started, deadline, isHurried: hurried };
  return finishBy(deadline, () => predictBody(models, withUnit(asked)));
}

/** A request with the unit that its rows name, where its head names none. */
function withUnit(asked: Asked): Asked {
  const { unit, unitColumn, body } = asked;
  return unit !== undefined || unitColumn === undefined ? asked : { ...asked, unit: readRowsUnit(body, unitColumn) };
}

async function predictBody(models: ServingModels, asked: Asked): Promise<TypedReply> {
  // From here to the answer the version cannot change: a request is answered by one, whole.
  const chosen = await models.take(asked).catch((error: unknown) => {
    throw toRefusal(error);
  });
  const { live, counts } = chosen.model.variant;
  try {
    const reply = await answer(chosen, asked);
    const ended = performance.now();
    if (ended < asked.deadline) counts.addAnswer(ended - asked.started);
    else counts.addFailure(refuseLate(), asked.isHurried);
    return reply;
  } catch (error) {
    const refusal = toRefusal(error);
    counts.addFailure(refusal);
    throw refusal;
  } finally {
    await live.release();
  }
}

/** What is told beside an answer. */
interface Told {
  /** Whether the features are told. */
  readonly explain: boolean;
  /** Whether it is told what each feature adds. */
  readonly attributions: boolean;
}

interface Asked extends TypedAnswering, Told, Chooser {
  readonly body: Uint8Array;
  /** All of the request type that the client was written for. @default it tells it by its digest, or not */
  readonly type?: Uint8Array;
  /** When the request came, as `performance.now()` tells it. */
  readonly started: number;
  /** By when it is to be answered, as `performance.now()` tells it. */
  readonly deadline: number;
  /** Whether its caller gives the answer so little time that it is to blame for a late one. */
  readonly isHurried: boolean;
}

async function answer({ model, note }: ChosenModel, asked: Asked): Promise<TypedReply> {
  const { body, explain, attributions, endpoint, models, policy, metrics, keep, id, spans } = asked;
  const { variant, compiled } = model;
  const { live, told } = variant;
  const started = performance.now();
  const time = new Date().toISOString();
  const now = nowInMicroseconds();
  const { rows, isList } = readRequestRows(body, await findShape(model, asked), now);
  const features = spans?.begin("features");
  const found = await findFeatures(compiled, rows, { online: await models.online(), policy, now });
  features?.end();
  for (const { table, reasons } of found.tables)
    for (const [reason, times] of Object.entries(reasons)) metrics.lookups.add({ table, reason }, times);
  const inference = spans?.begin("inference");
  const answers = await live.answer(found.columns, rows.length);
  inference?.end();
  const outputs = createOutputs(live.package, answers);
  // Before the answer is kept: what is refused was not answered.
  const added = attributions
    ? await models.attributions.explain({ live, columns: found.columns, rows: rows.length })
    : undefined;
  const request = toColumns(rows);
  const log = spans?.begin("log");
  await keep({
    id,
    time,
    ...note,
    endpoint,
    model: live.package.model,
    version: live.version,
    package: live.digest,
    ...variant.note,
    request,
    inputs: found.columns,
    tables: found.tables.map(describeTable),
    outputs: Object.fromEntries(outputs.map(({ name, data }) => [name, data])),
    latencyMicroseconds: Math.round((performance.now() - started) * 1000),
  });
  log?.end();
  metrics.rows.add({ route: "predict" }, rows.length);
  const bring = async (unseen: LiveVariant) => {
    // Each variant is given its own features.
    const other = models.find(unseen);
    const online = other && (await models.online());
    return other && (await findFeatures(other.compiled, rows, { online, policy, now })).columns;
  };
  asked.mirror.offer({ id, variant, rows: rows.length, answers, request, bring });
  const predictions = rows.map((_, i) => ({
    ...Object.fromEntries(outputs.map((output) => [output.name, pickOutput(output, i, live.package.classes)])),
    ...(explain && { features: pickRow(found, i) }),
    ...(added && { attributions: added[i] }),
  }));
  const freshness = freshnessOf(found.tables, now);
  return {
    status: 200,
    headers: {
      ...(freshness !== undefined && { [freshnessHeader]: String(freshness) }),
      ...(told !== undefined && { [variantHeader]: told }),
    },
    body: {
      id,
      ...(isList ? { rows: predictions } : predictions[0]),
      model: {
        name: live.package.model,
        version: live.version,
        package: live.digest,
        ...(told !== undefined && { variant: told }),
      },
      ...(freshness !== undefined && { freshnessSeconds: freshness }),
      ...(explain && { tables: found.tables.map(describeTable) }),
    },
  };
}

/** What the caller may say of a row. @throws Refusal 409 for one that was written for another request type */
async function findShape(model: ServingModel, { request, models, endpoint, type, pii }: Asked): Promise<AskedShape> {
  const header = request.headers[clientHeader];
  if (header === undefined && type)
    throw new Refusal(400, `"requestType=told" stands without the header ${clientHeader}`);
  const shape = pii ? { ...model.shape, recorded: pii.request } : model.shape;
  if (header === undefined) return shape;
  const told = { header: String(header), document: type };
  return { ...shape, absent: await models.clients.check(told, model, endpoint) };
}

/** The line that says the client's request type, and the body behind it. @throws Refusal 400 where there is no such line */
function splitType(whole: Uint8Array): Pick<Asked, "body"> & Required<Pick<Asked, "type">> {
  const end = whole.indexOf(lineFeed);
  if (end < 0)
    throw new Refusal(400, 'with "requestType=told" the first line is the request type, and the request follows');
  return { type: whole.subarray(0, end), body: whole.subarray(end + 1) };
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

/** What a query may say. `requestType`: whether the body begins with the client's request type, in a line of its own. */
const queries: Readonly<Record<string, string>> = { explain: "features", attributions: "true", requestType: "told" };

/** @throws Refusal 400 for a query of something else */
function readQuery(url: string): Told & { readonly isTypeTold: boolean } {
  const query = new URLSearchParams(url.split("?", 2)[1] ?? "");
  if (![...query].every(([name, value]) => Object.hasOwn(queries, name) && queries[name] === value)) {
    const known = Object.entries(queries).map(([name, value]) => `"${name}=${value}"`);
    throw new Refusal(400, `the query of this path is made of ${known.join(", ")}, or there is none`);
  }
  const has = (name: string) => query.has(name);
  return { explain: has("explain"), attributions: has("attributions"), isTypeTold: has("requestType") };
}

/** What the online store cannot give now may be there later; its problems name tables and hold no secret. */
export function toRefusal(error: unknown): unknown {
  if (!(error instanceof StewardError)) return error;
  return new Refusal(503, error.problems.map(({ what }) => what).join("; "), { "retry-after": "1" });
}
