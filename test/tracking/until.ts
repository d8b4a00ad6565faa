/**
 * Waiting in tests for what comes about by itself.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";

/** In milliseconds: a busy machine takes its time, and what never comes is found out all the same. */
const patience = 60_000;

/** What is looked for, once it is there. */
export async function until<T>(look: () => Promise<T>, what: string): Promise<NonNullable<T>> {
  for (const begun = performance.now(); ; await sleep(25)) {
    const found = await look();
    if (found) return found;
    if (performance.now() - begun > patience) throw new Error(`${what} never came`);
  }
}
