/**
 * The reply to an inference over HTTP: JSON, with the outputs that were asked for as bytes after it.
 * @module
 */
import type { Reply } from "../http/answering-server.ts";
import { frameHeader } from "./binary-frame.ts";
import type { Inference } from "./infer.ts";
import { writeRaw } from "./raw-tensor.ts";
import { variantHeader } from "./variants/addressed.ts";

/** The reply with the answer of a model. */
export function replyInference({ id, live, told, outputs }: Inference): Reply {
  const raw: Buffer[] = [];
  const described = outputs.map(({ isBinary, data, ...tensor }) => {
    if (!isBinary) return { ...tensor, data };
    const bytes = writeRaw(data, tensor.datatype);
    raw.push(bytes);
    return { ...tensor, parameters: { binary_data_size: bytes.length } };
  });
  const body = {
    model_name: live.package.model,
    model_version: live.version,
    id,
    parameters: { model_digest: live.digest, ...(told !== undefined && { variant: told }) },
    outputs: described,
  };
  const beside = told === undefined ? {} : { [variantHeader]: told };
  if (raw.length === 0) return { status: 200, body, headers: beside };
  const json = Buffer.from(JSON.stringify(body));
  const headers = { ...beside, "content-type": "application/octet-stream", [frameHeader]: String(json.length) };
  return { status: 200, body: Buffer.concat([json, ...raw]), headers };
}
