/**
 * The paths of the Open Inference Protocol, and those of health and metrics, in an OpenAPI document. Pure.
 * @module
 */
import type { JsonSchema } from "./json-schema.ts";

/** A reference to a schema of the same document. */
export function refTo(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A reply of JSON. */
export function replyOf(description: string, schema: JsonSchema): JsonSchema {
  return { description, content: { "application/json": { schema } } };
}

const anything: JsonSchema = { type: "object" };
const refused = replyOf("Why there is no answer.", refTo("Refusal"));

/** The schemas that these paths refer to. */
export const protocolSchemas: Readonly<Record<string, JsonSchema>> = {
  Refusal: {
    type: "object",
    properties: {
      error: { type: "string" },
      problems: {
        type: "array",
        items: {
          type: "object",
          properties: {
            row: { type: "integer" },
            column: { type: "string" },
            item: { type: "integer" },
            field: { type: "string" },
            what: { type: "string" },
            got: { type: "string" },
            expected: { type: "string" },
          },
          required: ["what"],
        },
      },
    },
    required: ["error"],
  },
  Tensor: {
    type: "object",
    properties: {
      name: { type: "string" },
      datatype: { type: "string" },
      shape: { type: "array", items: { type: "integer" } },
      parameters: anything,
      data: { type: "array" },
    },
    required: ["name", "datatype", "shape"],
  },
  InferenceRequest: {
    type: "object",
    properties: {
      id: { type: "string" },
      parameters: anything,
      inputs: { type: "array", items: refTo("Tensor") },
      outputs: {
        type: "array",
        items: {
          type: "object",
          properties: { name: { type: "string" }, parameters: anything },
          required: ["name"],
        },
      },
    },
    required: ["inputs"],
  },
  InferenceAnswer: {
    type: "object",
    properties: {
      id: { type: "string" },
      model_name: { type: "string" },
      model_version: { type: "string" },
      parameters: anything,
      outputs: { type: "array", items: refTo("Tensor") },
    },
    required: ["id", "model_name", "model_version", "outputs"],
  },
};

interface Operation {
  readonly id: string;
  readonly summary: string;
  /** What is answered with 200. @default an object */
  readonly answer?: JsonSchema;
}

function get({ id, summary, answer = anything }: Operation): JsonSchema {
  return { get: { operationId: id, summary, responses: { 200: replyOf(summary, answer), default: refused } } };
}

/** The paths for a model. */
export function describeProtocolPaths(model: string): Readonly<Record<string, JsonSchema>> {
  const own = `/v2/models/${encodeURIComponent(model)}`;
  const versioned = `${own}/versions/{version}`;
  const version = { parameters: [{ name: "version", in: "path", required: true, schema: { type: "string" } }] };
  const infer = (id: string): JsonSchema => ({
    post: {
      operationId: id,
      summary: "Answers a model's features, as tensors.",
      requestBody: { required: true, content: { "application/json": { schema: refTo("InferenceRequest") } } },
      responses: { 200: replyOf("The answer.", refTo("InferenceAnswer")), default: refused },
    },
  });
  return {
    "/v2": get({ id: "describeServer", summary: "What this server is." }),
    "/v2/health/live": get({ id: "isLive", summary: "Whether the server runs." }),
    "/v2/health/ready": get({ id: "isReady", summary: "Whether the server answers, and with which version." }),
    [own]: get({ id: "describeModel", summary: "The inputs and outputs of the model." }),
    [`${own}/ready`]: get({ id: "isModelReady", summary: "Whether the model answers." }),
    [`${own}/infer`]: infer("infer"),
    [versioned]: { ...version, ...get({ id: "describeVersion", summary: "The inputs and outputs of a version." }) },
    [`${versioned}/ready`]: {
      ...version,
      ...get({ id: "isVersionReady", summary: "Whether a version answers." }),
    },
    [`${versioned}/infer`]: { ...version, ...infer("inferVersion") },
    "/metrics": {
      get: {
        operationId: "readMetrics",
        summary: "What is counted, in the text format of Prometheus.",
        responses: { 200: { description: "The metrics.", content: { "text/plain": { schema: { type: "string" } } } } },
      },
    },
  };
}
