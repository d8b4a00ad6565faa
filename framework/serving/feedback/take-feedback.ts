/**
 * `POST /<endpoint>/feedback`: labels of answers that were given some time ago. It is answered when all of them are recorded, and
 * none counts when one is refused. Whether an id is that of an answer is not asked here: the log may be elsewhere, and a label
 * may come before the log's part has. Whoever joins them finds those that are nobody's.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { FeedbackSpec } from "../../definitions/feedback-spec.ts";
import type { PiiSpec } from "../../definitions/pii.ts";
import type { Reply } from "../../http/answering-server.ts";
import type { BodyRoom } from "../../http/body-room.ts";
import { Refusal } from "../../http/refusal.ts";
import type { ServingLogs } from "../log/server-logs.ts";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import { readInferenceBody } from "../request-body.ts";
import { keepLabels } from "./feedback-log.ts";
import { readLabels } from "./label-item.ts";

/** What taking labels needs of a server. */
export interface FeedbackTools {
  readonly endpoint: string;
  /** @default the endpoint takes no labels */
  readonly feedback: FeedbackSpec | undefined;
  /** How personal data is recorded. @default nothing is personal */
  readonly pii?: Pick<PiiSpec, "label"> | undefined;
  readonly logs: Pick<ServingLogs, "feedback">;
  readonly metrics: ServerMetrics;
  /** Where the bodies of all requests take their bytes from. */
  readonly room: BodyRoom;
  readonly report: (line: string) => void;
}

/** Takes the labels of a request. @throws Refusal 400, 404, 413, 415, 422 or 503 with why they are not taken */
export async function takeFeedback(
  tools: FeedbackTools,
  request: IncomingMessage,
  named: string | undefined,
): Promise<Reply> {
  const { endpoint, feedback, pii, logs, metrics, report } = tools;
  const { feedback: feedbackLog } = logs;
  if (named !== endpoint) throw new Refusal(404, `there is no such endpoint; this server has "${endpoint}"`);
  if (!feedback) throw new Refusal(404, `endpoint "${endpoint}" declares no feedback, and takes no labels`);
  if (!feedbackLog) throw new Refusal(503, "labels cannot be recorded yet; try again", { "retry-after": "1" });
  const body = await readInferenceBody(request, tools.room);
  const now = Date.now();
  const terms = { hasSubject: pii?.label === "encrypt", isPersonal: pii?.label !== undefined };
  const labels = readLabels(body, { label: feedback.label, now, ...terms });
  const recorded = new Date(now).toISOString();
  await keepLabels({ feedbackLog, report }, labels, recorded);
  metrics.labels.add({}, labels.length);
  return { status: 200, body: { recorded, labels: labels.length } };
}
