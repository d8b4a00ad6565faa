/**
 * The body of an inference request, answered: by the template of its caller where it fits one, else read as a whole.
 * @module
 */
import type { Reply } from "../http/answering-server.ts";
import type { Frame } from "./binary-frame.ts";
import { type InferTools, inferRows } from "./infer.ts";
import { replyInference } from "./inference-reply.ts";
import { readInferenceRequest } from "./inference-request.ts";
import type { LiveModel } from "./live-model.ts";
import { listOutputs } from "./protocol.ts";

export interface BodyOptions {
  readonly live: LiveModel;
  /** When the request came, as `performance.now()` tells it. */
  readonly started: number;
  readonly tools: InferTools;
}

/** Answers a body. @throws Refusal as `readInferenceRequest` does; what `inferRows` throws */
export async function inferBody(frame: Frame, { live, started, tools }: BodyOptions): Promise<Reply> {
  const { json, raw } = frame;
  const isJson = raw.length === 0;
  const scanned = isJson ? live.templates.scan(json) : undefined;
  try {
    if (scanned) return replyInference(await inferRows(tools, { asked: scanned, live, started }));
    const outputs = listOutputs(live.package).map(({ name }) => name);
    const { inputs } = live.package;
    const asked = readInferenceRequest(frame, { inputs }, outputs);
    const reply = replyInference(await inferRows(tools, { asked, live, started }));
    if (isJson) live.templates.learn(json, { request: asked, inputs });
    return reply;
  } catch (error) {
    live.statistics.addFailure(performance.now() - started);
    throw error;
  }
}
