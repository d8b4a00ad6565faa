/**
 * The stream of labels: each label a record, with when it came beside when it became true. A correction is one more record; nothing
 * that was recorded is ever changed.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";
import type { RecordLog } from "../log/record-log.ts";
import type { LabelItem } from "./label-item.ts";

/** The name of the stream beside that of the requests. */
export const feedbackStream = "feedback";

/** A label as it is recorded, less the number that it gets when it is written. */
interface LabelRecord extends LabelItem {
  /** When it came, RFC 3339 in UTC. */
  readonly recorded: string;
}

/** Where labels go. */
export interface LabelKeeping {
  readonly feedbackLog: Pick<RecordLog, "append">;
  readonly report: (line: string) => void;
}

/**
 * Records labels that came at one moment.
 * @returns once all of them are on the disk
 * @throws Refusal 503 when they cannot be kept. Some may be there; sent again, they are the same labels
 */
export async function keepLabels(
  { feedbackLog, report }: LabelKeeping,
  labels: readonly LabelItem[],
  recorded: string,
): Promise<void> {
  // All in one turn, so that they are one write.
  const kept = await Promise.allSettled(
    labels.map((label) => feedbackLog.append({ ...label, recorded } satisfies LabelRecord)),
  );
  const failed = kept.find((one) => one.status === "rejected");
  if (!failed) return;
  const { reason } = failed as PromiseRejectedResult;
  report(`labels could not be recorded: ${reason instanceof Error ? reason.message : String(reason)}`);
  throw new Refusal(503, "the labels cannot be recorded now; send them again", { "retry-after": "1" });
}
