/**
 * From a request to its reply: metadata, health and inference of the one model of an endpoint.
 * @module
 */
import type { IncomingMessage } from "node:http";
import manifest from "../../package.json" with { type: "json" };
import type { Reply } from "../http/answering-server.ts";
import { Refusal } from "../http/refusal.ts";
import { frameHeader, splitFrame } from "./binary-frame.ts";
import { findModel } from "./find-model.ts";
import { inferBody } from "./infer-body.ts";
import { keepRecord } from "./keep-record.ts";
import { metricTextType } from "./metrics/metric-text.ts";
import { readMetrics } from "./metrics/read-metrics.ts";
import { packReply } from "./packed-reply.ts";
import type { ProductionFollower } from "./production-follower.ts";
import { describeModel, describeServer } from "./protocol.ts";
import { refuse } from "./refused-reply.ts";
import { readInferenceBody } from "./request-body.ts";
import { findRoute, type Route } from "./route.ts";
import type { ServingTools } from "./serving-tools.ts";
import { describeConfig, describeIndex, describeStatistics } from "./triton.ts";
import { predictRows } from "./typed/predict.ts";

export interface Answering extends ServingTools {
  readonly request: IncomingMessage;
}

/** The reply to a request, whatever goes wrong on the way to it. */
export async function answer(answering: Answering): Promise<Reply> {
  const { request, metrics } = answering;
  const started = performance.now();
  let name = "none";
  const findReply = async () => {
    const route = findRoute(request.method ?? "", request.url ?? "");
    name = route.name;
    return dispatch(route, answering);
  };
  const reply = await findReply().catch((error: unknown) => refuse(error, answering));
  metrics.count(name, reply.status, started);
  return reply;
}

async function dispatch(route: Route, answering: Answering): Promise<Reply> {
  const { follower, model } = answering;
  switch (route.name) {
    case "live":
      return { status: 200, body: { live: true } };
    case "ready":
      return describeReadiness(follower, answering.isClosing());
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
    case "config":
      return { status: 200, body: describeConfig(findModel(route, model, follower).package) };
    case "statistics": {
      const live = findModel({ model, ...route }, model, follower);
      return { status: 200, body: describeStatistics(live, live.statistics) };
    }
    case "index":
      return { status: 200, body: describeIndex(model, follower) };
    case "change":
      throw new Refusal(
        400,
        "this server loads what is in production, and nothing else; a release changes what that is",
      );
    case "infer":
      return infer(route, answering);
    case "predict":
      return predict(route, answering);
    case "metrics": {
      const { live } = follower;
      const counted = live && { model, version: live.version, statistics: live.statistics };
      const text = await readMetrics(answering.metrics, { tables: answering.models, counted });
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

async function infer(route: Route, answering: Answering): Promise<Reply> {
  const { request, model, follower } = answering;
  const started = performance.now();
  // A path that leads nowhere is refused before its body is read.
  findModel(route, model, follower);
  const body = await readInferenceBody(request);
  const frame = splitFrame(body, request.headers[frameHeader]);
  // From here to the answer the version cannot change: a request is answered by one, whole.
  const live = findModel(route, model, follower);
  return packReply(await inferBody(frame, { live, started, tools: answering }), request.headers["accept-encoding"]);
}

/** The reply to the body of an inference request alone: what it is for was told by its path. It never rejects. */
export async function answerBody(body: Buffer, tools: ServingTools): Promise<Reply> {
  const started = performance.now();
  const { model, follower, metrics } = tools;
  const reply = await inferLive().catch((error: unknown) => refuse(error, tools));
  metrics.count("infer", reply.status, started);
  return reply;

  async function inferLive(): Promise<Reply> {
    const live = findModel({ model }, model, follower);
    return inferBody(splitFrame(body, undefined), { live, started, tools });
  }
}

/** @throws Refusal 404 for another endpoint. */
async function predict(route: Route, answering: Answering): Promise<Reply> {
  const { endpoint } = answering;
  if (route.endpoint !== endpoint) throw new Refusal(404, `there is no such endpoint; this server has "${endpoint}"`);
  return predictRows({ ...answering, keep: (record) => keepRecord(answering, () => record) });
}
