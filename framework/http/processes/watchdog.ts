/**
 * When a process of a service is given up: it answers nobody any more, and nothing but its end helps. Pure.
 * @module
 */

/** What is known of a process, in milliseconds. */
export interface Watched {
  /** Since it last said that it lives. @default it has said nothing yet */
  readonly silent?: number | undefined;
  /** Since it was begun. */
  readonly age: number;
  /** How long its oldest work is under way, as it last said; 0 where it has none. */
  readonly oldest: number;
}

/** How long a process may be so, in milliseconds. */
export interface WatchLimits {
  /** A loop that hangs says nothing. A process may stand still for seconds, where the machine is busy or a large model is loaded, and be well. */
  readonly silent: number;
  /** Work that hangs beside the loop, as that of a runtime's own threads may, and a beginning that comes to nothing. */
  readonly stuck: number;
}

/** How often a process says that it lives, in milliseconds. */
export const beatMilliseconds = 250;

export const usualLimits: WatchLimits = { silent: 10_000, stuck: 60_000 };

/** Why a process is to be ended. @returns nothing for one that is well */
export function findHang({ silent, age, oldest }: Watched, limits: WatchLimits): string | undefined {
  if (silent === undefined) {
    return age > limits.stuck ? `has not begun to live for ${showSeconds(age)}` : undefined;
  }
  if (silent > limits.silent) return `has not said that it lives for ${showSeconds(silent)}`;
  // It goes on while it is silent.
  if (oldest > 0 && oldest + silent > limits.stuck) return `has work under way for ${showSeconds(oldest + silent)}`;
  return undefined;
}

function showSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** How long a process that ended waits for its successor, in milliseconds: longer each time that one after the other ends soon. */
export function findPause({ ended, lived }: { readonly ended: number; readonly lived: number }): number {
  return lived >= 60_000 ? firstPause : Math.min(firstPause * 2 ** ended, longestPause);
}

const firstPause = 100;
const longestPause = 5_000;
