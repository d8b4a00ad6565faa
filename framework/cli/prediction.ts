/**
 * One prediction: through the Open Inference Protocol v2, whose metadata say which tensors the model takes, or through the
 * typed route of a model server.
 * @module
 */
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";

const metadataSchema = z.object({ inputs: z.array(z.object({ name: z.string(), datatype: z.string() })) });
const answerSchema = z.object({
  id: z.string(),
  model_version: z.string(),
  outputs: z.array(
    z.object({
      name: z.string(),
      /** With a second number where a row has several values. @default a row has one */
      shape: z.array(z.number()).optional(),
      data: z.array(z.union([z.number(), z.boolean(), z.string()])),
    }),
  ),
});

export interface PredictionRequest {
  /** The model server: `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly model: string;
  readonly id: string;
  readonly features: Readonly<Record<string, unknown>>;
}

type OutputValue = number | boolean | string;

export interface Prediction {
  readonly id: string;
  readonly version: string;
  /** By the output's name: of several classes the probabilities of all, in their order. */
  readonly outputs: Readonly<Record<string, OutputValue | readonly OutputValue[]>>;
}

/** Asks for one row. @throws StewardError with the server's own words when it refuses, or when it does not answer */
export async function predictOne({ address, model, id, features }: PredictionRequest): Promise<Prediction> {
  const url = `${address}/v2/models/${encodeURIComponent(model)}`;
  const { inputs } = await ask(url, metadataSchema);
  const unknown = Object.keys(features).filter((name) => !inputs.some((input) => input.name === name));
  if (unknown.length > 0) {
    const expected = `one of ${inputs.map((input) => input.name).join(", ")}`;
    throw new StewardError(
      unknown.map(
        (name) =>
          ({
            code: "prediction-refused",
            at: "",
            what: `model "${model}" has no feature "${name}"`,
            expected,
          }) as const,
      ),
    );
  }
  const tensors = inputs.map(({ name, datatype }) => ({ name, datatype, shape: [1], data: [features[name] ?? null] }));
  const answer = await ask(`${url}/infer`, answerSchema, { id, inputs: tensors });
  return {
    id: answer.id,
    version: answer.model_version,
    outputs: Object.fromEntries(
      answer.outputs.flatMap(({ name, shape, data }) => {
        const value = (shape?.length ?? 1) > 1 ? data : data[0];
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
  };
}

const rowAnswerSchema = z
  .object({
    id: z.string(),
    model: z.object({ name: z.string(), version: z.string(), package: z.string() }),
    features: z.record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.null()])),
    freshnessSeconds: z.number().optional(),
    tables: z.array(z.unknown()),
  })
  .catchall(z.union([z.number(), z.boolean(), z.string(), z.record(z.string(), z.number())]));

export interface RowRequest {
  /** The model server: `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly endpoint: string;
  /** The columns that features read at the event. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** The answer to a row. */
export interface RowPrediction {
  readonly id: string;
  readonly model: { readonly name: string; readonly version: string; readonly package: string };
  /** What the model was asked with. */
  readonly features: Readonly<Record<string, number | boolean | string | null>>;
  /** How long ago the moment lies as of which features were looked up. @default none was */
  readonly freshnessSeconds?: number | undefined;
  /** By the output's name: of several classes the probability of each by the class's name. */
  readonly outputs: Readonly<Record<string, OutputValue | Readonly<Record<string, number>>>>;
}

/** Asks by a row. @throws StewardError with the server's own words when it refuses, or when it does not answer */
export async function predictRow({ address, endpoint, row }: RowRequest): Promise<RowPrediction> {
  const url = `${address}/${encodeURIComponent(endpoint)}/predict?explain=features`;
  const { id, model, features, freshnessSeconds, tables: _tables, ...outputs } = await ask(url, rowAnswerSchema, row);
  return { id, model, features, freshnessSeconds, outputs };
}

/** How long a model server may take, in milliseconds. */
const patience = 10_000;

async function ask<T>(url: string, schema: z.ZodType<T>, body?: object): Promise<T> {
  const init = body
    ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
    : {};
  const { status, text } = await send(url, init);
  const value = parseJson(text);
  if (status !== 200) {
    throw new StewardError({
      code: "prediction-refused",
      at: "",
      what: `the model server refused the request: ${readRefusal(value) ?? text}`,
      got: `HTTP ${status}`,
    });
  }
  const answer = schema.safeParse(value);
  if (answer.success) return answer.data;
  const got = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  throw new StewardError({
    code: "endpoint-not-serving",
    at: "",
    what: `what answers at ${url} is no model server`,
    got,
    expected: "the Open Inference Protocol v2",
    fix: "see npx steward doctor",
  });
}

async function send(url: string, init: RequestInit): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) });
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    const { origin } = new URL(url);
    throw new StewardError(
      {
        code: "endpoint-not-serving",
        at: "",
        what: `the model server at ${origin} does not answer`,
        fix: "see npx steward doctor; npx pulumi up brings it back",
      },
      { cause },
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The protocol's own form of a refusal. */
function readRefusal(value: unknown): string | undefined {
  return z.object({ error: z.string() }).safeParse(value).data?.error;
}
