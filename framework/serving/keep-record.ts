/**
 * The record of an answer, kept before the answer is given.
 * @module
 */
import { Refusal } from "../http/refusal.ts";
import type { RequestLog } from "./request-log.ts";

/** Where records go. */
export interface Keeping {
  /** @default requests are not logged */
  readonly requestLog: RequestLog | undefined;
  readonly report: (line: string) => void;
}

/** @throws Refusal 503 when the record cannot be kept, since an answer without its record must not be given. */
export async function keepRecord(
  { requestLog, report }: Keeping,
  describe: () => Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    await requestLog?.append(describe());
  } catch (error) {
    throw refuseUnkept(error, report);
  }
}

/** What is said to whoever asked when the record cannot be kept. */
export function refuseUnkept(error: unknown, report: (line: string) => void): Refusal {
  report(`a request could not be logged: ${error instanceof Error ? error.message : String(error)}`);
  return new Refusal(503, "the request log cannot be written, and no answer is given without its record; try again");
}
