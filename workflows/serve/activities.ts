/**
 * The work of a shift: asking the server until it has the version.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { ActivityTools } from "../activity-tools.ts";
import type { ServeInput } from "./messages.ts";

export type ServeActivities = ReturnType<typeof createServeActivities>;

export function createServeActivities({ performLong }: Pick<ActivityTools, "performLong">) {
  return {
    /** Returns when the server says that this version, or a later one, is ready. The server follows the production ref by itself. */
    awaitServing: ({ address, model, version }: ServeInput): Promise<void> =>
      performLong("serve", async ({ signal, show }) => {
        for (;;) {
          const seen = await readVersion(`${address}/v2/models/${model}`, signal);
          if (seen >= version) return;
          show(
            seen === 0
              ? `waiting for the server at ${address}`
              : `the server has version ${seen}, waiting for ${version}`,
          );
          await delay(200, undefined, { signal });
        }
      }),
  };
}

/** What of a model's metadata is read. */
const metadataSchema = z.object({ versions: z.array(z.coerce.number().int()) });

/** The version a server answers with; 0 while it does not answer, or not as a model server that has one. */
async function readVersion(url: string, signal: AbortSignal): Promise<number> {
  const body = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) })
    .then((answer): Promise<unknown> | undefined => (answer.ok ? answer.json() : undefined))
    .catch(() => undefined);
  signal.throwIfAborted();
  return Math.max(0, ...(metadataSchema.safeParse(body).data?.versions ?? []));
}
