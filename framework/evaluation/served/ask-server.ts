/**
 * Asks a model server for rows, over the Open Inference Protocol as any caller would.
 * @module
 */
import { z } from "zod";
import { refusesUnseen } from "../../models/encode.ts";
import type { ModelPackage } from "../../models/model-package.ts";
import type { FeatureRow } from "../../models/test-split.ts";

/** What a row is answered: its numbers, more than one where a label has several classes, or why it is not. */
export type ServedAnswer = readonly number[] | string;

export interface AskOptions {
  /** `http://127.0.0.1:40123` */
  readonly address: string;
  readonly package: ModelPackage;
  /** Ends the asking with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

const metadata = z.object({ inputs: z.array(z.object({ name: z.string(), datatype: z.string() })) });
const answered = z.object({ outputs: z.array(z.object({ name: z.string(), data: z.array(z.unknown()) })) });

/** How many rows are asked in one request: more than one, and few enough that a wrong one is found. */
const requestRows = 16;
/** How long the server may take over a request, in milliseconds. */
const patience = 30_000;

/** Asks for rows, in their order. That a request is refused, or not answered, is the answer of each of its rows. */
export async function askServer(rows: readonly FeatureRow[], options: AskOptions): Promise<readonly ServedAnswer[]> {
  const toBody = await prepareBodies(options);
  if (typeof toBody === "string") return rows.map(() => toBody);
  const answers: ServedAnswer[] = [];
  for (let at = 0; at < rows.length; at += requestRows) {
    const asked = rows.slice(at, at + requestRows);
    answers.push(...(await ask(toBody(asked), asked.length, options)));
  }
  return answers;
}

/** Where rows are asked. */
export function inferencePath({ model }: Pick<ModelPackage, "model">): string {
  return `/v2/models/${encodeURIComponent(model)}/infer`;
}

/** How rows become the body of a request: the server itself says of which tensors. @returns why not, where it does not say */
export async function prepareBodies(options: AskOptions): Promise<((rows: readonly FeatureRow[]) => string) | string> {
  const { package: made } = options;
  const said = await reach(`/v2/models/${encodeURIComponent(made.model)}`, {}, options);
  if (typeof said === "string") return said;
  const parsed = metadata.safeParse(toJson(said.text));
  if (!parsed.success) return `HTTP ${said.status} ${said.text.slice(0, 200)}`;
  const { inputs } = parsed.data;
  return (rows) => {
    const sent = rows.map((row) => toRequest(made, row));
    const tensors = inputs.map(({ name, datatype }) => {
      return { name, datatype, shape: [rows.length], data: sent.map((row) => row[name] ?? null) };
    });
    return JSON.stringify({ inputs: tensors });
  };
}

async function ask(body: string, rows: number, options: AskOptions): Promise<readonly ServedAnswer[]> {
  const { package: made } = options;
  const request = { method: "POST", headers: { "content-type": "application/json" }, body };
  const answer = await reach(inferencePath(made), request, options);
  const all = (reason: string): readonly ServedAnswer[] => Array.from({ length: rows }, () => reason);
  if (typeof answer === "string") return all(answer);
  const { status, text } = answer;
  if (status !== 200) return all(`HTTP ${status} ${text.slice(0, 200)}`);
  const parsed = answered.safeParse(toJson(text));
  const data = parsed.data?.outputs.find(({ name }) => name === made.output)?.data;
  if (!data || data.length === 0 || data.length % rows !== 0) return all(`no "${made.output}" for each row`);
  const width = data.length / rows;
  return Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width).map(toNumber));
}

/** What the server answers, or why it does not: a candidate may end its server, which is found out here and no accident. */
async function reach(
  path: string,
  request: RequestInit,
  { address, signal }: AskOptions,
): Promise<{ readonly status: number; readonly text: string } | string> {
  const late = AbortSignal.timeout(patience);
  try {
    const ending = signal ? AbortSignal.any([signal, late]) : late;
    const answer = await fetch(`${address}${path}`, { ...request, signal: ending });
    return { status: answer.status, text: await answer.text() };
  } catch {
    signal?.throwIfAborted();
    // That may be the machine's fault: whoever evaluates tries again.
    if (late.aborted) throw new Error(`the candidate's server answered nothing in ${patience / 1000} s`);
    return "nothing: the server has ended";
  }
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toNumber(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

/** A row as a caller would send it: tables hold truths as 0 and 1. */
export function toRequest({ inputs }: ModelPackage, row: FeatureRow): FeatureRow {
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const value = row[name] ?? null;
      return [name, type === "boolean" && value !== null ? Number(value) !== 0 : value];
    }),
  );
}

/** Whether a server answers a row, and does not refuse a text that no training row had. */
export function isServed({ inputs, categories, fitted }: ModelPackage, row: FeatureRow): boolean {
  return inputs.every(({ name, type }) => {
    if (type !== "category" || (row[name] ?? null) === null || !refusesUnseen(fitted, name)) return true;
    return (categories[name] ?? []).includes(String(row[name]));
  });
}
