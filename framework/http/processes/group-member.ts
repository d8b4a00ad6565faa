/**
 * A member of a group of processes: one that says that it lives, and answers with the others what one of them is asked.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type FromGroup, type FromMember, memberVariables } from "./process-message.ts";
import { beatMilliseconds } from "./watchdog.ts";

/** How long the answers of the others are waited for, in milliseconds. */
const patience = 2_000;

/** What the members answered. */
export interface Gathered {
  /** Of those that answered in time, in the members' order; those of one that hangs or begins are missing. */
  readonly values: readonly unknown[];
  /** How many members there are. */
  readonly of: number;
}

export class GroupMember {
  /** Counts from 0. */
  readonly index: number;
  readonly count: number;
  readonly #answers = new Map<string, () => unknown>();
  readonly #waiting = new Map<number, (gathered: Gathered) => void>();
  #asked = 0;
  #measure = (): number => 0;

  constructor(index: number, count: number) {
    this.index = index;
    this.count = count;
    process.on("message", (message) => this.#take(message as FromGroup));
    setInterval(() => this.#send({ kind: "beat", oldest: this.#measure() }), beatMilliseconds).unref();
  }

  /** Says how to tell for how long the oldest work is under way, in milliseconds. @default there is none */
  measure(oldest: () => number): void {
    this.#measure = oldest;
  }

  /** Answers a question, whichever member asks it. */
  on(name: string, answer: () => unknown): void {
    this.#answers.set(name, answer);
  }

  /** It is ready to work. */
  ready(): void {
    this.#send({ kind: "ready" });
  }

  /** Asks all members. */
  async gather(name: string): Promise<Gathered> {
    const id = ++this.#asked;
    const own = () => ({ values: [this.#answers.get(name)?.()], of: this.count });
    const gathered = new Promise<Gathered>((resolve) => {
      this.#waiting.set(id, resolve);
      if (!this.#send({ kind: "question", id, name })) resolve(own());
    });
    const done = new AbortController();
    try {
      const late = sleep(patience, undefined, { signal: done.signal }).then(own, own);
      return await Promise.race([gathered, late]);
    } finally {
      done.abort();
      this.#waiting.delete(id);
    }
  }

  #take(message: FromGroup): void {
    if (message.kind === "question") {
      this.#send({ kind: "answer", id: message.id, value: this.#answers.get(message.name)?.() });
    } else {
      const { values, of } = message;
      this.#waiting.get(message.id)?.({ values, of });
    }
  }

  /** @returns whether there is anybody to take it */
  #send(message: FromMember): boolean {
    if (!process.connected) return false;
    // A group that ended says so by the end of the line.
    process.send?.(message, undefined, {}, () => undefined);
    return true;
  }
}

/** The member that this process is. @returns nothing where it is of no group */
export function joinGroup(environment: NodeJS.ProcessEnv): GroupMember | undefined {
  const [index, count] = [environment[memberVariables.index], environment[memberVariables.count]].map(Number);
  return process.connected && index !== undefined && count !== undefined && index >= 0 && count > index
    ? new GroupMember(index, count)
    : undefined;
}
