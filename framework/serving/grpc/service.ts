/**
 * The Open Inference Protocol over gRPC: the same model, the same answers, the same log as over HTTP.
 * @module
 */
import { randomUUID } from "node:crypto";
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { z } from "zod";
import manifest from "../../../package.json" with { type: "json" };
import { refuseFull } from "../../http/body-room.ts";
import { Refusal } from "../../http/refusal.ts";
import { isHurried } from "../deadline.ts";
import { addressVariants, findModel, listModels } from "../find-model.ts";
import { inferRows } from "../infer.ts";
import { checkInferenceRequest } from "../inference-request.ts";
import { largestBody } from "../limits.ts";
import { callerHeader, readCaller } from "../log/caller.ts";
import { describeModel, describeServer, listOutputs } from "../protocol.ts";
import type { AskedBy, ServingTools } from "../serving-tools.ts";
import { describeCallSpan, readCallOrigin, tellCall } from "../trace/grpc-call.ts";
import { type Origin, unknownOrigin } from "../trace/origin.ts";
import { describeConfig, describeIndex, numberType } from "../triton.ts";
import { chooseVariant, findReader, readUnit, unitHeader, variantHeader } from "../variants/addressed.ts";
import { inferenceService, lengthOf, type MethodName, UnreadMessage } from "./messages.ts";
import { limitReceiving } from "./receive-limit.ts";
import { inferRequestSchema, readInferRequest } from "./request.ts";
import { writeInferResponse } from "./response.ts";

const named = z.object({ name: z.string(), version: z.string() });

/** After so long without a call a connection is closed, and after so long without a word its caller is asked for one; in milliseconds. */
const idleMilliseconds = 300_000;
const silentMilliseconds = 60_000;

/** Answers the methods of the protocol. */
export function createInferenceServer(tools: ServingTools): Server {
  const { limits } = tools;
  const server = new Server({
    "grpc.max_receive_message_length": largestBody,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": limits.callsOfConnection,
    interceptors: [limitReceiving(limits.requestMilliseconds)],
    "grpc.max_connection_idle_ms": idleMilliseconds,
    "grpc.keepalive_time_ms": silentMilliseconds,
  });
  server.addService(inferenceService, createHandlers(tools));
  return server;
}

/** What is known of a call beside its message. */
interface Caller extends AskedBy {
  readonly metadata: Metadata;
  /** How long an answer may take, in milliseconds. */
  readonly timeout: number;
  /** Tells which variant answers. */
  readonly tell: (variant: string) => void;
}

type Answer = (request: object, caller: Caller) => object;

function createHandlers(tools: ServingTools): UntypedServiceImplementation {
  const { model, follower } = tools;
  const find = (request: object) => findModel(nameModel(named.parse(request)), model, follower);
  const answers: Readonly<Record<Exclude<MethodName, "ModelStreamInfer">, Answer>> = {
    ServerLive: () => ({ live: true }),
    ServerReady: () => ({ ready: follower.live !== undefined && !tools.isClosing() }),
    // Who asks whether there is such a model wants no error for an answer.
    ModelReady: (request) => ({ ready: isReady(() => find(request)) }),
    ServerMetadata: () => describeServer(manifest.version),
    ModelMetadata: async (request) => {
      const { package: own } = find(request);
      return describeModel(
        own,
        await tools.group.findShared(listModels(nameModel(named.parse(request)), model, follower)),
      );
    },
    ModelInfer: (request, caller) => infer(request, caller, tools),
    ModelConfig: (request) => ({ config: numberTypes(describeConfig(find(request).package)) }),
    ModelStatistics: (request) => {
      const { name, version } = named.parse(request);
      // Without a name the endpoint's model is meant.
      return tools.group.statistics(listModels(nameModel({ name: name || model, version }), model, follower));
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

async function infer(message: object, call: Caller, tools: ServingTools): Promise<object> {
  const { metadata, timeout, tell, origin, spans } = call;
  const started = performance.now();
  const deadline = started + timeout;
  const hurried = isHurried(timeout, tools.limits.answerMilliseconds);
  const request = inferRequestSchema.parse(message);
  const { model_name: name, model_version: version } = request;
  const unit = readUnit(metadata.get(unitHeader).map(String));
  const addressed = { ...addressVariants(nameModel({ name, version }), tools.model, tools.follower), unit };
  const { live } = findReader(addressed);
  const outputs = listOutputs(live.package).map((output) => output.name);
  const asked = check();
  const id = asked.id ?? randomUUID();
  const chosen = chooseVariant(addressed, id);
  const caller = readCaller(metadata.get(callerHeader).map(String));
  const isPlain = caller === undefined && (origin ?? unknownOrigin) === unknownOrigin;
  const keeping = isPlain ? tools : { ...tools, caller, origin, spans };
  const inference = await inferRows(keeping, { asked, chosen, id, started, deadline, isHurried: hurried });
  if (inference.told !== undefined) tell(inference.told);
  return writeInferResponse(inference);

  function check() {
    try {
      const { asked: said, problems } = readInferRequest(request);
      return checkInferenceRequest(said, { inputs: live.package.inputs, outputs, problems });
    } catch (error) {
      live.statistics.addFailure(performance.now() - started);
      throw error;
    }
  }
}

/** Every request of the stream is answered by one response, in their order; one that is refused ends no other. */
function streamInferences(tools: ServingTools): handleBidiStreamingCall<object, object> {
  return (call) => {
    // Metadata are sent once for the whole stream, whose requests may be of several variants: each response says its own.
    const tell = () => undefined;
    const caller: Caller = { metadata: call.metadata, timeout: tools.limits.answerMilliseconds, tell };
    const told = readCallOrigin(call.metadata);
    const answerOne = async (message: object) => {
      const { spans, origin } = begin(told, tools);
      const failed = (error: unknown) => {
        spans?.end(describeCallSpan("ModelStreamInfer", describeFailure(error, silent).code, told));
        throw error;
      };
      const answer = () => infer(checkRead(message), { ...caller, origin, spans }, tools);
      const response = await holdRoom(message, tools, answer).catch(failed);
      spans?.end(describeCallSpan("ModelStreamInfer", status.OK, told));
      return response;
    };
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

function handle(name: string, answer: Answer, tools: ServingTools): handleUnaryCall<object, object> {
  return (call, callback) => {
    const timeout = Math.min(Number(call.getDeadline()) - Date.now(), tools.limits.answerMilliseconds);
    const tell = (variant: string): void => {
      const metadata = new Metadata();
      metadata.set(variantHeader, variant);
      call.sendMetadata(metadata);
    };
    const told = readCallOrigin(call.metadata);
    const { spans, origin } = begin(told, tools);
    const { request, metadata: sent } = call;
    const answerOne = () => answer(checkRead(request), { metadata: sent, timeout, tell, origin, spans });
    holdRoom(request, tools, answerOne).then(
      (response) => {
        count(tools, name, "OK");
        spans?.end(describeCallSpan(name, status.OK, told));
        callback(null, response, tellCall(told));
      },
      (error: unknown) => {
        const failure = describeFailure(error, tools);
        count(tools, name, status[failure.code] ?? "UNKNOWN");
        spans?.end(describeCallSpan(name, failure.code, told));
        const metadata = tellCall(told);
        callback(metadata ? { ...failure, metadata } : failure);
      },
    );
  };
}

/** Answers a message, which takes the room of its bytes until then. @throws Refusal 503 where there is no room for it */
async function holdRoom(
  message: object,
  { room }: Pick<ServingTools, "room">,
  answer: () => object | Promise<object>,
): Promise<object> {
  if (!room.hold(message, lengthOf(message))) throw refuseFull();
  try {
    return await answer();
  } finally {
    room.release(message);
  }
}

/** Begins to trace a request, where it is traced. */
function begin(told: Origin, { tracer }: ServingTools): Pick<AskedBy, "spans"> & { readonly origin: Origin } {
  const spans = tracer?.begin(told, performance.now());
  return { spans, origin: spans?.noteIn(told) ?? told };
}

const silent = { report: () => undefined };

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
  { report }: Pick<ServingTools, "report">,
): { readonly code: status; readonly details: string } {
  if (error instanceof Refusal) return { code: codes[error.status] ?? status.UNKNOWN, details: shorten(error.message) };
  report(`a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return { code: status.INTERNAL, details: "the server failed to answer; its log says why" };
}

/** Details are a header, of which callers take less than of anything else: so many bytes, percent-encoded, fit with all of them. */
const mostDetails = 4000;

function shorten(message: string): string {
  let text = message.toWellFormed();
  while (encodeURI(text).length > mostDetails) text = `${text.slice(0, Math.floor(text.length * 0.8))}…`.toWellFormed();
  return text;
}
