/**
 * The Open Inference Protocol over gRPC: the same model, the same answers, the same log as over HTTP.
 * @module
 */
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Server,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { z } from "zod";
import manifest from "../../../package.json" with { type: "json" };
import { Refusal } from "../../http/refusal.ts";
import { findModel } from "../find-model.ts";
import { inferRows } from "../infer.ts";
import { checkInferenceRequest } from "../inference-request.ts";
import { describeModel, describeServer, listOutputs } from "../protocol.ts";
import { largestBody } from "../request-body.ts";
import type { ServingTools } from "../serving-tools.ts";
import { describeConfig, describeIndex, describeStatistics, numberType } from "../triton.ts";
import { inferenceService, type MethodName, UnreadMessage } from "./messages.ts";
import { inferRequestSchema, readInferRequest } from "./request.ts";
import { writeInferResponse } from "./response.ts";

const named = z.object({ name: z.string(), version: z.string() });

/** How many calls one connection may have under way; those beyond wait with their caller. */
const mostCalls = 100;
/** After so long without a call a connection is closed, and after so long without a word its caller is asked for one; in milliseconds. */
const idleMilliseconds = 300_000;
const silentMilliseconds = 60_000;

/** Answers the methods of the protocol. */
export function createInferenceServer(tools: ServingTools): Server {
  const server = new Server({
    "grpc.max_receive_message_length": largestBody,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": mostCalls,
    "grpc.max_connection_idle_ms": idleMilliseconds,
    "grpc.keepalive_time_ms": silentMilliseconds,
  });
  server.addService(inferenceService, createHandlers(tools));
  return server;
}

function createHandlers(tools: ServingTools): UntypedServiceImplementation {
  const { model, follower } = tools;
  const find = (request: object) => findModel(nameModel(named.parse(request)), model, follower);
  const answers: Readonly<Record<Exclude<MethodName, "ModelStreamInfer">, (request: object) => object>> = {
    ServerLive: () => ({ live: true }),
    ServerReady: () => ({ ready: follower.live !== undefined && !tools.isClosing() }),
    // Who asks whether there is such a model wants no error for an answer.
    ModelReady: (request) => ({ ready: isReady(() => find(request)) }),
    ServerMetadata: () => describeServer(manifest.version),
    ModelMetadata: (request) => {
      const live = find(request);
      return describeModel(live.package, live.version);
    },
    ModelInfer: (request) => infer(request, tools),
    ModelConfig: (request) => ({ config: numberTypes(describeConfig(find(request).package)) }),
    ModelStatistics: (request) => {
      const { name, version } = named.parse(request);
      // Without a name all models are meant, of which there is one.
      const live = findModel(nameModel({ name: name || model, version }), model, follower);
      return describeStatistics(live, live.statistics);
    },
    RepositoryIndex: () => ({ models: describeIndex(model, follower) }),
  };
  const unary = Object.entries(answers).map(([name, answer]) => [name, handle(name, answer, tools)] as const);
  return { ...Object.fromEntries(unary), ModelStreamInfer: streamInferences(tools) };
}

/** A client that wants whatever is live sends an empty version. */
function nameModel({ name, version }: z.output<typeof named>) {
  return { model: name, ...(version !== "" && { version }) };
}

function isReady(find: () => unknown): boolean {
  try {
    find();
    return true;
  } catch {
    return false;
  }
}

function numberTypes({ input, output, ...config }: ReturnType<typeof describeConfig>) {
  const number = (tensors: typeof input) =>
    tensors.map(({ data_type, ...tensor }) => ({ ...tensor, data_type: numberType(data_type) }));
  return { ...config, input: number(input), output: number(output) };
}

async function infer(message: object, tools: ServingTools): Promise<object> {
  const started = performance.now();
  const request = inferRequestSchema.parse(message);
  const { model_name: name, model_version: version } = request;
  const live = findModel(nameModel({ name, version }), tools.model, tools.follower);
  const outputs = listOutputs(live.package).map((output) => output.name);
  try {
    const { asked, problems } = readInferRequest(request);
    const checked = checkInferenceRequest(asked, { inputs: live.package.inputs, outputs, problems });
    return writeInferResponse(await inferRows(tools, { asked: checked, live, started }));
  } catch (error) {
    live.statistics.addFailure(performance.now() - started);
    throw error;
  }
}

/** Every request of the stream is answered by one response, in their order; one that is refused ends no other. */
function streamInferences(tools: ServingTools): handleBidiStreamingCall<object, object> {
  const answerOne = async (message: object) => infer(checkRead(message), tools);
  return (call) => {
    const answerAll = async (): Promise<void> => {
      for await (const message of call as AsyncIterable<object>) {
        const response = await answerOne(message).then(
          (infer_response) => ({ infer_response }),
          (error: unknown) => ({ error_message: describeFailure(error, tools).details }),
        );
        count(tools, "ModelStreamInfer", "error_message" in response ? "ERROR" : "OK");
        if (!call.write(response)) await new Promise((resolve) => call.once("drain", resolve));
      }
      call.end();
    };
    // A caller that has gone away needs no answer.
    answerAll().catch(() => call.end());
  };
}

function handle(
  name: string,
  answer: (request: object) => object,
  tools: ServingTools,
): handleUnaryCall<object, object> {
  return ({ request }, callback) => {
    Promise.resolve()
      .then(() => answer(checkRead(request)))
      .then(
        (response) => {
          count(tools, name, "OK");
          callback(null, response);
        },
        (error: unknown) => {
          const failure = describeFailure(error, tools);
          count(tools, name, status[failure.code] ?? "UNKNOWN");
          callback(failure);
        },
      );
  };
}

/** @throws Refusal 400 for a message that could not be read */
function checkRead(message: object): object {
  if (message instanceof UnreadMessage) throw new Refusal(400, message.why);
  return message;
}

function count({ metrics }: ServingTools, name: string, code: string): void {
  metrics.requests.add({ route: `grpc ${name}`, status: code });
}

const codes: Readonly<Record<number, status | undefined>> = {
  400: status.INVALID_ARGUMENT,
  404: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  422: status.INVALID_ARGUMENT,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

function describeFailure(
  error: unknown,
  { report }: ServingTools,
): { readonly code: status; readonly details: string } {
  if (error instanceof Refusal) return { code: codes[error.status] ?? status.UNKNOWN, details: error.message };
  report(`a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return { code: status.INTERNAL, details: "the server failed to answer; its log says why" };
}
