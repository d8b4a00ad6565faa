/**
 * An inference: from checked columns to the outputs of the live version, logged before they are given.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { AskedOutput, InferenceRequest } from "./inference-request.ts";
import { type Keeping, keepRecord } from "./keep-record.ts";
import type { LiveModel } from "./live-model.ts";
import { createOutputs, type OutputTensor } from "./protocol.ts";
import type { ServingTools } from "./serving-tools.ts";
import type { TensorValue } from "./tensor.ts";

/** What inference needs of a server. */
export type InferTools = Keeping & Pick<ServingTools, "endpoint" | "metrics">;

export interface AskedRows {
  readonly asked: InferenceRequest | ScannedRows;
  readonly live: LiveModel;
  /** When the request came, as `performance.now()` tells it. */
  readonly started: number;
}

/** Rows whose values stand one row after the other, in the order of the model's inputs. */
export interface ScannedRows extends Omit<InferenceRequest, "columns"> {
  readonly values: readonly TensorValue[];
}

/** What is answered, in whatever encoding. */
export interface Inference {
  readonly id: string;
  readonly live: LiveModel;
  /** Those that were asked for, in that order. */
  readonly outputs: readonly (OutputTensor & Pick<AskedOutput, "isBinary">)[];
}

/** Answers rows. @throws what `LiveModel.answer` and `keepRecord` throw */
export async function inferRows(tools: InferTools, { asked, live, started }: AskedRows): Promise<Inference> {
  const time = new Date().toISOString();
  const { answers, compute } = await ("values" in asked
    ? live.batch.answer(asked.values, asked.rows)
    : answerColumns(live, asked));
  const outputs = createOutputs(live.package, answers);
  const id = asked.id ?? randomUUID();
  await keepRecord(tools, () => ({
    id,
    time,
    endpoint: tools.endpoint,
    model: live.package.model,
    version: live.version,
    package: live.digest,
    inputs: "values" in asked ? listColumns(asked, live) : asked.columns,
    outputs: Object.fromEntries(outputs.map(({ name, data }) => [name, data])),
    latencyMicroseconds: Math.round((performance.now() - started) * 1000),
  }));
  live.statistics.addSuccess(asked.rows, { total: performance.now() - started, compute });
  tools.metrics.predictions.observe(live.package.model, compute / 1000);
  tools.metrics.rows.add({ route: "infer" }, asked.rows);
  return {
    id,
    live,
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
function listColumns({ rows, values }: ScannedRows, live: LiveModel): InferenceRequest["columns"] {
  const { inputs } = live.package;
  const columns: Record<string, TensorValue[]> = Object.create(null);
  for (const [place, { name }] of inputs.entries()) {
    columns[name] = Array.from({ length: rows }, (_, row) => values[row * inputs.length + place] ?? null);
  }
  return columns;
}
