/**
 * Labels on their way to an endpoint: in requests of some at a time, each sent again while the server cannot take it.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import type { LabelItem } from "../serving/feedback/label-item.ts";

export interface LabelsToSend {
  /** The model server: `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly endpoint: string;
  readonly batches: AsyncIterable<readonly LabelItem[]>;
  /** Whether they take back what was said before. */
  readonly correction: boolean;
  /** Told after each request how many were sent. @default nobody is told */
  readonly onSent?: (labels: number) => void;
  /** How long to wait before a request is sent again, in milliseconds. @default 1000 */
  readonly pauseMilliseconds?: number;
}

/** How long a server may take, in milliseconds. */
const patience = 30_000;
/** How often a request is sent, while the server says that it cannot take it now. */
const attempts = 5;

const refusalSchema = z.object({ error: z.string() });

/** Sends labels. @returns how many. @throws StewardError when the server does not answer, or refuses some: those sent before count */
export async function sendLabels(sending: LabelsToSend): Promise<number> {
  const { batches, correction, onSent } = sending;
  let sent = 0;
  for await (const batch of batches) {
    await send(
      batch.map((item) => ({ ...item, ...(correction && { correction }) })),
      sending,
    );
    sent += batch.length;
    onSent?.(sent);
  }
  return sent;
}

async function send(
  items: readonly object[],
  { address, endpoint, pauseMilliseconds = 1000 }: LabelsToSend,
): Promise<void> {
  const url = `${address}/${encodeURIComponent(endpoint)}/feedback`;
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ items }) };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) }).catch((cause: unknown) => {
      const problem = {
        code: "endpoint-not-serving",
        at: "",
        what: `the model server at ${new URL(url).origin} does not answer`,
        fix: "see npx steward doctor; labels that were sent count, and the same file again sends no second ones where it has times",
      } as const;
      throw new StewardError(problem, { cause });
    });
    const text = await answer.text();
    if (answer.status === 200) return;
    if (answer.status !== 503 || attempt === attempts) {
      const said = readRefusal(text) ?? text.slice(0, 200);
      throw new StewardError({ code: "feedback-refused", at: "", what: said, got: `HTTP ${answer.status}` });
    }
    await delay(pauseMilliseconds);
  }
}

function readRefusal(text: string): string | undefined {
  try {
    return refusalSchema.safeParse(JSON.parse(text)).data?.error;
  } catch {
    return undefined;
  }
}
