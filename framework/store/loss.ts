/**
 * Losses: what the store had and has no more as it was written, in words.
 * @module
 */
import type { z } from "zod";
import type { Digest } from "../plan/digest.ts";
import type { ObjectState } from "./objects.ts";
import type { Store } from "./store.ts";
import { unlessLost } from "./unless-lost.ts";

/** A loss for people, as the end of a sentence: `the model file of its run is gone from the store`. */
export function sayLoss(what: string, state: Exclude<ObjectState, "whole">): string {
  return state === "gone" ? `${what} is gone from the store` : `${what} has other bytes in the store than were written`;
}

/** A document of the store, or how it is lost: one of another shape than was asked for counts as altered. */
export async function readOrLose<T>(
  store: Pick<Store, "has" | "getJson">,
  digest: Digest,
  schema: z.ZodType<T>,
): Promise<{ readonly document: T } | { readonly state: Exclude<ObjectState, "whole"> }> {
  if (!(await store.has(digest))) return { state: "gone" };
  const document = await unlessLost(store.getJson(digest, schema));
  return document === undefined ? { state: "altered" } : { document };
}
