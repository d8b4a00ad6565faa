/**
 * Many pieces of work, a few at a time.
 * @module
 */

/**
 * Does the same with each of many items, at most `limit` at once, and returns the results in the order of the items. The
 * first failure ends it: what is under way is waited for, the rest is not begun.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const waiting = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    // They share one iterator: whoever is free takes the next item.
    for (const [index, item] of waiting) {
      if (failed) return;
      results[index] = await work(item);
    }
  };
  const fail = (error: unknown): never => {
    failed = true;
    throw error;
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, () => worker().catch(fail));
  const outcomes = await Promise.allSettled(workers);
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure) throw failure.reason;
  return results;
}

/** Work that goes on in the background, at most `limit` pieces at once. */
export class Background {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Begins a piece of work as soon as there is room for it. @throws the first failure of what was begun before */
  async begin(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#check();
    const running = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Waits for all that was begun. @throws the first failure among it */
  async end(): Promise<void> {
    await this.settle();
    this.#check();
  }

  /** Waits for all that was begun, however it ends. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/** Work that is begun in the order in which it was asked for, so many pieces at once. */
export class Queue {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param limit how many at once. @default 1: one piece after another */
  constructor(limit = 1) {
    this.#free = limit;
  }

  /** Does a piece of work when there is room for it, however what was before it ends. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever waits longest takes the place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** Does the same with each value of a record, all at once, and returns the results under the values' names. */
export async function mapValues<A, B>(
  values: Readonly<Record<string, A>>,
  map: (value: A) => Promise<B>,
): Promise<Record<string, B>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(values).map(async ([key, value]) => [key, await map(value)] as const)),
  );
}
