/**
 * The body of an inference request, answered: by the template of its caller where it fits one, else read as a whole.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { Reply } from "../http/answering-server.ts";
import type { Frame } from "./binary-frame.ts";
import { type InferTools, inferRows, type ScannedRows } from "./infer.ts";
import { replyInference } from "./inference-reply.ts";
import { type InferenceRequest, readInferenceRequest } from "./inference-request.ts";
import type { LiveModel } from "./live-model.ts";
import { listOutputs } from "./protocol.ts";
import { type Addressed, chooseVariant, findReader } from "./variants/addressed.ts";
import { reorder } from "./variants/variant-fit.ts";

export interface BodyOptions extends Addressed {
  /** When the request came, as `performance.now()` tells it. */
  readonly started: number;
  /** By when it is to be answered, as `performance.now()` tells it. @default however late */
  readonly deadline?: number | undefined;
  /** Whether its caller gives the answer so little time that it is to blame for a late one. @default false */
  readonly isHurried?: boolean | undefined;
  /** Of the answer to a body that says none. @default one is made for it */
  readonly id?: string | undefined;
  readonly tools: InferTools;
}

/** Answers a body. @throws Refusal as `readInferenceRequest` does; what `inferRows` throws */
export async function inferBody(frame: Frame, options: BodyOptions): Promise<Reply> {
  const { started, deadline, isHurried, tools } = options;
  const reader = findReader(options);
  const { live } = reader;
  const isJson = frame.raw.length === 0;
  const scanned = isJson ? live.templates.scan(frame.json) : undefined;
  const asked: InferenceRequest | ScannedRows = scanned ?? readWhole(frame, live, started);
  const id = asked.id ?? options.id ?? randomUUID();
  const chosen = chooseVariant(options, id);
  const { order } = chosen.variant;
  const isMoved = chosen.variant !== reader && typeof order !== "string" && "values" in asked;
  const rows = isMoved ? { ...asked, values: reorder(asked.values, order) } : asked;
  const reply = replyInference(await inferRows(tools, { asked: rows, chosen, id, started, deadline, isHurried }));
  if (isJson && "columns" in asked) live.templates.learn(frame.json, { request: asked, inputs: live.package.inputs });
  return reply;
}

function readWhole(frame: Frame, live: LiveModel, started: number): InferenceRequest {
  const { inputs } = live.package;
  const outputs = listOutputs(live.package).map(({ name }) => name);
  try {
    return readInferenceRequest(frame, { inputs }, outputs);
  } catch (error) {
    live.statistics.addFailure(performance.now() - started);
    throw error;
  }
}
