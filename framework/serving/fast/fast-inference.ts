/**
 * Inferences whose bodies fit a template: they are answered with the others of their turn, without a promise of their own, and
 * counted and logged as all others are.
 * @module
 */
import { randomUUID } from "node:crypto";
import { listColumns } from "../infer.ts";
import { refuseUnkept } from "../log/keep-record.ts";
import type { CounterSum } from "../metrics/counter.ts";
import { refuse } from "../refused-reply.ts";
import type { ServingTools } from "../serving-tools.ts";
import { describeHttpSpan } from "../trace/http-span.ts";
import { unknownOrigin } from "../trace/origin.ts";
import type { RequestSpans } from "../trace/span.ts";
import { tellRequestId } from "../trace/told-reply.ts";
import type { LiveVariant } from "../variants/live-variants.ts";
import { reorder } from "../variants/variant-fit.ts";
import type { FastBody, FastReply } from "./fast-connection.ts";
import { writeOutputs } from "./output-text.ts";
import type { ReplyText } from "./reply-text.ts";
import { listPlaces } from "./request-template.ts";
import type { ScannedBody } from "./request-templates.ts";
import { VariantTexts } from "./variant-texts.ts";

type Deliver = (reply: FastReply) => void;

/** A request on its way to its answer. */
interface Asked {
  readonly request: FastBody;
  readonly origin: FastBody["origin"];
  /** In the order of the variant's inputs. */
  readonly scanned: ScannedBody;
  /** Of the answer. @default one is made for it */
  readonly id: string | undefined;
  readonly variant: LiveVariant;
  readonly texts: VariantTexts;
  readonly text: ReplyText;
  /** When it came, as `performance.now()` tells it, and as ISO 8601 has it. */
  readonly started: number;
  readonly time: string;
  readonly deliver: Deliver;
  /** What of it takes how long. @default it is not traced */
  readonly spans: RequestSpans | undefined;
}

/** What the model says. */
interface Answered {
  readonly id: string;
  readonly answers: readonly number[];
  /** The same, as the answer and its record have it. */
  readonly outputs: readonly string[];
  /** How long the model took, in milliseconds. */
  readonly compute: number;
}

export class FastInference {
  readonly #tools: ServingTools;
  readonly #texts = new WeakMap<LiveVariant, VariantTexts>();
  #answered: CounterSum | undefined;
  #rows: CounterSum | undefined;

  constructor(tools: ServingTools) {
    this.#tools = tools;
  }

  /** Answers a body. @returns whether it does: any other one is to be read as a whole */
  take(request: FastBody, deliver: Deliver): boolean {
    const { body, unit, origin: told } = request;
    const { logs, follower, limits, tracer } = this.#tools;
    const { requests } = logs;
    // What stands in the body would stand in the record.
    if (requests?.isProtected) return false;
    const { variants } = follower;
    // All callers' bodies are like the champion's: which variant answers is told by what is found in them.
    const read = variants?.champion.live.templates.scan(body, requests !== undefined);
    if (!read) return false;
    let { id } = read;
    let variant = variants?.only;
    if (!variant) {
      id ??= randomUUID();
      // Whoever answers in its place goes by the same assignment.
      request.id = id;
      variant = variants?.assign(unit ?? id);
    }
    if (!variant || variant.order === "none") return false;
    const scanned = variant.order === "same" ? read : moveValues(read, body, variant.order);
    const texts = this.#findTexts(variant);
    const text = texts.findReply(scanned);
    if (!text) return false;
    const started = performance.now();
    const spans = tracer?.begin(told ?? unknownOrigin, started);
    const origin = spans ? spans.noteIn(told ?? unknownOrigin) : told;
    const time = sayTime();
    request.asked = variant;
    const asked: Asked = { request, origin, scanned, id, variant, texts, text, started, time, deliver, spans };
    const { rows, values } = scanned;
    variant.live.batch.add({
      rows,
      values,
      deadline: started + limits.answerMilliseconds,
      settle: (answers, compute) => this.#settle(asked, answers, compute),
      fail: (error) => this.#fail(asked, error),
    });
    return true;
  }

  #findTexts(variant: LiveVariant): VariantTexts {
    const known = this.#texts.get(variant);
    if (known) return known;
    const made = new VariantTexts(variant, this.#tools.endpoint);
    this.#texts.set(variant, made);
    return made;
  }

  #settle(asked: Asked, answers: readonly number[], compute: number): void {
    const id = asked.id ?? randomUUID();
    const { logs, report } = this.#tools;
    const { requests } = logs;
    const outputs = writeOutputs(asked.variant.live.package, answers);
    const { request, origin, scanned, time, started, spans } = asked;
    const { body, unit } = request;
    const { rows, places } = scanned;
    const settled = performance.now();
    spans?.add("inference", settled - compute, settled);
    const answered = { id, answers, outputs, compute };
    if (!requests || !places) {
      this.#reply(asked, answered);
      return;
    }
    const latencyMicroseconds = Math.round((settled - started) * 1000);
    const facts = { id, time, body, rows, places, outputs, latencyMicroseconds, unit, origin };
    requests.add(asked.texts.record.compose(facts), (error) => {
      spans?.add("log", settled, performance.now());
      if (error === undefined) this.#reply(asked, answered);
      else this.#fail(asked, refuseUnkept(error, report));
    });
  }

  #reply(asked: Asked, { id, answers, outputs, compute }: Answered): void {
    const { request, scanned, variant, text, started, deliver, origin, spans } = asked;
    if (request.isLate) {
      this.#endLate(asked);
      return;
    }
    const { metrics } = this.#tools;
    const total = performance.now() - started;
    const { live, told } = variant;
    live.statistics.addSuccess(scanned.rows, { total, compute });
    variant.counts.addAnswer(total);
    metrics.predictions.observe(live.package.model, compute / 1000);
    metrics.durations.observe("infer", total / 1000);
    this.#rows ??= metrics.rows.sum({ route: "infer" });
    this.#rows.value += scanned.rows;
    this.#answered ??= metrics.requests.sum({ route: "infer", status: "200" });
    this.#answered.value++;
    const written = text.write(id, outputs);
    const requestId = origin?.requestId;
    deliver(told === undefined && requestId === undefined ? written : { text: written, variant: told, requestId });
    spans?.end(describeHttpSpan({ method: "POST", route: "infer", status: 200, requestId }));
    if (variant.unseen.length === 0) return;
    const { rows, values } = scanned;
    const bring = ({ order }: LiveVariant) => (order === "none" ? undefined : listColumns({ rows, values }, live));
    this.#tools.mirror.offer({ id, variant, rows, answers, bring });
  }

  /** What comes too late is told to nobody, and has been counted. */
  #endLate({ spans, origin }: Asked): void {
    spans?.end(describeHttpSpan({ method: "POST", route: "infer", status: 504, requestId: origin?.requestId }));
  }

  #fail(asked: Asked, error: unknown): void {
    const { request, variant, started, deliver, origin, spans } = asked;
    if (request.isLate) {
      this.#endLate(asked);
      return;
    }
    variant.live.statistics.addFailure(performance.now() - started);
    variant.counts.addFailure(error);
    const requestId = origin?.requestId ?? randomUUID();
    const reply = refuse(error, this.#tools, requestId);
    this.#tools.metrics.count("infer", reply.status, started);
    spans?.end(describeHttpSpan({ method: "POST", route: "infer", status: reply.status, requestId }));
    deliver(tellRequestId(reply, requestId));
  }
}

/** Puts values into the order of a variant's inputs, and with them the places where they stand in the body. */
function moveValues(
  { values, places, ...scanned }: ScannedBody,
  body: Uint8Array,
  order: readonly number[],
): ScannedBody {
  const pairs = order.flatMap((place) => [2 * place, 2 * place + 1]);
  return { ...scanned, values: reorder(values, order), places: places && reorder(listPlaces(body, places), pairs) };
}

let said = { at: 0, text: "" };

/** The time as records have it, written once for all requests of a millisecond. */
function sayTime(): string {
  const at = Date.now();
  if (at !== said.at) said = { at, text: new Date(at).toISOString() };
  return said.text;
}
