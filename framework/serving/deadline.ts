/**
 * Deadlines: after them nobody waits for an answer, so that none is given, and what has not begun by then is not begun.
 * @module
 */
import { Refusal } from "../http/refusal.ts";

/** The header by which a request says how long its answer may take, in whole milliseconds. */
export const timeoutHeader = "steward-timeout";

/** A model that takes longer than this, in milliseconds, is slow whoever asks. */
const fairMilliseconds = 1000;

/** Nobody asks for less time than this, in milliseconds, nor for more digits. */
const timeout = /^[1-9]\d{0,8}$/;

/**
 * How long an answer may take.
 * @param header what the header says; without it as long as any
 * @param most how long any may take, in milliseconds
 * @throws Refusal 400 for a header that is no time
 */
export function readTimeout(header: string | readonly string[] | undefined, most: number): number {
  if (header === undefined) return most;
  if (typeof header !== "string" || !timeout.test(header))
    throw new Refusal(400, `${timeoutHeader} is no number of milliseconds from 1 to 999999999`);
  return Math.min(Number(header), most);
}

/**
 * Whether whoever asks gives an answer so little time, less than a second, that a late one is its own doing and says nothing of the model.
 * @param most how long any may take, in milliseconds: where that is less, it is nobody's wish
 */
export function isHurried(timeout: number, most: number): boolean {
  return timeout < Math.min(fairMilliseconds, most);
}

/** What is said when an answer comes too late. */
export function refuseLate(): Refusal {
  return new Refusal(504, "the answer was not there in time");
}

/**
 * Does work until a moment, as `performance.now()` tells it. What is done then comes to its end, and nobody is told.
 * @throws Refusal 504 at that moment
 */
export async function finishBy<T>(moment: number, work: () => Promise<T>): Promise<T> {
  const left = moment - performance.now();
  if (left <= 0) throw refuseLate();
  let late: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(refuseLate()), left);
  });
  try {
    return await Promise.race([work(), isLate]);
  } finally {
    clearTimeout(late);
  }
}
