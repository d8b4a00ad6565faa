/**
 * What a model server says in the Open Inference Protocol: metadata and answers. Pure.
 * @module
 */
import type { ModelPackage } from "../models/model-package.ts";
import { declaredDatatype } from "./tensor.ts";

/** A tensor as metadata declare it; −1 is any number of rows. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** A tensor with its values. */
export interface OutputTensor extends TensorMetadata {
  readonly data: readonly (number | boolean)[];
}

/** The answer to `GET /v2`. */
export function describeServer(version: string) {
  return { name: "steward", version, extensions: [] };
}

/** The answer to `GET /v2/models/{model}`. */
export function describeModel(modelPackage: ModelPackage, version: string) {
  return {
    name: modelPackage.model,
    versions: [version],
    platform: "onnx_onnxv1",
    inputs: modelPackage.inputs.map(({ name, type }) => ({ name, datatype: declaredDatatype[type], shape: [-1] })),
    outputs: listOutputs(modelPackage).map(({ name, datatype }) => ({ name, datatype, shape: [-1] })),
  };
}

/** The outputs of a model: its probability or value, and for a binary label what the probability says, from 0.5 on true. */
export function listOutputs({ task, output }: Pick<ModelPackage, "task" | "output">) {
  const own = { name: output, datatype: "FP64" } as const;
  return task === "binary" ? [own, { name: "label", datatype: "BOOL" } as const] : [own];
}

/** The output tensors for a model's answers. */
export function createOutputs(modelPackage: ModelPackage, answers: readonly number[]): readonly OutputTensor[] {
  return listOutputs(modelPackage).map(({ name, datatype }) => ({
    name,
    datatype,
    shape: [answers.length],
    data: datatype === "BOOL" ? answers.map((answer) => answer >= 0.5) : answers,
  }));
}
