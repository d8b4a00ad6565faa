/**
 * Waiting that can be given up.
 * @module
 */

/** Waits for something unless told to stop before; it goes on, for whoever asks next. @throws the reason of `signal` */
export async function unlessStopped<T>(something: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([stopped.promise, something]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
