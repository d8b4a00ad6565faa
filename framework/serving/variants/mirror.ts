/**
 * The mirror: rows that were answered are given to the variants that are asked unseen. It begins after the answer is on its way, nobody
 * waits for it, and whatever goes wrong in it is counted, and touches no answer.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Keeping } from "../log/keep-record.ts";
import type { LiveVariant } from "./live-variants.ts";
import { isMirrored } from "./unseen-answer.ts";
import { type UnseenColumns, UnseenLane } from "./unseen-lane.ts";

/** Rows that a variant answered. */
export interface AnsweredRows {
  /** The id of the answer. */
  readonly id: string;
  /** Which variant answered. */
  readonly variant: LiveVariant;
  readonly rows: number;
  /** Its numbers: of several classes one for each, row by row. */
  readonly answers: readonly number[];
  /**
   * What was asked, by column, as the record of the answer has it: whose each row is stands in it.
   * @default it was asked by features, and its records say nothing else of the request
   */
  readonly request?: Readonly<Record<string, readonly unknown[]>> | undefined;
  /** What another variant is given of them. @returns nothing where the request does not bring what it reads */
  readonly bring: (unseen: LiveVariant) => UnseenColumns | undefined | Promise<UnseenColumns | undefined>;
}

/** Rows, and the variants that are kept open for them. */
interface OfferedRows {
  readonly answered: AnsweredRows;
  readonly open: readonly LiveVariant[];
}

/** What a mirror needs of its server. */
export interface MirrorTools extends Keeping {
  readonly endpoint: string;
  /** How long a model that is asked unseen may take before it is given up, in milliseconds. @default 5000 */
  readonly patienceMilliseconds?: number | undefined;
}

export class Mirror {
  readonly #tools: MirrorTools;
  readonly #lanes = new Map<LiveVariant, UnseenLane>();
  #offered: OfferedRows[] = [];
  #isClosed = false;

  constructor(tools: MirrorTools) {
    this.#tools = tools;
  }

  /**
   * Takes rows whose answer is settled, where a variant is asked for them unseen. It never throws. What there is to do begins in another
   * turn of the event loop: by then the answer has been sent.
   */
  offer(answered: AnsweredRows): void {
    const { unseen } = answered.variant;
    if (unseen.length === 0 || this.#isClosed) return;
    // Whatever is promoted from here on, the models stay until they were asked. Those that have gone already are asked nothing.
    const open = unseen.filter(({ live, counts }) => !counts.isGivenUp && live.keepOpen());
    if (this.#offered.push({ answered, open }) === 1) setImmediate(this.#choose);
  }

  /** Gives up on those that hang, so that what is read of the counts next says so. */
  check(): void {
    for (const lane of this.#lanes.values()) lane.check();
  }

  /** Takes no more, forgets what waits, and waits a moment for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) lane.close();
    const deadline = performance.now() + 1000;
    while (this.#lanes.size > 0 && performance.now() < deadline) await sleep(2);
  }

  readonly #choose = (): void => {
    const offered = this.#offered;
    this.#offered = [];
    for (const { answered, open } of offered) {
      for (const variant of open) {
        if (!this.#isClosed && isMirrored(variant, answered.id)) this.#findLane(variant).add(answered);
        else void variant.live.release().catch(() => undefined);
      }
    }
  };

  #findLane(variant: LiveVariant): UnseenLane {
    const known = this.#lanes.get(variant);
    if (known) return known;
    const lane = new UnseenLane(variant, { ...this.#tools, idle: () => this.#lanes.delete(variant) });
    this.#lanes.set(variant, lane);
    return lane;
  }
}
