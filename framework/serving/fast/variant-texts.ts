/**
 * What the replies and records of one variant have in common, as text.
 * @module
 */
import type { AskedOutput } from "../inference-request.ts";
import type { LiveVariant } from "../variants/live-variants.ts";
import { RecordText } from "./record-text.ts";
import { type AskedAlike, composeReplyText, type ReplyText } from "./reply-text.ts";

export class VariantTexts {
  readonly #variant: Pick<LiveVariant, "live" | "told" | "note">;
  readonly #endpoint: string;
  /** By what is asked, which is the same of all requests of one template. */
  readonly #replies = new WeakMap<readonly AskedOutput[], ReplyText | "none">();
  #record: RecordText | undefined;

  constructor(variant: Pick<LiveVariant, "live" | "told" | "note">, endpoint: string) {
    this.#variant = variant;
    this.#endpoint = endpoint;
  }

  /** The text of replies to requests that ask the same. @default undefined where they are for `replyInference` to write */
  findReply({ rows, outputs }: AskedAlike): ReplyText | undefined {
    let text = this.#replies.get(outputs);
    if (text === undefined) {
      const { live, told } = this.#variant;
      text = composeReplyText(live, { rows, outputs }, told) ?? "none";
      this.#replies.set(outputs, text);
    }
    return text === "none" ? undefined : text;
  }

  /** The text of records. */
  get record(): RecordText {
    const { live, note } = this.#variant;
    this.#record ??= new RecordText(live, this.#endpoint, note);
    return this.#record;
  }
}
