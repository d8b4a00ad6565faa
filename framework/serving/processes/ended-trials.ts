/**
 * What the end of a server's process says of the versions that it was asking then.
 *
 * It counts against a canary, whose endpoint takes it back. A version that is asked unseen alone is nobody's to take back: whoever hangs a
 * process is asked no more, nor who was asked when two of them crashed, for one may have been ended by something else.
 * @module
 */
import { resolve } from "node:path";
import { untilUnclaimed } from "../../http/processes/folder-claim.ts";
import type { EndedMember, LeftBehind } from "../../http/processes/process-group.ts";
import type { Evidence, VariantEvidence } from "../variants/evidence.ts";
import { nothingCounted } from "../variants/evidence-window.ts";
import { type EndedTrial, takeEndedTrials } from "../variants/trial-record.ts";
import { givenUpName, keyOfTried } from "../variants/trials.ts";
import { listProcessFolders, locateProcess } from "./process-folder.ts";

/** How many ends a version that is asked unseen is given up after. */
const mostCrashes = 2;

/** What is known of the ends of a server's processes. */
export class EndedTrials {
  readonly #endpoint: string;
  readonly #folder: string;
  readonly #ends = new Map<string, number>();
  readonly #givenUp = new Set<string>();

  /** @param folder the server's, with those of its processes in it */
  constructor(endpoint: string, folder: string) {
    this.#endpoint = endpoint;
    this.#folder = folder;
  }

  /** Takes what a process has left that ended. */
  take({ index, isHung }: EndedMember): LeftBehind {
    return this.#judge(takeEndedTrials(locateProcess(this.#folder, index)), isHung);
  }

  /** Takes what the processes of a server before this one have left, which ended together: that is one end. */
  async takeBefore(): Promise<LeftBehind> {
    const all = new Map<string, EndedTrial>();
    for (const folder of await listProcessFolders(this.#folder)) {
      await untilUnclaimed(resolve(folder));
      for (const trial of takeEndedTrials(folder)) {
        const key = keyOfTried(trial.variant);
        const { requests = 0, unseen = 0 } = all.get(key) ?? {};
        all.set(key, { ...trial, requests: trial.requests + requests, unseen: trial.unseen + unseen });
      }
    }
    return this.#judge([...all.values()], false);
  }

  #judge(ended: readonly EndedTrial[], isHung: boolean): LeftBehind {
    if (ended.length === 0) return {};
    const fresh = ended.filter((trial) => this.#isGivenUp(trial, isHung));
    for (const { variant } of fresh) this.#givenUp.add(keyOfTried(variant));
    return {
      past: { evidence: describeEnds(this.#endpoint, ended) },
      says: [
        ...ended.map(
          ({ variant: { name, version, model } }) =>
            `it ended while variant "${name}", version ${version} of ${model}, was asked`,
        ),
        ...fresh.map(
          ({ variant: { name } }) => `variant "${name}" is asked unseen no more until its model has another release`,
        ),
      ],
      ...(fresh.length > 0 && { tell: { name: givenUpName, value: [...this.#givenUp] } }),
    };
  }

  /** Counts the end, and says whether it is one too many. */
  #isGivenUp({ variant, unseen }: EndedTrial, isHung: boolean): boolean {
    if (variant.weight > 0 || unseen === 0) return false;
    const key = keyOfTried(variant);
    const ends = (this.#ends.get(key) ?? 0) + (isHung ? mostCrashes : 1);
    this.#ends.set(key, ends);
    return ends >= mostCrashes && !this.#givenUp.has(key);
  }
}

/** Ends as evidence that is added to what all processes saw. Pure. */
function describeEnds(endpoint: string, ended: readonly EndedTrial[]): Evidence {
  const variants = ended.map(
    ({ variant, requests, unseen }): VariantEvidence => ({
      ...variant,
      ...nothingCounted,
      failed: requests,
      ...(unseen > 0 && { compared: { rows: 0, disagreed: 0, failed: unseen, skipped: 0 } }),
      ended: 1,
    }),
  );
  return { endpoint, generation: 0, variants };
}
