/**
 * Turning the signals by which people and systems end a process into an orderly end.
 * @module
 */
import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Why something was given up: the process was told to end. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** The exit code that shells expect for the signal. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals;
  /** What becomes of what was under way, for whoever interrupted it. */
  readonly rest: string;

  /** @param rest @default "nothing half-done is left, the next run continues" */
  constructor(signal: NodeJS.Signals, rest = "nothing half-done is left, the next run continues") {
    super(`interrupted by ${signal}`);
    this.signal = signal;
    this.rest = rest;
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** From now until disposal, the first signal to end aborts `signal` with an `Interruption`; a second one ends at once. */
export function watchInterruption(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stopWatching = () => {
    for (const name of signals) process.off(name, interrupt);
  };
  const interrupt = (name: NodeJS.Signals) => {
    stopWatching();
    controller.abort(new Interruption(name));
  };
  for (const name of signals) process.on(name, interrupt);
  return { signal: controller.signal, [Symbol.dispose]: stopWatching };
}
