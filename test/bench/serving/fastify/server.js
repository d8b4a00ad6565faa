/**
 * Fastify and onnxruntime-node: the request is validated and the answer is written by Fastify's own compiled schemas.
 * @module
 */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";

// The packages lie in the user's cache, beside the lock that they were installed by.
const require = createRequire(join(process.env.PEER ?? "", "package.json"));
const fastify = require("fastify");
const { InferenceSession, Tensor } = require("onnxruntime-node");

const session = await InferenceSession.create(process.env.MODEL, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const [outputName] = session.outputNames;

const tensor = {
  type: "object",
  required: ["name", "shape", "datatype", "data"],
  properties: {
    name: { type: "string" },
    shape: { type: "array", items: { type: "integer" } },
    datatype: { type: "string" },
    data: { type: "array", items: { type: "number" } },
  },
};
const body = {
  type: "object",
  required: ["inputs"],
  properties: { id: { type: "string" }, inputs: { type: "array", minItems: 1, items: tensor } },
};
const answer = {
  type: "object",
  properties: {
    model_name: { type: "string" },
    model_version: { type: "string" },
    id: { type: "string" },
    outputs: { type: "array", items: tensor },
  },
};

const app = fastify();
app.post("/v2/models/bench/infer", { schema: { body, response: { 200: answer } } }, async (request) => {
  const [{ data, shape }] = request.body.inputs;
  const results = await session.run({ features: new Tensor("float32", Float32Array.from(data), shape) });
  const values = Array.from(results[outputName].data);
  return {
    model_name: "bench",
    model_version: "1",
    id: request.body.id ?? randomUUID(),
    outputs: [{ name: "value", shape: [values.length], datatype: "FP32", data: values }],
  };
});
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
