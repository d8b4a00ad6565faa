/**
 * Room for the bodies of all requests together: however many callers there are, no more of what they send is held in memory at once.
 * @module
 */
import { Refusal } from "./refusal.ts";

export class BodyRoom {
  readonly #most: number;
  readonly #held = new WeakMap<object, number>();
  #taken = 0;

  /** @param most how many bytes there may be at once */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many bytes are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes room for so many bytes. @returns whether there was as much; else nothing is taken */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#taken -= bytes;
  }

  /** Takes room for so many bytes more of a request, which has all of it until `release`. @returns whether there was as much */
  hold(request: object, bytes: number): boolean {
    if (!this.take(bytes)) return false;
    this.#held.set(request, (this.#held.get(request) ?? 0) + bytes);
    return true;
  }

  /** Gives back all that a request has. */
  release(request: object): void {
    this.give(this.#held.get(request) ?? 0);
    this.#held.delete(request);
  }
}

/** What is said of a body that there is no room for now. */
export function refuseFull(): Refusal {
  return new Refusal(503, "the server holds as many bodies as it can at once; try again", { "retry-after": "1" });
}
