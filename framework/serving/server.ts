/**
 * The model server: the Open Inference Protocol v2 over HTTP for the one model of an endpoint. It answers with whatever
 * version is in production, logs every answer before it is given, and changes nothing that anybody asks it to.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import manifest from "../../package.json" with { type: "json" };
import type { EndpointSpec } from "../definitions/spec.ts";
import type { OnlineStore } from "../features/online/online-store.ts";
import { startAnswering } from "../http/answering-server.ts";
import { BodyRoom } from "../http/body-room.ts";
import { createGrpcTaker } from "../http/grpc-taker.ts";
import type { GroupMember } from "../http/processes/group-member.ts";
import { answer, answerBody } from "./answer.ts";
import type { FastOptions } from "./fast/fast-connection.ts";
import { FastInference } from "./fast/fast-inference.ts";
import { createFastTaker } from "./fast/fast-taker.ts";
import { createInferenceServer } from "./grpc/service.ts";
import { largestFastBody, type ServerLimits, usualLimits } from "./limits.ts";
import { type ServerLogOptions, ServerLogs } from "./log/server-logs.ts";
import { readMetrics } from "./metrics/read-metrics.ts";
import { ServerMetrics } from "./metrics/server-metrics.ts";
import { ServerGroup } from "./processes/server-group.ts";
import type { ServingTools } from "./serving-tools.ts";
import type { TraceSettings } from "./trace/trace-settings.ts";
import { Tracer } from "./trace/tracer.ts";
import { describeStatistics } from "./triton.ts";
import { ServingModels } from "./typed/serving-model.ts";
import { Mirror } from "./variants/mirror.ts";
import { readEvidence } from "./variants/read-evidence.ts";
import { givenUpName, Trials } from "./variants/trials.ts";
import { type FollowedStore, VariantsFollower } from "./variants/variants-follower.ts";

export interface ServerOptions extends ServerLogOptions {
  /** The model's name: the one the protocol knows. */
  readonly model: string;
  readonly store: FollowedStore;
  /** Opens the online store to read it. @default there is none, and features cannot be looked up */
  readonly openOnline?: () => Promise<OnlineStore>;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly online?: EndpointSpec["online"] | undefined;
  /** The column of a typed request that says whom it is for, where its head does not. @default none does */
  readonly unitColumn?: string | undefined;
  /** 0 takes any free one. */
  readonly port: number;
  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** How often the store is asked for a newer version, in milliseconds. @default 500 */
  readonly pollMilliseconds?: number;
  /** How long answers under way may take when the server closes, in milliseconds. @default 8000 */
  readonly drainMilliseconds?: number;
  /** What holds in the place of the usual limits. @default nothing does */
  readonly limits?: Partial<ServerLimits>;
  /** Where and which requests are traced. @default nobody is told of them */
  readonly traces?: TraceSettings | undefined;
  /** Where it is one of several processes that share the port. @default it is by itself */
  readonly member?: GroupMember | undefined;
}

export interface ModelServer {
  /** The port it listens on. */
  readonly port: number;
  /** Accepts nothing new, finishes what is under way, flushes the log. */
  close(): Promise<void>;
}

/** How long one of several processes loads what the others answer with before it listens all the same, in milliseconds. */
const loadPatience = 10_000;

/**
 * Starts the server. It listens at once and is ready when a version has been loaded. One of several processes listens when it has
 * looked for versions once and has loaded them: until then the others take all connections.
 */
export async function startServer(options: ServerOptions): Promise<ModelServer> {
  const { endpoint, model, store, pollMilliseconds, report = () => undefined } = options;
  const logs = new ServerLogs();
  const { member, segmentFolder } = options;
  const trials = new Trials({ folder: segmentFolder, report, isAlone: member === undefined });
  // The group that tells it is of this very program.
  member?.hear(givenUpName, (keys) => trials.giveUp(keys as readonly string[]));
  const follower = new VariantsFollower({
    endpoint,
    model,
    store,
    report,
    taking: (variants) => trials.follow(variants),
    ...(pollMilliseconds !== undefined && { pollMilliseconds }),
  });
  const models = new ServingModels({ follower, store, openOnline: options.openOnline, report });
  const metrics = new ServerMetrics();
  const { traces } = options;
  const tracer = traces && new Tracer({ settings: traces, version: manifest.version, metrics, report });
  const limits = { ...usualLimits, ...options.limits };
  const room = new BodyRoom(limits.heldBytes);
  let closing = false;
  let isListening = false;
  const mirror = new Mirror({ endpoint, logs, report });
  const listVariants = () => follower.variants?.all ?? [];
  member?.measure(() => Math.max(0, ...listVariants().map(({ live }) => live.oldestRun)));
  const tools: ServingTools = {
    endpoint,
    model,
    follower,
    mirror,
    // Opened when the port is this process's own.
    logs,
    report,
    models,
    policy: options.online,
    unitColumn: options.unitColumn,
    feedback: options.feedback,
    pii: options.pii,
    metrics,
    tracer,
    group: new ServerGroup(
      {
        metrics: () => {
          mirror.check();
          return readMetrics(metrics, { tables: models, variants: listVariants(), logs: logs.shippers });
        },
        statistics: () => describeStatistics([...new Set(listVariants().map(({ live }) => live))]),
        evidence: () => readEvidence(tools),
        versions: () =>
          isListening
            ? (follower.variants?.answering ?? []).map(({ live }) => ({
                model: live.package.model,
                version: live.version,
              }))
            : undefined,
      },
      member,
    ),
    limits,
    room,
    isClosing: () => closing,
  };
  const fast = new FastInference(tools);
  const answerFast: FastOptions["answer"] = (asked, deliver) => {
    if (!fast.take(asked, deliver)) void answerBody(asked, tools).then(deliver);
  };
  const sharesPort = member !== undefined && member.count > 1;
  if (sharesPort) {
    // Processes that share a port are kept from each other's logs by the claims on their folders.
    await logs.open(options);
    await Promise.race([follower.start(), sleep(loadPatience, undefined, { ref: false })]);
  }
  const listening = await startAnswering({
    port: options.port,
    host: options.host,
    sharesPort,
    drainMilliseconds: options.drainMilliseconds,
    answer: (request) => answer({ ...tools, request }),
    headBytes: limits.headBytes,
    mostHeaders: limits.headers,
    mostConnections: limits.connections,
    headersMilliseconds: limits.headMilliseconds,
    requestMilliseconds: limits.requestMilliseconds,
    idleMilliseconds: limits.idleMilliseconds,
    stuckMilliseconds: limits.idleMilliseconds,
    lookMilliseconds: limits.lookMilliseconds,
    takers: [
      createGrpcTaker(createInferenceServer(tools), room),
      createFastTaker({ model, largestBody: largestFastBody, answer: answerFast, limits, metrics }),
    ],
  });
  isListening = true;
  if (!sharesPort) {
    // Only whoever has the port may touch the log: a second process of the same replica must not cut the first one's tail.
    // Nothing is answered before the follower has a model, so nothing goes by the log.
    await logs.open(options).catch((error: unknown) => {
      void listening.close();
      throw error;
    });
    await follower.start();
  }

  return {
    port: listening.port,
    async close() {
      closing = true;
      await listening.close();
      await mirror.close();
      await logs.close();
      await models.close();
      await follower.stop();
      trials.close();
      await tracer?.close();
    },
  };
}
