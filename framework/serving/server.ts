/**
 * The model server: the Open Inference Protocol v2 over HTTP for the one model of an endpoint. It answers with whatever
 * version is in production, logs every answer before it is given, and changes nothing that anybody asks it to.
 * @module
 */
import type { EndpointSpec } from "../definitions/spec.ts";
import type { OnlineStore } from "../features/online/online-store.ts";
import type { PlanStore } from "../features/online/serving-plan.ts";
import { startAnswering } from "../http/answering-server.ts";
import { createGrpcTaker } from "../http/grpc-taker.ts";
import { answer, answerBody } from "./answer.ts";
import type { FastOptions } from "./fast/fast-connection.ts";
import { FastInference } from "./fast/fast-inference.ts";
import { createFastTaker } from "./fast/fast-taker.ts";
import { createInferenceServer } from "./grpc/service.ts";
import { ServerMetrics } from "./metrics/server-metrics.ts";
import { ProductionFollower, type ProductionStore } from "./production-follower.ts";
import { openRequestLog, type RequestLog } from "./request-log.ts";
import type { ServingTools } from "./serving-tools.ts";
import { ServingModels } from "./typed/serving-model.ts";

/**
 * The largest body on the fast path, in bytes. There a body is kept in one piece as it comes, which for a large one that comes
 * in small pieces is a copy of all of it for each of them; and it is no faster for the time that large ones take.
 */
const largestFastBody = 64 * 2 ** 10;

export interface ServerOptions {
  /** The endpoint's name, for the log. */
  readonly endpoint: string;
  /** The model's name: the one the protocol knows. */
  readonly model: string;
  readonly store: ProductionStore & PlanStore;
  /** Opens the online store to read it. @default there is none, and features cannot be looked up */
  readonly openOnline?: () => Promise<OnlineStore>;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly online?: EndpointSpec["online"] | undefined;
  /** The replica's own folder for the log's segments. */
  readonly segmentFolder: string;
  readonly log: EndpointSpec["log"];
  /** 0 takes any free one. */
  readonly port: number;
  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** How often the store is asked for a newer version, in milliseconds. @default 500 */
  readonly pollMilliseconds?: number;
  /** How long answers under way may take when the server closes, in milliseconds. @default 8000 */
  readonly drainMilliseconds?: number;
  /** Told what happens, in one line each, for the program's own log. @default nobody is told */
  readonly report?: (line: string) => void;
}

export interface ModelServer {
  /** The port it listens on. */
  readonly port: number;
  /** Accepts nothing new, finishes what is under way, flushes the log. */
  close(): Promise<void>;
}

/** Starts the server. It listens at once and is ready when a version has been loaded. */
export async function startServer(options: ServerOptions): Promise<ModelServer> {
  const { endpoint, model, store, segmentFolder, log, pollMilliseconds, report = () => undefined } = options;
  let requestLog: RequestLog | undefined;
  const follower = new ProductionFollower({
    model,
    store,
    report,
    ...(pollMilliseconds !== undefined && { pollMilliseconds }),
  });
  const models = new ServingModels({ follower, store, openOnline: options.openOnline, report });
  const metrics = new ServerMetrics();
  let closing = false;
  const tools: ServingTools = {
    endpoint,
    model,
    follower,
    // Opened when the port is this process's own.
    get requestLog() {
      return requestLog;
    },
    report,
    models,
    policy: options.online,
    metrics,
    isClosing: () => closing,
  };
  const fast = new FastInference(tools);
  const answerFast: FastOptions["answer"] = (body, deliver) => {
    if (!fast.take(body, deliver)) void answerBody(body, tools).then(deliver);
  };
  const listening = await startAnswering({
    port: options.port,
    host: options.host,
    drainMilliseconds: options.drainMilliseconds,
    answer: (request) => answer({ ...tools, request }),
    takers: [
      createGrpcTaker(createInferenceServer(tools)),
      createFastTaker({ model, largestBody: largestFastBody, answer: answerFast }),
    ],
  });
  // Only whoever has the port may touch the log: a second process of the same replica must not cut the first one's tail.
  // Nothing is answered before the follower has a model, so nothing goes by the log.
  if (log.requests === "all") {
    requestLog = await openRequestLog({ folder: segmentFolder, durability: log.durability }).catch((error: unknown) => {
      void listening.close();
      throw error;
    });
  }
  await follower.start();

  return {
    port: listening.port,
    async close() {
      closing = true;
      await listening.close();
      await requestLog?.close();
      await models.close();
      await follower.stop();
    },
  };
}
