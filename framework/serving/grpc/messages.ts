/**
 * The messages of the Open Inference Protocol over gRPC, by the numbers of its fields: those of the protocol itself
 * (https://github.com/kserve/open-inference-protocol, `specification/protocol/open_inference_grpc.proto`), and of Triton's
 * extensions that its clients ask for: configuration, statistics, the index of the repository, streams.
 * @module
 */
import protobuf, { type INamespace } from "protobufjs";
import { refuseExtent } from "./message-extent.ts";

type Field = { readonly type: string; readonly id: number; readonly rule?: "repeated"; readonly keyType?: string };

/** `repeated int64` and `map<string, T>` as protobufjs has them. */
function field(type: string, id: number): Field {
  const [, keyType, value] = /^map<(\w+), (\w+)>$/.exec(type) ?? [];
  if (keyType !== undefined && value !== undefined) return { keyType, type: value, id };
  return type.startsWith("repeated ") ? { rule: "repeated", type: type.slice("repeated ".length), id } : { type, id };
}

/** A message by its fields in the order of their numbers, from 1 unless a type says another: `"uint64 =7"`. */
function message(fields: Readonly<Record<string, string>>, oneof?: string) {
  let id = 0;
  const described = Object.entries(fields).map(([name, type]) => {
    const [, plain = type, number] = /^(.*?)(?: =(\d+))?$/.exec(type) ?? [];
    id = number === undefined ? id + 1 : Number(number);
    return [name, field(plain, id)] as const;
  });
  const all = Object.fromEntries(described);
  return { fields: all, ...(oneof !== undefined && { oneofs: { [oneof]: { oneof: Object.keys(all) } } }) };
}

const tensorMetadata = message({ name: "string", datatype: "string", shape: "repeated int64" });
const named = message({ name: "string", version: "string" });
const nothing = message({});
const parameters = "map<string, InferParameter>";

const schema: INamespace = {
  nested: {
    inference: {
      nested: {
        ServerLiveRequest: nothing,
        ServerLiveResponse: message({ live: "bool" }),
        ServerReadyRequest: nothing,
        ServerReadyResponse: message({ ready: "bool" }),
        ModelReadyRequest: named,
        ModelReadyResponse: message({ ready: "bool" }),
        ServerMetadataRequest: nothing,
        ServerMetadataResponse: message({ name: "string", version: "string", extensions: "repeated string" }),
        ModelMetadataRequest: named,
        TensorMetadata: tensorMetadata,
        ModelMetadataResponse: message({
          name: "string",
          versions: "repeated string",
          platform: "string",
          inputs: "repeated TensorMetadata",
          outputs: "repeated TensorMetadata",
        }),
        InferParameter: message(
          {
            bool_param: "bool",
            int64_param: "int64",
            string_param: "string",
            double_param: "double",
            uint64_param: "uint64",
          },
          "parameter_choice",
        ),
        InferTensorContents: message({
          bool_contents: "repeated bool",
          int_contents: "repeated int32",
          int64_contents: "repeated int64",
          uint_contents: "repeated uint32",
          uint64_contents: "repeated uint64",
          fp32_contents: "repeated float",
          fp64_contents: "repeated double",
          bytes_contents: "repeated bytes",
        }),
        InferTensor: message({
          name: "string",
          datatype: "string",
          shape: "repeated int64",
          parameters,
          contents: "InferTensorContents",
        }),
        InferRequestedOutputTensor: message({ name: "string", parameters }),
        ModelInferRequest: message({
          model_name: "string",
          model_version: "string",
          id: "string",
          parameters,
          inputs: "repeated InferTensor",
          outputs: "repeated InferRequestedOutputTensor",
          raw_input_contents: "repeated bytes",
        }),
        ModelInferResponse: message({
          model_name: "string",
          model_version: "string",
          id: "string",
          parameters,
          outputs: "repeated InferTensor",
          raw_output_contents: "repeated bytes",
        }),
        ModelStreamInferResponse: message({ error_message: "string", infer_response: "ModelInferResponse" }),
        ModelConfigRequest: named,
        ModelConfigInput: message({ name: "string", data_type: "int32", dims: "repeated int64 =4" }),
        ModelConfigOutput: message({ name: "string", data_type: "int32", dims: "repeated int64" }),
        ModelConfig: message({
          name: "string",
          platform: "string",
          max_batch_size: "int32 =4",
          input: "repeated ModelConfigInput",
          output: "repeated ModelConfigOutput",
          backend: "string =17",
        }),
        ModelConfigResponse: message({ config: "ModelConfig" }),
        ModelStatisticsRequest: named,
        StatisticDuration: message({ count: "uint64", ns: "uint64" }),
        InferStatistics: message({
          success: "StatisticDuration",
          fail: "StatisticDuration",
          queue: "StatisticDuration",
          compute_input: "StatisticDuration",
          compute_infer: "StatisticDuration",
          compute_output: "StatisticDuration",
        }),
        ModelStatistics: message({
          name: "string",
          version: "string",
          last_inference: "uint64",
          inference_count: "uint64",
          execution_count: "uint64",
          inference_stats: "InferStatistics",
        }),
        ModelStatisticsResponse: message({ model_stats: "repeated ModelStatistics" }),
        RepositoryIndexRequest: message({ repository_name: "string", ready: "bool" }),
        ModelIndex: message({ name: "string", version: "string", state: "string", reason: "string" }),
        RepositoryIndexResponse: message({ models: "repeated ModelIndex" }),
      },
    },
  },
};

const root = protobuf.Root.fromJSON(schema).resolveAll();

const lengths = new WeakMap<object, number>();

/** How long a message was that a caller sent, in bytes; 0 for any other. */
export function lengthOf(message: object): number {
  return lengths.get(message) ?? 0;
}

/** What stands for a request that cannot be read, so that its caller is told why as of any other. */
export class UnreadMessage {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** One method of the service. */
export interface Method {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: object) => Buffer;
  /** An `UnreadMessage` for what cannot be read. */
  readonly requestDeserialize: (bytes: Buffer) => object;
  readonly responseSerialize: (value: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

const methods = {
  ServerLive: ["ServerLiveRequest", "ServerLiveResponse"],
  ServerReady: ["ServerReadyRequest", "ServerReadyResponse"],
  ModelReady: ["ModelReadyRequest", "ModelReadyResponse"],
  ServerMetadata: ["ServerMetadataRequest", "ServerMetadataResponse"],
  ModelMetadata: ["ModelMetadataRequest", "ModelMetadataResponse"],
  ModelInfer: ["ModelInferRequest", "ModelInferResponse"],
  ModelStreamInfer: ["ModelInferRequest", "ModelStreamInferResponse"],
  ModelConfig: ["ModelConfigRequest", "ModelConfigResponse"],
  ModelStatistics: ["ModelStatisticsRequest", "ModelStatisticsResponse"],
  RepositoryIndex: ["RepositoryIndexRequest", "RepositoryIndexResponse"],
} as const;

export type MethodName = keyof typeof methods;

/** The service, as `@grpc/grpc-js` takes it. */
export const inferenceService = Object.fromEntries(
  Object.entries(methods).map(([name, [request, response]]) => {
    const stream = name === "ModelStreamInfer";
    return [name, describeMethod(name, { request, response, stream })];
  }),
) as Readonly<Record<MethodName, Method>>;

function describeMethod(
  name: string,
  { request, response, stream }: { readonly request: string; readonly response: string; readonly stream: boolean },
): Method {
  const [asks, answers] = [coderOf(request), coderOf(response)];
  return {
    path: `/inference.GRPCInferenceService/${name}`,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: asks.write,
    requestDeserialize: asks.readAsked,
    responseSerialize: answers.write,
    responseDeserialize: answers.read,
  };
}

function coderOf(name: string): {
  readonly write: (value: object) => Buffer;
  readonly read: (bytes: Buffer) => object;
  /** Reads what anybody may have sent. It never throws. */
  readonly readAsked: (bytes: Buffer) => object;
} {
  const type = root.lookupType(`inference.${name}`);
  // Integers of 64 bits come as texts: all of their digits.
  const read = (bytes: Buffer): object => type.toObject(type.decode(bytes), { defaults: true, longs: String });
  return {
    write: (value) => Buffer.from(type.encode(type.fromObject(value)).finish()),
    read,
    readAsked: (bytes) => {
      const why = refuseExtent(type, bytes);
      if (why !== undefined) return new UnreadMessage(why);
      try {
        const message = read(bytes);
        lengths.set(message, bytes.length);
        return message;
      } catch {
        return new UnreadMessage("the message is not one of this method");
      }
    },
  };
}
