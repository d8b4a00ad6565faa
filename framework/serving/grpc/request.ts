/**
 * Requests of the Open Inference Protocol over gRPC, as the other encodings have them. Pure.
 * @module
 */
import { z } from "zod";
import type { AskedInference } from "../inference-request.ts";
import { readText } from "../raw-tensor.ts";

/** An integer of 64 bits, in digits. */
const long = z.string();
/** A double: infinite ones, and what is no number, are for the datatype to refuse. */
const double = z.custom<number>((value) => typeof value === "number");

const parameter = z.object({
  bool_param: z.boolean().optional(),
  int64_param: long.optional(),
  string_param: z.string().optional(),
  double_param: double.optional(),
  uint64_param: long.optional(),
});
const parameters = z.record(z.string(), parameter);
const bytes = z.instanceof(Uint8Array);

const contents = z.object({
  bool_contents: z.array(z.boolean()),
  int_contents: z.array(z.number()),
  int64_contents: z.array(long),
  uint_contents: z.array(z.number()),
  uint64_contents: z.array(long),
  fp32_contents: z.array(double),
  fp64_contents: z.array(double),
  bytes_contents: z.array(bytes),
});

/** What a client asks by `ModelInfer`, read with defaults for what it did not send. */
export const inferRequestSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string(),
  parameters,
  inputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(long),
      parameters,
      contents: contents.nullish(),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), parameters })),
  raw_input_contents: z.array(bytes),
});
export type InferRequest = z.output<typeof inferRequestSchema>;

/** Which list holds the values of a datatype. Those of none come as bytes alone. */
const lists: Readonly<Record<string, keyof z.output<typeof contents> | undefined>> = {
  BOOL: "bool_contents",
  INT8: "int_contents",
  INT16: "int_contents",
  INT32: "int_contents",
  INT64: "int64_contents",
  UINT8: "uint_contents",
  UINT16: "uint_contents",
  UINT32: "uint_contents",
  UINT64: "uint64_contents",
  FP32: "fp32_contents",
  FP64: "fp64_contents",
  BYTES: "bytes_contents",
};

/** What a request says, to be checked as one in JSON is; and what is wrong with its encoding. */
export function readInferRequest({ id, inputs, outputs, parameters, raw_input_contents: raw }: InferRequest): {
  readonly asked: AskedInference;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  // The bytes of all tensors, or of none: which of them a part belongs to is told by the order alone.
  if (raw.length > 0 && raw.length !== inputs.length) {
    problems.push(`there are ${raw.length} raw_input_contents for ${inputs.length} inputs`);
  }
  if (raw.length > 0 && inputs.some((tensor) => tensor.contents)) {
    problems.push("an input has contents beside raw_input_contents");
  }
  for (const { name, datatype, contents: own } of inputs) {
    const right = lists[datatype];
    const wrong = own && Object.entries(own).find(([list, values]) => list !== right && values.length > 0);
    if (wrong && right !== undefined)
      problems.push(`input "${name.slice(0, 200)}" has values in ${wrong[0]}, and ${datatype} has them in ${right}`);
  }
  const tensors = inputs.map(({ name, datatype, shape, contents: own }, i) => {
    const part = raw[i];
    const values = part ? { raw: part } : { data: own ? listContents(own, datatype) : [] };
    return { name, datatype, shape: shape.map(Number), ...values };
  });
  return {
    asked: {
      id,
      inputs: tensors,
      outputs: outputs.map(({ name, parameters: own }) => ({ name, parameters: readParameters(own) })),
      parameters: readParameters(parameters),
    },
    problems,
  };
}

function listContents(own: z.output<typeof contents>, datatype: string): readonly unknown[] {
  const list = lists[datatype];
  if (list === undefined) return [];
  if (list === "bytes_contents") return own.bytes_contents.map(readText);
  if (list === "int64_contents" || list === "uint64_contents") return own[list].map(BigInt);
  return own[list];
}

function readParameters(own: z.output<typeof parameters>): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, { bool_param, int64_param, string_param, double_param, uint64_param }]) => {
      const number = int64_param ?? uint64_param;
      const value = bool_param ?? string_param ?? double_param ?? (number === undefined ? undefined : Number(number));
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
