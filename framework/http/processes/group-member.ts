/**
 * A member of a group of processes: one that says that it lives, and answers with the others what one of them is asked.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type FromGroup, type FromMember, type Gathered, memberVariables } from "./process-message.ts";
import { beatMilliseconds } from "./watchdog.ts";

/** How long the answers of the others are waited for, in milliseconds. */
const patience = 2_000;

export class GroupMember {
  /** Counts from 0. */
  readonly index: number;
  readonly count: number;
  readonly #answers = new Map<string, () => unknown>();
  readonly #listening = new Map<string, (value: unknown) => void>();
  readonly #told = new Map<string, unknown>();
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

  /** Answers a question, whichever member asks it; with nothing where the answer fails. */
  on(name: string, answer: () => unknown): void {
    this.#answers.set(name, answer);
  }

  /** Hears what all members are told by a name, what was told before too. */
  hear(name: string, take: (value: unknown) => void): void {
    this.#listening.set(name, take);
    if (this.#told.has(name)) take(this.#told.get(name));
  }

  /** It is ready to work. */
  ready(): void {
    this.#send({ kind: "ready" });
  }

  /** Asks all members. */
  async gather(name: string): Promise<Gathered> {
    const id = ++this.#asked;
    const own = async () => ({ values: [await this.#answer(name)], past: [] });
    const gathered = new Promise<Gathered>((resolve) => {
      this.#waiting.set(id, resolve);
      if (!this.#send({ kind: "question", id, name })) void own().then(resolve);
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
      void this.#answer(message.name).then((value) =>
        this.#send({ kind: "answer", id: message.id, name: message.name, value }),
      );
    } else if (message.kind === "told") {
      this.#told.set(message.name, message.value);
      this.#listening.get(message.name)?.(message.value);
    } else {
      const { values, past } = message;
      this.#waiting.get(message.id)?.({ values, past });
    }
  }

  async #answer(name: string): Promise<unknown> {
    try {
      return await this.#answers.get(name)?.();
    } catch {
      return undefined;
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
