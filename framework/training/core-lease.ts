/**
 * The lease of a machine's cores: jobs that would use more of them than there are wait their turn.
 * @module
 */

export interface CoreLease {
  /** How many cores there are. */
  readonly cores: number;
  /**
   * Waits until a job may use its cores, in the order of asking: a large job is not overtaken by small ones for ever. A job that
   * uses more than there are gets them all.
   *
   * @returns a function that gives them back
   * @throws the reason of `signal`, when it is aborted before
   */
  take(cpu: number, options?: TakeOptions): Promise<() => void>;
}

export interface TakeOptions {
  /** Ends the waiting. @default it waits as long as it takes */
  readonly signal?: AbortSignal | undefined;
  /** Told, where it has to wait, what it waits for. @default nothing */
  readonly onWait?: ((line: string) => void) | undefined;
}

interface Waiting {
  readonly share: number;
  readonly begin: () => void;
}

/** Creates the lease of a machine. @param cores how many it has; more than 0 */
export function createCoreLease(cores: number): CoreLease {
  let free = cores;
  const queue: Waiting[] = [];
  const serve = (): void => {
    // Parts of cores do not add up to the last bit.
    for (let [first] = queue; first && first.share <= free + 1e-6; [first] = queue) {
      queue.shift();
      free -= first.share;
      first.begin();
    }
  };
  return {
    cores,
    async take(cpu, { signal, onWait } = {}) {
      signal?.throwIfAborted();
      const share = Math.min(cpu, cores);
      const turn = Promise.withResolvers<void>();
      const waiting: Waiting = { share, begin: turn.resolve };
      queue.push(waiting);
      serve();
      const leave = (): void => {
        const place = queue.indexOf(waiting);
        // Whoever has begun meanwhile is ended by whoever it works for.
        if (place < 0) return;
        queue.splice(place, 1);
        turn.reject(signal?.reason);
        serve();
      };
      if (queue.includes(waiting)) {
        onWait?.(`waits its turn: ${say(share)}, ${Number(free.toFixed(2))} of ${cores} free`);
        signal?.addEventListener("abort", leave, { once: true });
      }
      await turn.promise.finally(() => signal?.removeEventListener("abort", leave));
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        free += share;
        serve();
      };
    },
  };
}

function say(cores: number): string {
  return cores === 1 ? "1 core" : `${cores} cores`;
}
