/**
 * How many processes a model server runs in. Pure.
 * @module
 */

/** More are told by their number: each holds the models once more. */
const mostUnasked = 4;

/**
 * How many there are.
 *
 * @param asked what the endpoint says, or 0 for none beside the one that asks. @default one for each core, at most 4
 * @returns nothing for none, and where processes cannot share a port, which they can on Linux alone: the server is then one process by itself
 */
export function countProcesses(
  asked: number | undefined,
  { platform, cores }: { readonly platform: NodeJS.Platform; readonly cores: number },
): number | undefined {
  if (platform !== "linux" || asked === 0) return undefined;
  return asked ?? Math.max(1, Math.min(cores, mostUnasked));
}
