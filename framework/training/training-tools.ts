/**
 * What a machine needs to train: uv, a Python, and the user's cache.
 * @module
 */
import { locateUserCache } from "../toolchain/cache.ts";
import { findPython } from "../toolchain/python.ts";
import { ensureTools } from "../toolchain/toolchain.ts";

export interface TrainingTools {
  /** The path of uv. */
  readonly uv: string;
  /** The path of the Python that environments stand on. */
  readonly python: string;
  /** The user's cache, where environments are kept. */
  readonly cacheFolder: string;
}

/**
 * Finds the tools of this machine; uv is installed where it has none that fits.
 *
 * @throws StewardError when there is no Python ≥ 3.11, or uv cannot be got.
 */
export async function findTrainingTools(signal?: AbortSignal): Promise<TrainingTools> {
  const [{ uv }, python] = await Promise.all([ensureTools(["uv"], signal ? { signal } : {}), findPython()]);
  return { uv: uv.path, python: python.path, cacheFolder: locateUserCache() };
}
