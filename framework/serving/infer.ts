/**
 * An inference: from checked columns to the outputs of the live version, logged before they are given.
 * @module
 */
import { finishBy } from "./deadline.ts";
import type { AskedOutput, InferenceRequest } from "./inference-request.ts";
import type { LiveModel } from "./live-model.ts";
import { type Keeping, keepRecord } from "./log/keep-record.ts";
import { createOutputs, type OutputTensor } from "./protocol.ts";
import type { AskedBy, ServingTools } from "./serving-tools.ts";
import type { TensorValue } from "./tensor.ts";
import { type ChosenVariant, findCounts } from "./variants/addressed.ts";
import type { LiveVariant } from "./variants/live-variants.ts";

/** What inference needs of a server. */
export type InferTools = Keeping & AskedBy & Pick<ServingTools, "endpoint" | "metrics" | "mirror">;

export interface AskedRows {
  readonly asked: InferenceRequest | ScannedRows;
  /** The variant that answers. */
  readonly chosen: ChosenVariant;
  /** Of the answer: the request's own, else one that was made for it. */
  readonly id: string;
  /** When the request came, as `performance.now()` tells it. */
  readonly started: number;
  /** By when it is to be answered, as `performance.now()` tells it. @default however late */
  readonly deadline?: number | undefined;
  /** Whether its caller gives the answer so little time that it is to blame for a late one. @default false */
  readonly isHurried?: boolean | undefined;
}

/** Rows whose values stand one row after the other, in the order of the model's inputs. */
export interface ScannedRows extends Omit<InferenceRequest, "columns"> {
  readonly values: readonly TensorValue[];
}

/** What is answered, in whatever encoding. */
export interface Inference {
  readonly id: string;
  readonly live: LiveModel;
  /** Which variant answers, where callers are told. @default no other one answers anybody */
  readonly told?: string | undefined;
  /** Those that were asked for, in that order. */
  readonly outputs: readonly (OutputTensor & Pick<AskedOutput, "isBinary">)[];
}

/** Answers rows, and counts what comes of it. @throws Refusal 504 at the deadline; what `LiveModel.answer` and `keepRecord` throw */
export async function inferRows(tools: InferTools, rows: AskedRows): Promise<Inference> {
  const { live } = rows.chosen.variant;
  try {
    const answer = () => answerRows(tools, rows);
    return await (rows.deadline === undefined ? answer() : finishBy(rows.deadline, answer));
  } catch (error) {
    live.statistics.addFailure(performance.now() - rows.started);
    findCounts(rows.chosen)?.addFailure(error, rows.isHurried);
    throw error;
  }
}

async function answerRows(tools: InferTools, { asked, chosen, id, started, deadline }: AskedRows): Promise<Inference> {
  const { variant, note } = chosen;
  const { live } = variant;
  const { spans } = tools;
  const time = new Date().toISOString();
  const inference = spans?.begin("inference");
  const { answers, compute } = await ("values" in asked
    ? live.batch.answer(asked.values, asked.rows, deadline)
    : answerColumns(live, asked));
  inference?.end();
  const outputs = createOutputs(live.package, answers);
  const log = spans?.begin("log");
  await keepRecord(tools, () => ({
    id,
    time,
    ...note,
    endpoint: tools.endpoint,
    model: live.package.model,
    version: live.version,
    package: live.digest,
    ...variant.note,
    inputs: "values" in asked ? listColumns(asked, live) : asked.columns,
    outputs: Object.fromEntries(outputs.map(({ name, data }) => [name, data])),
    latencyMicroseconds: Math.round((performance.now() - started) * 1000),
  }));
  log?.end();
  const total = performance.now() - started;
  // What was late has been counted, as a failure.
  if (deadline === undefined || started + total < deadline) {
    live.statistics.addSuccess(asked.rows, { total, compute });
    findCounts(chosen)?.addAnswer(total);
  }
  tools.metrics.predictions.observe(live.package.model, compute / 1000);
  tools.metrics.rows.add({ route: "infer" }, asked.rows);
  if (variant.unseen.length > 0) {
    const list = () => ("values" in asked ? listColumns(asked, live) : asked.columns);
    const bring = ({ order }: LiveVariant) => (order === "none" ? undefined : list());
    tools.mirror.offer({ id, variant, rows: asked.rows, answers, bring });
  }
  return {
    id,
    live,
    told: variant.told,
    outputs: asked.outputs.flatMap(({ name, isBinary }) => {
      const output = outputs.find((each) => each.name === name);
      return output ? [{ ...output, isBinary }] : [];
    }),
  };
}

async function answerColumns(live: LiveModel, { columns, rows }: InferenceRequest) {
  const begun = performance.now();
  const answers = await live.answer(columns, rows);
  return { answers, compute: performance.now() - begun };
}

/** The values of each input, by name. */
export function listColumns(
  { rows, values }: Pick<ScannedRows, "rows" | "values">,
  live: LiveModel,
): InferenceRequest["columns"] {
  const { inputs } = live.package;
  const columns: Record<string, TensorValue[]> = Object.create(null);
  for (const [place, { name }] of inputs.entries()) {
    columns[name] = Array.from({ length: rows }, (_, row) => values[row * inputs.length + place] ?? null);
  }
  return columns;
}
