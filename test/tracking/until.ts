/**
 * Waiting in tests for what comes about by itself.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";

/** What is looked for, once it is there. */
export async function until<T>(look: () => Promise<T>, what: string): Promise<NonNullable<T>> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const found = await look();
    if (found) return found;
    await sleep(25);
  }
  throw new Error(`${what} never came`);
}
