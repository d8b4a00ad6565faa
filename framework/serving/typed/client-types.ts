/**
 * Which request types callers were written for: a client says the digest of its own, and is refused where it would ask something
 * else than it means. Types that were released are in the store by their digests.
 * @module
 */
import { compareTypes } from "../../client/compare-types.ts";
import {
  type AnswerShape,
  clientHeader,
  describeRequestType,
  digestRequestType,
  type RequestType,
  readDigest,
  requestTypeSchema,
  unknownClient,
} from "../../client/request-type.ts";
import { readRequestType } from "../../client/stored-request-type.ts";
import type { RequestShape } from "../../features/online/request-shape.ts";
import type { PlanStore } from "../../features/online/serving-plan.ts";
import { Refusal } from "../../http/refusal.ts";
import { type Digest, digestBytes } from "../../plan/digest.ts";
import { readJson } from "../json-body.ts";
import { mostKeys } from "../json-extent.ts";

/** What callers of a version send and are answered. */
export interface CallersShape {
  readonly shape: RequestShape;
  readonly answer: AnswerShape;
}

/** What a client says of the type that it was written for. */
export interface ToldType {
  /** The header, which has its digest. */
  readonly header: string;
  /** All of it. @default it is told by its digest alone */
  readonly document?: Uint8Array | undefined;
}

/** What is known of a client's type. */
type Verdict = { readonly absent: ReadonlySet<string> } | { readonly refused: string; readonly isUnknown?: true };

/** How many types are kept in mind: whoever makes digests up must not fill the memory with them. */
const mostKnown = 1000;
/** How many may wait to be looked up, one after the other. */
const mostWaiting = 64;
/** How long a type that is not there is not looked for again, in milliseconds: the next release may bring it. */
const patience = 5000;

/** How long a type may be that a client tells, in bytes: those of thousands of columns are. */
const longestType = 2 ** 20;

/** As many differences are said, each of so many characters at most: callers choose the names of their columns. */
const mostSaid = 20;
const longest = 300;

const none: Verdict = { absent: new Set() };

export class ClientTypes {
  readonly #store: PlanStore;
  /** Of the digests that clients told, in the order in which they were first told. */
  readonly #found = new Map<Digest, { readonly type: RequestType | undefined; readonly at: number }>();
  /** By the shape of a version, and the digest that was told. */
  readonly #live = new WeakMap<RequestShape, { readonly type: RequestType; readonly digest: Digest }>();
  readonly #verdicts = new WeakMap<RequestShape, Map<Digest, Verdict>>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(store: PlanStore) {
    this.#store = store;
  }

  /**
   * The columns that a client does not know and that are null for it.
   * @param told which type it was written for
   * @throws Refusal 400 for a header that is no digest, or not that of the type told, 409 with the differences for a type that is not
   * the version's, and so that the client tells all of it where it is not known here, 413 for one that is longer than any, 503 while
   * too many types are looked up
   */
  async check(told: ToldType, { shape, answer }: CallersShape, endpoint: string): Promise<ReadonlySet<string>> {
    const digest = readDigest(told.header);
    if (digest === undefined)
      throw new Refusal(400, `${clientHeader} is no digest, as a client of "steward client" says it`);
    const verdict = await this.#judge(digest, { shape, answer }, told.document);
    if ("absent" in verdict) return verdict.absent;
    const fix = `write it anew with npx steward client ${endpoint}`;
    const headers = verdict.isUnknown ? { [clientHeader]: unknownClient } : {};
    throw new Refusal(409, `the client was written for another request type: ${verdict.refused}; ${fix}`, headers);
  }

  async #judge(digest: Digest, callers: CallersShape, document: Uint8Array | undefined): Promise<Verdict> {
    const live = this.#describe(callers);
    if (digest === live.digest) return none;
    // What a caller says of itself is compared and not kept: it may be anything.
    if (document) return compare(readType(document, digest), live.type);
    const known = this.#verdicts.get(callers.shape)?.get(digest);
    if (known) return known;
    const own = await this.#find(digest);
    if (!own) return { refused: "one that was never released here", isUnknown: true };
    const verdict = compare(own, live.type);
    const verdicts = this.#verdicts.get(callers.shape) ?? new Map<Digest, Verdict>();
    keep(verdicts, digest, verdict);
    this.#verdicts.set(callers.shape, verdicts);
    return verdict;
  }

  #describe({ shape, answer }: CallersShape): { readonly type: RequestType; readonly digest: Digest } {
    const known = this.#live.get(shape);
    if (known) return known;
    const type = describeRequestType(shape, answer);
    const live = { type, digest: digestRequestType(type) };
    this.#live.set(shape, live);
    return live;
  }

  /** One look-up at a time: digests that are made up must not keep the store from whoever else needs it. */
  async #find(digest: Digest): Promise<RequestType | undefined> {
    const isKnown = () => {
      const known = this.#found.get(digest);
      return known && (known.type || performance.now() - known.at < patience) ? known : undefined;
    };
    const known = isKnown();
    if (known) return known.type;
    if (this.#waiting >= mostWaiting)
      throw new Refusal(503, "too many request types are looked up already", { "retry-after": "1" });
    this.#waiting++;
    const found = this.#last.then(async () => {
      const meanwhile = isKnown();
      if (meanwhile) return meanwhile.type;
      const type = await readRequestType(this.#store, digest);
      this.#found.delete(digest);
      keep(this.#found, digest, { type, at: performance.now() });
      return type;
    });
    this.#last = found.catch(() => undefined);
    try {
      return await found;
    } catch {
      throw new Refusal(503, "the client's request type cannot be looked up now", { "retry-after": "1" });
    } finally {
      this.#waiting--;
    }
  }
}

function compare(own: RequestType, live: RequestType): Verdict {
  const { differences, absent } = compareTypes(own, live);
  if (differences.length === 0) return { absent: new Set(absent) };
  const said = differences.slice(0, mostSaid).map((one) => (one.length > longest ? `${one.slice(0, longest)}…` : one));
  const left = differences.length - said.length;
  return { refused: [...said, ...(left > 0 ? [`and ${left} more`] : [])].join(", ") };
}

/** The type that a client tells. @throws Refusal 400 for what is none, or not the one that its header says; 413 for one that is too long */
function readType(document: Uint8Array, digest: Digest): RequestType {
  if (document.length > longestType)
    throw new Refusal(413, `the first line, the request type, is larger than ${longestType} bytes`);
  const said = readJson(document).document;
  const read = hasLists(said) ? requestTypeSchema.safeParse(said) : undefined;
  if (!read?.success)
    throw new Refusal(400, 'the first line is no request type, as a client of "steward client" says it');
  // Clients write it as its digest is made, so that it need not be written once more.
  if (digestBytes(document) === digest) return read.data;
  throw new Refusal(400, `the first line is not the request type that ${clientHeader} names`);
}

/**
 * Whether the lists of what may be a type are of what they should be. The schema says of each item what is wrong with it, which of
 * hundreds of thousands takes gigabytes.
 */
function hasLists(said: unknown): boolean {
  if (!isRecord(said)) return false;
  const { columns, classes } = said;
  if (!Array.isArray(columns) || columns.length > mostKeys || !isTexts(classes)) return false;
  return columns.every((column) => isRecord(column) && isTexts(column["values"]) && isTexts(column["patterns"]));
}

function isTexts(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.every((item) => typeof item === "string"));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Keeps one more, and lets the oldest go where there are too many. */
function keep<T>(known: Map<Digest, T>, digest: Digest, one: T): void {
  const [oldest] = known.keys();
  if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
  known.set(digest, one);
}
