/**
 * Inferences whose bodies fit a template: they are answered with the others of their turn, without a promise of their own, and
 * counted and logged as all others are.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { AskedOutput } from "../inference-request.ts";
import { refuseUnkept } from "../keep-record.ts";
import type { LiveModel } from "../live-model.ts";
import type { CounterSum } from "../metrics/counter.ts";
import { refuse } from "../refused-reply.ts";
import type { ServingTools } from "../serving-tools.ts";
import type { FastReply } from "./fast-connection.ts";
import { RecordText } from "./record-text.ts";
import { composeReplyText, type ReplyText } from "./reply-text.ts";
import type { ScannedBody } from "./request-templates.ts";

type Deliver = (reply: FastReply) => void;

/** A request on its way to its answer. */
interface Asked {
  readonly body: Buffer;
  readonly scanned: ScannedBody;
  readonly live: LiveModel;
  readonly text: ReplyText;
  /** When it came, as `performance.now()` tells it, and as ISO 8601 has it. */
  readonly started: number;
  readonly time: string;
  readonly deliver: Deliver;
}

export class FastInference {
  readonly #tools: ServingTools;
  /** By what is asked, which is the same of all requests of one template. */
  readonly #replies = new WeakMap<readonly AskedOutput[], ReplyText | "none">();
  readonly #records = new WeakMap<LiveModel, RecordText>();
  #answered: CounterSum | undefined;
  #rows: CounterSum | undefined;

  constructor(tools: ServingTools) {
    this.#tools = tools;
  }

  /** Answers a body. @returns whether it does: any other one is to be read as a whole */
  take(body: Buffer, deliver: Deliver): boolean {
    const { requestLog, follower } = this.#tools;
    const { live } = follower;
    const scanned = live?.templates.scan(body, requestLog !== undefined);
    const text = live && scanned && this.#findReplyText(live, scanned);
    if (!text) return false;
    const asked: Asked = { body, scanned, live, text, started: performance.now(), time: sayTime(), deliver };
    const { rows, values } = scanned;
    live.batch.add({
      rows,
      values,
      settle: (answers, compute) => this.#settle(asked, answers, compute),
      fail: (error) => this.#fail(asked, error),
    });
    return true;
  }

  #findReplyText(live: LiveModel, { rows, outputs }: ScannedBody): ReplyText | undefined {
    let text = this.#replies.get(outputs);
    if (text === undefined) {
      text = composeReplyText(live, { rows, outputs }) ?? "none";
      this.#replies.set(outputs, text);
    }
    return text === "none" ? undefined : text;
  }

  #settle(asked: Asked, answers: readonly number[], compute: number): void {
    const id = asked.scanned.id ?? randomUUID();
    const { requestLog, report } = this.#tools;
    const { body, scanned, time, started } = asked;
    const { rows, places } = scanned;
    if (!requestLog || !places) {
      this.#reply(asked, asked.text.write(id, answers), compute);
      return;
    }
    const latencyMicroseconds = Math.round((performance.now() - started) * 1000);
    const text = this.#findRecordText(asked.live);
    const record = text.write({ id, time, body, rows, places, answers, latencyMicroseconds });
    requestLog.add(record, (error) => {
      if (error === undefined) this.#reply(asked, asked.text.write(id, answers), compute);
      else this.#fail(asked, refuseUnkept(error, report));
    });
  }

  #findRecordText(live: LiveModel): RecordText {
    const known = this.#records.get(live);
    if (known) return known;
    const made = new RecordText(live, this.#tools.endpoint);
    this.#records.set(live, made);
    return made;
  }

  #reply({ scanned, live, started, deliver }: Asked, text: string, compute: number): void {
    const { metrics, model } = this.#tools;
    const total = performance.now() - started;
    live.statistics.addSuccess(scanned.rows, { total, compute });
    metrics.predictions.observe(model, compute / 1000);
    metrics.durations.observe("infer", total / 1000);
    this.#rows ??= metrics.rows.sum({ route: "infer" });
    this.#rows.value += scanned.rows;
    this.#answered ??= metrics.requests.sum({ route: "infer", status: "200" });
    this.#answered.value++;
    deliver(text);
  }

  #fail({ live, started, deliver }: Asked, error: unknown): void {
    live.statistics.addFailure(performance.now() - started);
    const reply = refuse(error, this.#tools);
    this.#tools.metrics.count("infer", reply.status, started);
    deliver(reply);
  }
}

let said = { at: 0, text: "" };

/** The time as records have it, written once for all requests of a millisecond. */
function sayTime(): string {
  const at = Date.now();
  if (at !== said.at) said = { at, text: new Date(at).toISOString() };
  return said.text;
}
