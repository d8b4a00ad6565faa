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
  readonly data: readonly (number | boolean | string)[];
}

/** The answer to `GET /v2`. */
export function describeServer(version: string) {
  return {
    name: "steward",
    version,
    extensions: ["binary_tensor_data", "model_configuration", "model_repository", "statistics"],
  };
}

/** The answer to `GET /v2/models/{model}`. @param versions those that answer callers */
export function describeModel(modelPackage: ModelPackage, versions: readonly string[]) {
  return {
    name: modelPackage.model,
    versions: [...versions],
    platform: "onnx_onnxv1",
    inputs: listInputs(modelPackage),
    outputs: describeOutputs(modelPackage),
  };
}

/** The outputs of a model as metadata declare them. */
export function describeOutputs(modelPackage: OutputsPackage): readonly TensorMetadata[] {
  return listOutputs(modelPackage).map(({ name, datatype, width }) => ({
    name,
    datatype,
    shape: width === undefined ? [-1] : [-1, width],
  }));
}

/** The inputs of a model as metadata declare them. */
export function listInputs({ inputs }: Pick<ModelPackage, "inputs">): readonly TensorMetadata[] {
  return inputs.map(({ name, type }) => ({ name, datatype: declaredDatatype[type], shape: [-1] }));
}

/** What decides the outputs of a model. */
type OutputsPackage = Pick<ModelPackage, "task" | "output" | "classes">;

interface Output {
  readonly name: string;
  readonly datatype: "FP64" | "BOOL" | "BYTES";
  /** How many numbers it has for each row. @default one, and no dimension for it */
  readonly width?: number;
}

/**
 * The outputs of a model: its probability, probabilities or value, and for a label that is none of numbers what they say: true
 * from 0.5 on, or the name of the most probable class.
 */
export function listOutputs({ task, output, classes = [] }: OutputsPackage): readonly Output[] {
  const own = { name: output, datatype: "FP64" } as const;
  switch (task) {
    case "binary":
      return [own, { name: "label", datatype: "BOOL" }];
    case "multiclass":
      return [
        { ...own, width: classes.length },
        { name: "label", datatype: "BYTES" },
      ];
    case "regression":
      return [own];
  }
}

/** The output tensors for a model's answers: of several classes a probability for each, row by row. */
export function createOutputs(modelPackage: ModelPackage, answers: readonly number[]): readonly OutputTensor[] {
  const { classes } = modelPackage;
  const rows = answers.length / (classes?.length ?? 1);
  return listOutputs(modelPackage).map(({ name, datatype, width }) => ({
    name,
    datatype,
    shape: width === undefined ? [rows] : [rows, width],
    data: datatype === "FP64" ? answers : nameAnswers(answers, classes),
  }));
}

function nameAnswers(
  answers: readonly number[],
  classes: readonly string[] | undefined,
): readonly (boolean | string)[] {
  if (!classes) return answers.map((answer) => answer >= 0.5);
  return Array.from({ length: answers.length / classes.length }, (_, row) => {
    const own = answers.slice(row * classes.length, (row + 1) * classes.length);
    return classes[own.indexOf(Math.max(...own))] as string;
  });
}

/** What an output says of one row, as a caller without tensors reads it: of several classes their probabilities by name. */
export function pickOutput(
  { data, shape }: OutputTensor,
  row: number,
  classes: readonly string[] | undefined,
): number | boolean | string | Readonly<Record<string, number>> | undefined {
  const [, width] = shape;
  if (width === undefined || !classes) return data[row];
  return Object.fromEntries(classes.map((name, place) => [name, Number(data[row * width + place])]));
}
