/**
 * What Triton's clients ask beside the protocol: a model's configuration, its statistics, the index of the repository. Pure.
 * @module
 */
import type { ModelPackage } from "../models/model-package.ts";
import type { LiveModel } from "./live-model.ts";
import { describeOutputs, listInputs, type TensorMetadata } from "./protocol.ts";
import type { VariantsFollower } from "./variants/variants-follower.ts";

/** What Triton calls the datatypes in a configuration, by its numbers for them. */
const typeNumbers: Readonly<Record<string, number>> = { BOOL: 1, FP32: 11, FP64: 12, BYTES: 13 };

/** `TYPE_FP64`; texts are `TYPE_STRING`. */
function nameType(datatype: string): string {
  return `TYPE_${datatype === "BYTES" ? "STRING" : datatype}`;
}

/** The answer to `GET /v2/models/{model}/config`. Rows are a dimension of every tensor, so that there is no batch beside it. */
export function describeConfig(modelPackage: ModelPackage) {
  const list = (tensors: readonly TensorMetadata[]) =>
    tensors.map(({ name, datatype, shape }) => ({ name, data_type: nameType(datatype), dims: shape }));
  return {
    name: modelPackage.model,
    platform: "onnxruntime_onnx",
    backend: "onnxruntime",
    max_batch_size: 0,
    input: list(listInputs(modelPackage)),
    output: list(describeOutputs(modelPackage)),
  };
}

/** The number of a type of `describeConfig`, as gRPC has it. */
export function numberType(name: string): number {
  return typeNumbers[name === "TYPE_STRING" ? "BYTES" : name.slice("TYPE_".length)] ?? 0;
}

/** The answer to `GET /v2/models/{model}/stats`: times in nanoseconds, since the process began. */
export function describeStatistics(lives: readonly LiveModel[]) {
  return {
    model_stats: lives.map(({ package: { model }, version, statistics }) => {
      const { rows, runs, last, success, fail, compute } = statistics;
      return {
        name: model,
        version,
        last_inference: last,
        inference_count: rows,
        execution_count: runs,
        inference_stats: { success, fail, compute_infer: compute },
      };
    }),
  };
}

/** The answer to `POST /v2/repository/index`: what answers callers. */
export function describeIndex(model: string, { variants, problem }: Pick<VariantsFollower, "variants" | "problem">) {
  const lives = new Set(variants?.answering.map(({ live }) => live));
  if (lives.size > 0)
    return [...lives].map(({ package: own, version }) => ({ name: own.model, version, state: "READY", reason: "" }));
  return [{ name: model, version: "", state: "UNAVAILABLE", reason: problem ?? "it is being loaded" }];
}
