/**
 * From a request to its reply: metadata, health and inference of the one model of an endpoint.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import manifest from "../../package.json" with { type: "json" };
import type { Reply } from "../http/answering-server.ts";
import { Refusal } from "../http/refusal.ts";
import { frameHeader, splitFrame } from "./binary-frame.ts";
import { isHurried, readTimeout, timeoutHeader } from "./deadline.ts";
import type { FastBody } from "./fast/fast-connection.ts";
import { takeFeedback } from "./feedback/take-feedback.ts";
import { addressVariants, findModel, listModels } from "./find-model.ts";
import { inferBody } from "./infer-body.ts";
import { callerHeader, readCaller } from "./log/caller.ts";
import { type Keeping, keepRecord } from "./log/keep-record.ts";
import { metricTextType, writeMetrics } from "./metrics/metric-text.ts";
import { packReply } from "./packed-reply.ts";
import { describeModel, describeServer } from "./protocol.ts";
import { refuse } from "./refused-reply.ts";
import { readInferenceBody } from "./request-body.ts";
import { findRoute, type Route, type RouteName } from "./route.ts";
import type { AskedBy, ServingTools } from "./serving-tools.ts";
import { describeHttpSpan } from "./trace/http-span.ts";
import { pickOriginHeaders, readOrigin, unknownOrigin } from "./trace/origin.ts";
import { tellRequestId } from "./trace/told-reply.ts";
import { describeConfig, describeIndex } from "./triton.ts";
import { replyOpenApi } from "./typed/openapi-reply.ts";
import { predictRows } from "./typed/predict.ts";
import { readUnit, unitHeader } from "./variants/addressed.ts";
import type { LiveVariant } from "./variants/live-variants.ts";
import type { VariantsFollower } from "./variants/variants-follower.ts";

export interface Answering extends ServingTools, AskedBy, Pick<Keeping, "caller"> {
  readonly request: IncomingMessage;
}

/** The reply to a request, whatever goes wrong on the way to it. */
export async function answer(answering: Answering): Promise<Reply> {
  const { request, metrics, room } = answering;
  const started = performance.now();
  const told = readOrigin(pickOriginHeaders(request.headers));
  const spans = answering.tracer?.begin(told, started);
  const origin = spans?.noteIn(told) ?? told;
  let name: RouteName | undefined;
  const findReply = async () => {
    const route = findRoute(request.method ?? "", request.url ?? "");
    name = route.name;
    const caller = readCaller(request.headers[callerHeader]);
    const isPlain = caller === undefined && origin === unknownOrigin && spans === undefined;
    return dispatch(route, isPlain ? answering : { ...answering, caller, origin, spans });
  };
  let id = origin.requestId;
  const reply = await findReply().catch((error: unknown) => {
    id ??= randomUUID();
    return refuse(error, answering, id);
  });
  room.release(request);
  // An answer of the protocol has an id of its own, and says another one only where it was sent.
  if (name !== "infer") id ??= randomUUID();
  metrics.count(name ?? "none", reply.status, started);
  spans?.end(describeHttpSpan({ method: request.method ?? "", route: name, status: reply.status, requestId: id }));
  return tellRequestId(reply, id);
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
      const versions = await answering.group.findShared(listModels(route, model, follower));
      return { status: 200, body: describeModel(live.package, versions) };
    }
    case "model-ready": {
      const live = findModel(route, model, follower);
      return { status: 200, body: { name: live.package.model, ready: true } };
    }
    case "config":
      return { status: 200, body: describeConfig(findModel(route, model, follower).package) };
    case "statistics":
      return { status: 200, body: await answering.group.statistics(listModels({ model, ...route }, model, follower)) };
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
    case "feedback":
      return takeFeedback(answering, answering.request, route.endpoint);
    case "variants":
      checkEndpoint(route, answering);
      return { status: 200, body: await answering.group.evidence() };
    case "openapi":
      checkEndpoint(route, answering);
      return replyOpenApi(answering);
    case "metrics": {
      const text = writeMetrics(await answering.group.metrics());
      return { status: 200, body: text, headers: { "content-type": metricTextType } };
    }
  }
}

function describeReadiness({ variants, problem }: VariantsFollower, closing: boolean): Reply {
  const ready = variants !== undefined && !closing;
  const serving = variants && {
    model: variants.champion.live.package.model,
    version: variants.champion.live.version,
    generation: variants.generation,
    package: variants.champion.live.digest,
    ...(variants.source === "routing" && { variants: variants.all.map(describeVariant) }),
  };
  return { status: ready ? 200 : 503, body: { ready, ...serving, ...(problem !== undefined && { problem }) } };
}

function describeVariant({ name, live, weight, mirror }: LiveVariant) {
  const { version, digest } = live;
  return { name, model: live.package.model, version, package: digest, weight, ...(mirror > 0 && { mirror }) };
}

async function infer(route: Route, answering: Answering): Promise<Reply> {
  const { request, model, follower } = answering;
  const started = performance.now();
  // A path that leads nowhere is refused before its body is read.
  addressVariants(route, model, follower);
  const unit = readUnit(request.headers[unitHeader]);
  const timeout = readTimeout(request.headers[timeoutHeader], answering.limits.answerMilliseconds);
  const body = await readInferenceBody(request, answering.room);
  const deadline = performance.now() + timeout;
  const hurried = isHurried(timeout, answering.limits.answerMilliseconds);
  const frame = splitFrame(body, request.headers[frameHeader]);
  // From here to the answer the versions cannot change: a request is answered by one, whole.
  const addressed = { ...addressVariants(route, model, follower), unit };
  const reply = await inferBody(frame, { ...addressed, started, deadline, isHurried: hurried, tools: answering });
  return packReply(reply, request.headers["accept-encoding"]);
}

/** The reply to the body of an inference request alone: what it is for was told by its path. It never rejects. */
export async function answerBody(
  { body, unit, id: drawn, origin: told }: FastBody,
  tools: ServingTools,
): Promise<Reply> {
  const started = performance.now();
  const { model, follower, metrics, tracer } = tools;
  const spans = tracer?.begin(told ?? unknownOrigin, started);
  const origin = spans ? spans.noteIn(told ?? unknownOrigin) : told;
  let id = told?.requestId;
  const reply = await inferLive().catch((error: unknown) => {
    id ??= randomUUID();
    return refuse(error, tools, id);
  });
  metrics.count("infer", reply.status, started);
  spans?.end(describeHttpSpan({ method: "POST", route: "infer", status: reply.status, requestId: id }));
  return tellRequestId(reply, id);

  async function inferLive(): Promise<Reply> {
    const addressed = { ...addressVariants({ model }, model, follower), unit };
    const deadline = started + tools.limits.answerMilliseconds;
    const own = origin === undefined ? tools : { ...tools, origin, spans };
    return inferBody(splitFrame(body, undefined), { ...addressed, id: drawn, started, deadline, tools: own });
  }
}

/** @throws Refusal 404 for another endpoint. */
function checkEndpoint(route: Route, { endpoint }: ServingTools): void {
  if (route.endpoint !== endpoint) throw new Refusal(404, `there is no such endpoint; this server has "${endpoint}"`);
}

/** @throws Refusal 404 for another endpoint. */
async function predict(route: Route, answering: Answering): Promise<Reply> {
  checkEndpoint(route, answering);
  return predictRows({ ...answering, keep: (record) => keepRecord(answering, () => record) });
}
