/**
 * Answers of the Open Inference Protocol over gRPC: their values are bytes, as its clients ask for them. Pure.
 * @module
 */
import type { Inference } from "../infer.ts";
import { writeRaw } from "../raw-tensor.ts";

/** The response to `ModelInfer`. */
export function writeInferResponse({ id, live, told, outputs }: Inference): object {
  return {
    model_name: live.package.model,
    model_version: live.version,
    id,
    parameters: {
      model_digest: { string_param: live.digest },
      ...(told !== undefined && { variant: { string_param: told } }),
    },
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
    raw_output_contents: outputs.map(({ data, datatype }) => writeRaw(data, datatype)),
  };
}
