/**
 * The record of an answer, kept before the answer is given.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";
import { noteOrigin, type Origin } from "../trace/origin.ts";
import type { ServingLogs } from "./server-logs.ts";

/** Where records go. */
export interface Keeping {
  readonly logs: Pick<ServingLogs, "requests">;
  readonly report: (line: string) => void;
  /** Who asks, as the caller says. @default the caller does not say */
  readonly caller?: string | undefined;
  /** The id and the trace that the request says. @default none */
  readonly origin?: Origin | undefined;
}

/** @throws Refusal 503 when the record cannot be kept, since an answer without its record must not be given. */
export async function keepRecord(
  { logs: { requests }, report, caller, origin }: Keeping,
  describe: () => Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    if (!requests) return;
    const record = describe();
    const isPlain = caller === undefined && origin === undefined;
    await requests.append(
      isPlain ? record : { ...record, ...(caller !== undefined && { caller }), ...noteOrigin(origin) },
    );
  } catch (error) {
    throw refuseUnkept(error, report);
  }
}

/** What is said to whoever asked when the record cannot be kept. */
export function refuseUnkept(error: unknown, report: (line: string) => void): Refusal {
  report(`a request could not be logged: ${error instanceof Error ? error.message : String(error)}`);
  return new Refusal(503, "the request log cannot be written, and no answer is given without its record; try again");
}
