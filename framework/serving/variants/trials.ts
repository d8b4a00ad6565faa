/**
 * The versions of a server that are on trial: a canary, and whatever is asked unseen. What each is asked for is recorded where it
 * outlives the process; those that processes have ended over are asked unseen no more.
 * @module
 */
import type { LiveModel } from "../live-model.ts";
import type { LiveVariant, LiveVariants } from "./live-variants.ts";
import { TrialRecord, type TriedVariant, takeEndedTrials } from "./trial-record.ts";

/** By this name the group tells its processes which versions are asked unseen no more: their keys. */
export const givenUpName = "given-up";

/** What is the same of a version in all processes, and of no other release. */
export function keyOfTried({ name, model, version, package: digest }: Omit<TriedVariant, "weight">): string {
  return JSON.stringify([name, model, version, digest]);
}

export interface TrialsOptions {
  /** This process's own, once it follows: what one before it left there is taken then. */
  readonly folder: string;
  /** Told what cannot be recorded, in one line. */
  readonly report: (line: string) => void;
  /** Whether it is of no group, which would have counted how the process before it ended. */
  readonly isAlone: boolean;
}

export class Trials {
  readonly #folder: string;
  readonly #report: (line: string) => void;
  readonly #isAlone: boolean;
  readonly #records = new Map<LiveModel, TrialRecord>();
  #variants: LiveVariants | undefined;
  #givenUp: ReadonlySet<string> = new Set();

  constructor({ folder, report, isAlone }: TrialsOptions) {
    this.#folder = folder;
    this.#report = report;
    this.#isAlone = isAlone;
  }

  /** Goes by another set, before anybody is answered by it. */
  follow(variants: LiveVariants): void {
    if (!this.#variants) this.#takeLeft(variants);
    this.#variants = variants;
    this.#mark();
    const tried = variants.all.filter(isOnTrial);
    for (const [live, record] of this.#records) {
      if (tried.some((variant) => variant.live === live)) continue;
      live.trial = undefined;
      record.close();
      this.#records.delete(live);
    }
    for (const variant of tried) {
      const { live } = variant;
      if (this.#records.has(live)) continue;
      const record = new TrialRecord(this.#folder, describe(variant), this.#report);
      this.#records.set(live, record);
      live.trial = record;
    }
  }

  /** Hears which versions are asked unseen no more. */
  giveUp(keys: readonly string[]): void {
    this.#givenUp = new Set(keys);
    this.#mark();
  }

  /** Ends all records. */
  close(): void {
    for (const [live, record] of this.#records) {
      live.trial = undefined;
      record.close();
    }
    this.#records.clear();
  }

  /** Counts the end of the process before this one, where nobody else has. */
  #takeLeft({ all }: LiveVariants): void {
    for (const { variant, requests, unseen } of takeEndedTrials(this.#folder)) {
      const counts = all.find((one) => keyOfTried(describe(one)) === keyOfTried(variant))?.counts;
      if (!counts || !this.#isAlone) continue;
      counts.failed += requests;
      counts.compared.failed += unseen;
      counts.ended++;
    }
  }

  #mark(): void {
    for (const variant of this.#variants?.all ?? [])
      variant.counts.isGivenUp = this.#givenUp.has(keyOfTried(describe(variant)));
  }
}

function isOnTrial({ name, mirror }: LiveVariant): boolean {
  return name === "canary" || mirror > 0;
}

function describe({ name, live, weight }: LiveVariant): TriedVariant {
  return { name, model: live.package.model, version: Number(live.version), package: live.digest, weight };
}
