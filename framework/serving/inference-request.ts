/**
 * An inference request: bytes in, checked columns out, or all that is wrong with them. Pure.
 * @module
 */
import { z } from "zod";
import { Refusal } from "../http/refusal.ts";
import type { ModelPackage } from "../models/model-package.ts";
import { readTensor, type TensorValue, tensorSchema } from "./tensor.ts";

/** The most rows one request may have. */
export const mostRows = 10_000;
/** The most problems one refusal lists. */
const mostProblems = 20;

export interface InferenceRequest {
  /** @default the caller gave none */
  readonly id?: string;
  readonly rows: number;
  /** The values of each of the model's inputs, by name. */
  readonly columns: Readonly<Record<string, readonly TensorValue[]>>;
  /** The outputs to answer with, in order. */
  readonly outputs: readonly string[];
}

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional();

const requestSchema = z.object({
  /** An empty one is none. */
  id: z.string().max(256).optional(),
  parameters,
  inputs: z.array(z.unknown()),
  outputs: z.array(z.object({ name: z.string(), parameters })).optional(),
});

const namedSchema = z.object({ name: z.string() });
const binarySchema = z.object({ parameters: z.object({ binary_data_size: z.number() }) });

/**
 * Reads the JSON body of an inference request for a model.
 *
 * @param outputs the names of the model's outputs, all of which are answered unless the request names some.
 * @throws Refusal 400 with every problem.
 */
export function readInferenceRequest(
  body: Uint8Array,
  { inputs }: Pick<ModelPackage, "inputs">,
  outputs: readonly string[],
): InferenceRequest {
  const parsed = requestSchema.safeParse(parseJson(body));
  if (!parsed.success) throw refuse(describeIssues([], parsed.error));
  const { id, ...request } = parsed.data;
  const { columns, problems } = readInputs(request.inputs, inputs);
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
    outputs: wanted.length > 0 ? wanted : outputs,
  };
}

/** Reads each tensor once for the input it names. */
function readInputs(tensors: readonly unknown[], inputs: ModelPackage["inputs"]) {
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  const columns = new Map<string, readonly TensorValue[]>();
  const named = new Set<string>();
  const problems: string[] = [];
  for (const [i, item] of tensors.entries()) {
    const tensor = tensorSchema.safeParse(item);
    const name = namedSchema.safeParse(item).data?.name;
    const type = types.get(name ?? "");
    if (name !== undefined && type === undefined) problems.push(`there is no input ${quote(name)}`);
    else if (name !== undefined && named.has(name)) problems.push(`input "${name}" is given twice`);
    else if (binarySchema.safeParse(item).success) {
      problems.push(`inputs[${i}] comes as binary data, which this server does not take: send "data" in the JSON`);
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

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body, which may be long and is the caller's business alone.
    throw new Refusal(400, "the body is not JSON in UTF-8");
  }
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
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
