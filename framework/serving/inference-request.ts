/**
 * An inference request: bytes in, checked columns out, or all that is wrong with them. Pure.
 * @module
 */
import { z } from "zod";
import { Refusal } from "../http/refusal.ts";
import type { ModelPackage } from "../models/model-package.ts";
import { type Frame, RawParts } from "./binary-frame.ts";
import { readJson } from "./json-body.ts";
import { longestId, mostRows } from "./limits.ts";
import { listValues, rawTensorSchema, readTensor, type Tensor, type TensorValue, tensorSchema } from "./tensor.ts";

/** How many tensors too many are looked at one by one. */
const mostStrange = 1_000;
/** How many sizes a shape may have before it is told of as such. */
const mostSizes = 16;
/** The most problems one refusal lists. */
const mostProblems = 20;

export interface InferenceRequest {
  /** @default the caller gave none */
  readonly id?: string;
  readonly rows: number;
  /** The values of each of the model's inputs, by name. */
  readonly columns: Readonly<Record<string, readonly TensorValue[]>>;
  /** The outputs to answer with, in order. */
  readonly outputs: readonly AskedOutput[];
}

/** An output that the caller wants, and whether as bytes after the JSON. */
export interface AskedOutput {
  readonly name: string;
  readonly isBinary: boolean;
}

/** What a request says, in whatever encoding it came. */
export interface AskedInference {
  /** An empty one is none. @default none */
  readonly id?: string | undefined;
  /** Each is checked as a tensor. */
  readonly inputs: readonly unknown[];
  /** @default all outputs */
  readonly outputs?: readonly AskedTensor[] | undefined;
  /** @default none */
  readonly parameters?: Parameters | undefined;
}

type Parameters = Readonly<Record<string, string | number | boolean>>;

interface AskedTensor {
  readonly name: string;
  readonly parameters?: Parameters | undefined;
}

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional();

const requestSchema = z.object({
  /** An empty one is none. */
  id: z.string().optional(),
  parameters,
  inputs: z.array(z.unknown()),
  outputs: z.array(z.object({ name: z.string(), parameters })).optional(),
});

const namedSchema = z.object({ name: z.string() });
const binarySchema = z.object({ parameters: z.object({ binary_data_size: z.unknown() }) });

/**
 * Reads the body of an inference request for a model.
 *
 * @param outputs the names of the model's outputs, all of which are answered unless the request names some.
 * @throws Refusal 400 with every problem.
 */
export function readInferenceRequest(
  { json, raw }: Frame,
  model: Pick<ModelPackage, "inputs">,
  outputs: readonly string[],
): InferenceRequest {
  const body = readJson(json);
  refuseVast(body.document, model);
  const parsed = requestSchema.safeParse(body.document);
  if (!parsed.success) throw refuse(describeIssues([], parsed.error));
  const lost = body.marked && parsed.data.inputs.some(isOfIntegers) ? listInputs(body.marked()) : undefined;
  const parts = new RawParts(raw);
  const inputs = parsed.data.inputs.map((input, i) => takeRaw(markData(input, lost?.[i]), parts));
  const rest = parts.rest > 0 ? [`${parts.rest} bytes after the JSON belong to no input`] : [];
  return checkInferenceRequest({ ...parsed.data, inputs }, { inputs: model.inputs, outputs, problems: rest });
}

/** Refuses lists of which every item would be looked at, or told of, one by one. */
function refuseVast(document: unknown, model: Pick<ModelPackage, "inputs">): void {
  const { inputs, outputs, parameters: own } = toRecord(document);
  const vast = (at: string, list: unknown, most: number): readonly string[] => {
    const { length } = Array.isArray(list) ? list : Object.keys(toRecord(list));
    return length > most ? [`${at} has ${length} members, at most ${most} are read`] : [];
  };
  const tensors = (at: string, list: unknown): readonly string[] =>
    (Array.isArray(list) ? list : []).flatMap((tensor, i) => {
      const { shape, parameters: given } = toRecord(tensor);
      return [...vast(`${at}[${i}].shape`, shape, mostSizes), ...vast(`${at}[${i}].parameters`, given, mostStrange)];
    });
  if (Array.isArray(inputs)) refuseMany(inputs.length, model);
  const problems = [...vast("outputs", outputs, mostStrange), ...vast("parameters", own, mostStrange)];
  if (problems.length === 0) problems.push(...tensors("inputs", inputs), ...tensors("outputs", outputs));
  if (problems.length > 0) throw refuse(problems);
}

/** What is no object has no members. */
function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Whether a tensor says that it holds integers. */
function isOfIntegers(tensor: unknown): boolean {
  return /INT/.test(String(toRecord(tensor)["datatype"]));
}

function listInputs(document: unknown): readonly unknown[] {
  return toRecord(document)["inputs"] as readonly unknown[];
}

/** The tensor, its values those of which it is told what a double lost, where that matters. */
function markData(tensor: unknown, marked: unknown): unknown {
  if (marked === undefined || !isOfIntegers(tensor)) return tensor;
  return { ...toRecord(tensor), data: toRecord(marked)["data"] };
}

/** Refuses more tensors than could be told of one by one: to look at each of a million takes minutes. */
function refuseMany(count: number, { inputs }: Pick<ModelPackage, "inputs">): void {
  if (count > inputs.length + mostStrange)
    throw refuse([`the request has ${count} inputs, and the model has ${inputs.length}`]);
}

/** Gives a tensor that says so its bytes. One that says so wrongly is left as it is, and has no data. */
function takeRaw(input: unknown, parts: RawParts): unknown {
  const tensor = rawTensorSchema.safeParse(input);
  const raw = tensor.data && parts.take(tensor.data.parameters.binary_data_size);
  return tensor.data && raw ? { ...tensor.data, raw } : input;
}

interface Checking extends Pick<ModelPackage, "inputs"> {
  /** The names of the model's outputs. */
  readonly outputs: readonly string[];
  /** What is wrong already. @default nothing */
  readonly problems?: readonly string[];
}

/** Checks what a request says. @throws Refusal 400 with every problem. */
export function checkInferenceRequest(
  { id, ...request }: AskedInference,
  { inputs, outputs, problems: known = [] }: Checking,
): InferenceRequest {
  refuseMany(request.inputs.length, { inputs });
  const { columns, problems } = readInputs(splitMatrix(request.inputs, inputs), inputs);
  problems.unshift(...known);
  if (id?.isWellFormed() === false) problems.unshift("id: it has half a character");
  if (id !== undefined && id.length > longestId) problems.unshift(`id: it has more than ${longestId} characters`);
  // Counted only where every tensor is sound: else the counts would be consequences of what is listed already.
  const counted = problems.length === 0 ? countRows(columns) : { rows: 0, problems: [] };
  problems.push(...counted.problems);

  const wanted = request.outputs?.map(({ name }) => name) ?? [];
  for (const name of new Set(wanted)) {
    if (!outputs.includes(name))
      problems.push(`there is no output ${quote(name)}, only ${outputs.map(quote).join(", ")}`);
    else if (wanted.filter((other) => other === name).length > 1) problems.push(`output "${name}" is asked for twice`);
  }
  if (request.outputs?.some(({ parameters }) => parameters?.["classification"] !== undefined)) {
    problems.push('the parameter "classification" is not supported');
  }
  if (problems.length > 0) throw refuse(problems);
  return {
    ...(id !== undefined && id !== "" && { id }),
    rows: counted.rows,
    columns: Object.fromEntries(inputs.map(({ name }) => [name, columns.get(name) ?? []])),
    outputs: askOutputs(request, outputs),
  };
}

/** Unless an output says otherwise, it comes as the request says. */
function askOutputs({ outputs = [], parameters }: AskedInference, all: readonly string[]): readonly AskedOutput[] {
  const usual = parameters?.["binary_data_output"] === true;
  const asked = outputs.length > 0 ? outputs : all.map((name): AskedTensor => ({ name }));
  return asked.map(({ name, parameters: own }) => {
    const binary = own?.["binary_data"];
    return { name, isBinary: typeof binary === "boolean" ? binary : usual };
  });
}

/** The name of the one tensor that has all features of a model in its columns, where each is a number. */
export const matrixName = "features";

/** Takes the one tensor of shape [n, width] apart into a tensor for each input; what is no such tensor is left as it is. */
function splitMatrix(tensors: readonly unknown[], inputs: ModelPackage["inputs"]): readonly unknown[] {
  const [only, ...others] = tensors;
  const shape = others.length === 0 ? readShape(only) : undefined;
  if (!shape?.success || shape.data.name !== matrixName || inputs.some(({ name }) => name === matrixName))
    return tensors;
  const { data: matrix } = shape;
  const [rows = 0, width = 0] = matrix.shape;
  if (matrix.shape.length !== 2 || width !== inputs.length || inputs.some(({ type }) => type !== "number"))
    return tensors;
  const { data: values, problem } = listValues(matrix, rows * width);
  if (problem !== undefined) throw refuse([`input "${matrixName}" has ${problem}`]);
  const { datatype } = matrix;
  return inputs.map(({ name }, place) => {
    const data = Array.from({ length: rows }, (_, row) => values[row * width + place]);
    return { name, datatype, shape: [rows], data };
  });
}

/** Reads each tensor once for the input it names. */
function readInputs(tensors: readonly unknown[], inputs: ModelPackage["inputs"]) {
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  const columns = new Map<string, readonly TensorValue[]>();
  const named = new Set<string>();
  const problems: string[] = [];
  for (const [i, item] of tensors.entries()) {
    const tensor = readShape(item);
    const name = namedSchema.safeParse(item).data?.name;
    const type = types.get(name ?? "");
    if (name !== undefined && type === undefined) problems.push(`there is no input ${quote(name)}`);
    else if (name !== undefined && named.has(name)) problems.push(`input "${name}" is given twice`);
    else if (!tensor.success && binarySchema.safeParse(item).success) {
      problems.push(
        `inputs[${i}] has a "binary_data_size" that is no part of what follows the JSON, or "data" beside it`,
      );
    } else if (!tensor.success) problems.push(...describeIssues(["inputs", i], tensor.error));
    else if (type !== undefined) {
      const reading = readTensor(tensor.data, type);
      problems.push(...reading.problems);
      columns.set(tensor.data.name, reading.values);
    }
    if (name !== undefined) named.add(name);
  }
  const missing = inputs.filter(({ name }) => !named.has(name)).map(({ name }) => quote(name));
  if (missing.length > 0) problems.push(`missing inputs: ${missing.join(", ")}`);
  return { columns, problems };
}

type ReadShape =
  | { readonly success: true; readonly data: Tensor }
  | { readonly success: false; readonly error: z.ZodError };

/** A tensor with its bytes has been looked at when it got them. */
function readShape(item: unknown): ReadShape {
  if (typeof item === "object" && item !== null && "raw" in item && item.raw instanceof Uint8Array)
    return { success: true, data: item as Tensor };
  return tensorSchema.safeParse(item);
}

/** The number of rows that all columns have. */
function countRows(columns: ReadonlyMap<string, readonly TensorValue[]>): { rows: number; problems: string[] } {
  const counts = [...new Set([...columns.values()].map(({ length }) => length))];
  const [rows = 0] = counts;
  if (counts.length > 1) return { rows, problems: [`the inputs have different numbers of rows: ${counts.join(", ")}`] };
  if (columns.size > 0 && rows === 0) return { rows, problems: ["the inputs have no rows"] };
  if (rows > mostRows)
    return { rows, problems: [`the inputs have ${rows} rows, at most ${mostRows} are taken at once`] };
  return { rows, problems: [] };
}

function describeIssues(at: readonly PropertyKey[], { issues }: z.ZodError): readonly string[] {
  return issues.map(({ path, message }) => `${z.core.toDotPath([...at, ...path]) || "the request"}: ${message}`);
}

function refuse(problems: readonly string[]): Refusal {
  const more = problems.length > mostProblems ? [`and ${problems.length - mostProblems} more`] : [];
  return new Refusal(400, [...problems.slice(0, mostProblems).map(shorten), ...more].join("; "));
}

function quote(name: string): string {
  return `"${shorten(name)}"`;
}

/** Callers choose names and keys, and an answer should not be as long as what they may send. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200).toWellFormed()}…` : text;
}
