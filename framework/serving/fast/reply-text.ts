/**
 * The JSON of answers to requests that ask the same: what differs from one to the next is put between what does not. Pure.
 * @module
 */
import type { AskedOutput } from "../inference-request.ts";
import type { LiveModel } from "../live-model.ts";
import { createOutputs, listOutputs } from "../protocol.ts";

/** What the requests of one template ask. */
export interface AskedAlike {
  readonly rows: number;
  readonly outputs: readonly AskedOutput[];
}

/** Writes answers as `replyInference` does. */
export interface ReplyText {
  /**
   * @param id printable ASCII without quotes and backslashes
   * @param outputs as `writeOutputs` writes what the model says
   */
  write(id: string, outputs: readonly string[]): string;
}

type Answering = Pick<LiveModel, "package" | "version" | "digest">;

/**
 * @param told which variant answers, where callers are told
 * @default undefined where answers are more than ASCII, or bytes: they are for `replyInference` to write
 */
export function composeReplyText(
  live: Answering,
  { rows, outputs: asked }: AskedAlike,
  told?: string,
): ReplyText | undefined {
  const { model, classes } = live.package;
  const declared = asked.map(({ name }) => listOutputs(live.package).findIndex((output) => output.name === name));
  const before = `{"model_name":${JSON.stringify(model)},"model_version":${JSON.stringify(live.version)},"id":"`;
  const parameters = { model_digest: live.digest, ...(told !== undefined && { variant: told }) };
  const after = `","parameters":${JSON.stringify(parameters)},"outputs":[`;
  const blank = createOutputs(live.package, new Array<number>(rows * (classes?.length ?? 1)).fill(0));
  const heads = declared.map((place) => {
    const { data: _data, ...tensor } = blank[place] ?? { data: [] };
    return `${JSON.stringify(tensor).slice(0, -1)},"data":[`;
  });
  const isPlain = isAscii([before, after, ...heads, ...(classes ?? [])].join(""));
  if (!isPlain || asked.some(({ isBinary }) => isBinary) || declared.includes(-1)) return undefined;
  return {
    write(id, outputs) {
      let text = before + id + after;
      for (let i = 0; i < heads.length; i++) {
        text += `${i === 0 ? "" : ","}${heads[i]}${outputs[declared[i] as number]}]}`;
      }
      return `${text}]}`;
    },
  };
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
