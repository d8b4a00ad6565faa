/**
 * The reply to a request that is refused, or that the server failed to answer.
 * @module
 */
import type { Reply } from "../http/answering-server.ts";
import { Refusal } from "../http/refusal.ts";
import { RefusedLabels } from "./feedback/refused-labels.ts";
import type { ServingTools } from "./serving-tools.ts";
import { RefusedColumns } from "./typed/refused-columns.ts";

/**
 * Says what a refusal says; of anything else only the server's own log tells.
 * @param id of the request, by which whoever was refused can ask what the log says. @default it has none
 */
export function refuse(error: unknown, { report }: Pick<ServingTools, "report">, id?: string): Reply {
  if (error instanceof Refusal) {
    const isListed = error instanceof RefusedColumns || error instanceof RefusedLabels;
    const problems = isListed ? { problems: error.problems } : {};
    return { status: error.status, body: { error: error.message, ...problems }, headers: error.headers };
  }
  report(
    `a request failed${id === undefined ? "" : ` (${id})`}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return { status: 500, body: { error: "the server failed to answer; its log says why" } };
}
