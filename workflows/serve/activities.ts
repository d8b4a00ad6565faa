/**
 * The work of a shift: asking the server until it has the version.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { ActivityTools } from "../activity-tools.ts";
import { askEvidence, askProblem } from "../endpoint/activities.ts";
import type { ServeInput } from "./messages.ts";

export type ServeActivities = ReturnType<typeof createServeActivities>;

export function createServeActivities({ performLong }: Pick<ActivityTools, "performLong">) {
  return {
    /**
     * Returns when the server says that this version, or a later one, is ready, and that it goes by the endpoint's routing, where
     * there is one. The server follows both refs by itself.
     */
    awaitServing: ({ address, model, version, routing }: ServeInput): Promise<void> =>
      performLong("serve", async ({ signal, show }) => {
        for (;;) {
          const lacks =
            (routing && (await findRoutingLack(address, routing, signal))) ??
            // A version that a routing names is there with it, and need not be the latest.
            (routing && routing.generation > 0
              ? undefined
              : await findVersionLack({ address, model, version }, signal));
          if (lacks === undefined) return;
          show(lacks);
          await delay(200, undefined, { signal });
        }
      }),
  };
}

/** What a server has instead of a routing. @returns nothing when it goes by it */
async function findRoutingLack(
  address: string,
  { endpoint, generation }: NonNullable<ServeInput["routing"]>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const evidence = await askEvidence(`${address}/${endpoint}/variants`, signal);
  signal.throwIfAborted();
  if (!evidence) return `waiting for the server at ${address}`;
  const { generation: seen } = evidence;
  if (generation === 0 ? seen === 0 : seen >= generation) return undefined;
  const problem = await askProblem(address, signal);
  signal.throwIfAborted();
  const lack = `the server goes by routing ${seen || "none"}, waiting for ${generation || "none"}`;
  return problem ? `${lack}: ${problem}` : lack;
}

/** What a server has instead of a version. @returns nothing when it has the version */
async function findVersionLack(
  { address, model, version }: Pick<ServeInput, "address" | "model" | "version">,
  signal: AbortSignal,
): Promise<string | undefined> {
  const seen = await readVersion(`${address}/v2/models/${model}`, signal);
  if (seen >= version) return undefined;
  return seen === 0 ? `waiting for the server at ${address}` : `the server has version ${seen}, waiting for ${version}`;
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
