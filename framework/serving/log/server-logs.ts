/**
 * The logs of a server: that of its requests, that of the labels of its answers, and those which processes left that are no more.
 * @module
 */
import type { EndpointSpec } from "../../definitions/spec.ts";
import { toSeconds } from "../../definitions/units.ts";
import { feedbackStream } from "../feedback/feedback-log.ts";
import { createProtectLabel } from "../feedback/protect-label.ts";
import type { MeasuredLogs } from "./log-metrics.ts";
import { type LogStore, type OpenLog, openLog, requestStream } from "./open-log.ts";
import { createProtect } from "./protect-record.ts";
import type { Protect, RecordLog } from "./record-log.ts";
import { listSegments } from "./segment-target.ts";
import { SubjectKeys } from "./subject-keys.ts";

/** What a server's logs are opened by. */
export interface ServerLogOptions {
  /** The endpoint's name. */
  readonly endpoint: string;
  /** How labels of its answers come to be known. @default it takes none */
  readonly feedback?: EndpointSpec["feedback"] | undefined;
  /** The replica's own folder for the log's segments. */
  readonly segmentFolder: string;
  readonly log: EndpointSpec["log"];
  /** How personal data is recorded. @default nothing is personal */
  readonly pii?: EndpointSpec["pii"];
  /** What it is hashed and encrypted with, 64 hexadecimal digits; secret. Needed where there is any. */
  readonly logKey?: string | undefined;
  /** Where logs are brought. @default nowhere: segments stay in their folder */
  readonly logStore?: LogStore | undefined;
  /** Folders with segments of processes that are no more, which it brings into the store beside its own. @default [] */
  readonly leftFolders?: readonly string[];
  /** Told what happens, in one line each, for the program's own log. @default nobody is told */
  readonly report?: (line: string) => void;
}

/** What requests find of the logs. */
export interface ServingLogs {
  /** @default requests are not logged, or it is not open yet */
  readonly requests: RecordLog | undefined;
  /** @default the endpoint takes no labels, or it is not open yet */
  readonly feedback: RecordLog | undefined;
  /** What brings them into the store. */
  readonly shippers: MeasuredLogs;
}

/** Logs that are opened after whoever reads them was made: every request reads the fields, which are set once. */
export class ServerLogs implements ServingLogs {
  requests: RecordLog | undefined;
  feedback: RecordLog | undefined;
  shippers: MeasuredLogs = [];
  readonly #opened: OpenLog[] = [];

  /**
   * Opens what the endpoint logs, and what was left to be brought into the store: of processes that are no more, and of streams that
   * are no longer declared. @throws Error without the key that personal data needs, and as `openLog` does
   */
  async open(options: ServerLogOptions): Promise<void> {
    const { log, feedback, segmentFolder: own, leftFolders = [] } = options;
    if (log.requests === "all") this.requests = await this.#open(requestStream, options);
    if (feedback) this.feedback = await this.#open(feedbackStream, options);
    for (const stream of [requestStream, feedbackStream]) {
      const isOpen = stream === requestStream ? this.requests : this.feedback;
      for (const segmentFolder of isOpen ? leftFolders : [own, ...leftFolders])
        await this.#openLeft(stream, { ...options, segmentFolder });
    }
    this.shippers = this.#opened.flatMap(({ shipper }) => shipper ?? []);
  }

  /** What is left there stays, where it cannot be opened: that must not keep the server from answering. */
  async #openLeft(stream: string, options: ServerLogOptions): Promise<void> {
    const { segmentFolder: folder, report } = options;
    try {
      const left = await listSegments({ folder, stream });
      if (left.length > 0) await this.#open(stream, options);
    } catch (error) {
      report?.(
        `what is left of the log in ${folder} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Flushes and closes those that were opened. @throws Error when accepted records could not be written */
  async close(): Promise<void> {
    for (const opened of this.#opened) await opened.close();
  }

  async #open(stream: string, options: ServerLogOptions): Promise<RecordLog> {
    const opened = await openServerLog(stream, options);
    this.#opened.push(opened);
    return opened.log;
  }
}

/** A label is never taken on trust. @throws Error without the key that personal data needs */
async function openServerLog(stream: string, options: ServerLogOptions): Promise<OpenLog> {
  const { endpoint, segmentFolder: folder, log, logStore: store, report = () => undefined } = options;
  const isTrusting = log.durability === "memory";
  const durability = stream === feedbackStream && isTrusting ? "disk" : log.durability;
  const shipMilliseconds = log.ship === undefined ? undefined : toSeconds(log.ship) * 1000;
  const protect = createServerProtect(stream, options);
  return openLog({ address: { endpoint, stream }, folder, durability, shipMilliseconds, protect, store, report });
}

function createServerProtect(stream: string, { pii, logKey, log, logStore }: ServerLogOptions): Protect | undefined {
  const isLabels = stream === feedbackStream;
  if (!pii || (isLabels && pii.label === undefined)) return undefined;
  if (logKey === undefined) throw new Error("there is personal data in the log, and no key to protect it with");
  const key = Buffer.from(logKey, "hex");
  const keys = logStore && new SubjectKeys({ entries: logStore.entries, key });
  if (isLabels && pii.label !== undefined) return createProtectLabel({ mode: pii.label, key, keys });
  return createProtect({ pii, subject: log.subject, key, keys });
}
