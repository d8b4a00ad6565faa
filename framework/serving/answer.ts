/**
 * From a request to its reply: metadata, health and inference of the one model of an endpoint.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import manifest from "../../package.json" with { type: "json" };
import type { EndpointSpec } from "../definitions/spec.ts";
import type { Reply } from "../http/answering-server.ts";
import { Refusal } from "../http/refusal.ts";
import { readInferenceRequest } from "./inference-request.ts";
import type { LiveModel } from "./live-model.ts";
import { metricTextType } from "./metrics/metric-text.ts";
import { readMetrics } from "./metrics/read-metrics.ts";
import type { ServerMetrics } from "./metrics/server-metrics.ts";
import type { ProductionFollower } from "./production-follower.ts";
import { createOutputs, describeModel, describeServer, listOutputs } from "./protocol.ts";
import { readInferenceBody } from "./request-body.ts";
import type { RequestLog } from "./request-log.ts";
import { findRoute, type Route } from "./route.ts";
import { predictRows } from "./typed/predict.ts";
import { RefusedColumns } from "./typed/refused-columns.ts";
import type { ServingModels } from "./typed/serving-model.ts";

export interface Answering {
  readonly request: IncomingMessage;
  readonly endpoint: string;
  readonly model: string;
  readonly follower: ProductionFollower;
  /** @default requests are not logged */
  readonly requestLog: RequestLog | undefined;
  readonly report: (line: string) => void;
  /** Which version answers typed requests. */
  readonly models: ServingModels;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly policy: EndpointSpec["online"];
  readonly metrics: ServerMetrics;
  /** Whether the server is about to end. */
  readonly closing: boolean;
}

/** The reply to a request, whatever goes wrong on the way to it. */
export async function answer(answering: Answering): Promise<Reply> {
  const { request, metrics } = answering;
  let name = "none";
  const findReply = async () => {
    const route = findRoute(request.method ?? "", request.url ?? "");
    name = route.name;
    return dispatch(route, answering);
  };
  const reply = await findReply().catch((error: unknown) => refuse(error, answering));
  metrics.requests.add({ route: name, status: String(reply.status) });
  return reply;
}

function refuse(error: unknown, { report }: Answering): Reply {
  if (error instanceof Refusal) {
    const problems = error instanceof RefusedColumns ? { problems: error.problems } : {};
    return { status: error.status, body: { error: error.message, ...problems }, headers: error.headers };
  }
  report(`a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return { status: 500, body: { error: "the server failed to answer; its log says why" } };
}

async function dispatch(route: Route, answering: Answering): Promise<Reply> {
  const { follower, model, closing } = answering;
  switch (route.name) {
    case "live":
      return { status: 200, body: { live: true } };
    case "ready":
      return describeReadiness(follower, closing);
    case "server":
      return { status: 200, body: describeServer(manifest.version) };
    case "model": {
      const live = findModel(route, model, follower);
      return { status: 200, body: describeModel(live.package, live.version) };
    }
    case "model-ready": {
      const live = findModel(route, model, follower);
      return { status: 200, body: { name: live.package.model, ready: true } };
    }
    case "infer":
      return infer(route, answering);
    case "predict":
      return predict(route, answering);
    case "metrics": {
      const text = await readMetrics(answering.metrics, answering.models);
      return { status: 200, body: text, headers: { "content-type": metricTextType } };
    }
  }
}

function describeReadiness({ live, problem }: ProductionFollower, closing: boolean): Reply {
  const ready = live !== undefined && !closing;
  const serving = live && {
    model: live.package.model,
    version: live.version,
    generation: live.generation,
    package: live.digest,
  };
  return { status: ready ? 200 : 503, body: { ready, ...serving, ...(problem !== undefined && { problem }) } };
}

/** @throws Refusal 404 for a model or version that is not the live one, 503 while none is loaded. */
function findModel(route: Route, model: string, { live, problem }: ProductionFollower): LiveModel {
  if (route.model !== model) throw new Refusal(404, `there is no such model; this server has "${model}"`);
  if (live === undefined) throw new Refusal(503, `model "${model}" is not loaded: ${problem ?? "it is being loaded"}`);
  if (route.version !== undefined && route.version !== live.version) {
    throw new Refusal(404, `there is no such version of model "${model}"; version ${live.version} is live`);
  }
  return live;
}

async function infer(route: Route, answering: Answering): Promise<Reply> {
  const { request, endpoint, model, follower } = answering;
  const started = performance.now();
  const time = new Date().toISOString();
  // A path that leads nowhere is refused before its body is read.
  findModel(route, model, follower);
  const body = await readInferenceBody(request);

  // From here to the answer the version cannot change: a request is answered by one, whole.
  const live = findModel(route, model, follower);
  const names = listOutputs(live.package).map(({ name }) => name);
  const asked = readInferenceRequest(body, live.package, names);
  const outputs = createOutputs(live.package, await live.answer(asked.columns, asked.rows));
  const id = asked.id ?? randomUUID();
  await keep(answering, {
    id,
    time,
    endpoint,
    model: live.package.model,
    version: live.version,
    package: live.digest,
    inputs: asked.columns,
    outputs: Object.fromEntries(outputs.map(({ name, data }) => [name, data])),
    latencyMicroseconds: Math.round((performance.now() - started) * 1000),
  });
  answering.metrics.rows.add({ route: "infer" }, asked.rows);
  return {
    status: 200,
    body: {
      model_name: live.package.model,
      model_version: live.version,
      id,
      parameters: { model_digest: live.digest },
      outputs: outputs.filter(({ name }) => asked.outputs.includes(name)),
    },
  };
}

/** @throws Refusal 404 for another endpoint. */
async function predict(route: Route, answering: Answering): Promise<Reply> {
  const { endpoint } = answering;
  if (route.endpoint !== endpoint) throw new Refusal(404, `there is no such endpoint; this server has "${endpoint}"`);
  return predictRows({ ...answering, keep: (record) => keep(answering, record) });
}

/** @throws Refusal 503 when the record cannot be kept, since an answer without its record must not be given. */
async function keep({ requestLog, report }: Answering, record: Readonly<Record<string, unknown>>): Promise<void> {
  try {
    await requestLog?.append(record);
  } catch (error) {
    report(`a request could not be logged: ${error instanceof Error ? error.message : String(error)}`);
    throw new Refusal(503, "the request log cannot be written, and no answer is given without its record; try again");
  }
}
