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
} from "../../client/request-type.ts";
import { readRequestType } from "../../client/stored-request-type.ts";
import type { RequestShape } from "../../features/online/request-shape.ts";
import type { PlanStore } from "../../features/online/serving-plan.ts";
import { Refusal } from "../../http/refusal.ts";
import type { Digest } from "../../plan/digest.ts";

/** What callers of a version send and are answered. */
export interface CallersShape {
  readonly shape: RequestShape;
  readonly answer: AnswerShape;
}

/** What is known of a client's type. */
type Verdict = { readonly absent: ReadonlySet<string> } | { readonly refused: string };

/** How many types are kept in mind: whoever makes digests up must not fill the memory with them. */
const mostKnown = 1000;
/** How many may wait to be looked up, one after the other. */
const mostWaiting = 64;
/** How long a type that is not there is not looked for again, in milliseconds: the next release may bring it. */
const patience = 5000;

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
   * @param told the header that says which type it was written for
   * @throws Refusal 400 for a header that is no digest, 409 with the differences for a type that is not the version's, 503 while
   * too many types are looked up
   */
  async check(told: string, { shape, answer }: CallersShape, endpoint: string): Promise<ReadonlySet<string>> {
    const digest = readDigest(told);
    if (digest === undefined)
      throw new Refusal(400, `${clientHeader} is no digest, as a client of "steward client" says it`);
    const verdict = await this.#judge(digest, { shape, answer });
    if ("absent" in verdict) return verdict.absent;
    const fix = `write it anew with npx steward client ${endpoint}`;
    throw new Refusal(409, `the client was written for another request type: ${verdict.refused}; ${fix}`);
  }

  async #judge(digest: Digest, callers: CallersShape): Promise<Verdict> {
    const live = this.#describe(callers);
    if (digest === live.digest) return none;
    const known = this.#verdicts.get(callers.shape)?.get(digest);
    if (known) return known;
    const own = await this.#find(digest);
    if (!own) return { refused: "one that was never released here" };
    const { differences, absent } = compareTypes(own, live.type);
    const verdict = differences.length > 0 ? { refused: differences.join(", ") } : { absent: new Set(absent) };
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

/** Keeps one more, and lets the oldest go where there are too many. */
function keep<T>(known: Map<Digest, T>, digest: Digest, one: T): void {
  const [oldest] = known.keys();
  if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
  known.set(digest, one);
}
