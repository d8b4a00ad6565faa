/**
 * The look-ups and writes of an endpoint's entity: its routing, and what its server saw.
 * @module
 */
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { formatOf } from "../../framework/definitions/format.ts";
import { endpointSpec } from "../../framework/definitions/spec.ts";
import { readCanaryLabels } from "../../framework/feedback/canary-labels.ts";
import { type Evidence, evidenceSchema } from "../../framework/serving/variants/evidence.ts";
import { type Routing, routingRefName } from "../../framework/serving/variants/routing.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { EvidenceAnswer, EvidenceInput, LabelAnswer, LabelInput, PublishRoutingInput } from "./messages.ts";

export type EndpointActivities = ReturnType<typeof createEndpointActivities>;

export function createEndpointActivities({
  store,
  perform,
  performLong,
  logKey,
}: Pick<ActivityTools, "store" | "perform" | "performLong" | "logKey">) {
  return {
    /** The generation at which an endpoint's routing stands; 0 where there is none. */
    readRouting: (endpoint: string): Promise<number> =>
      perform(async () => (await store.readRef(routingRefName(endpoint)))?.generation ?? 0),

    /** Writes an endpoint's routing. The store refuses an older generation. */
    publishRouting: ({ endpoint, generation, salt, variants }: PublishRoutingInput): Promise<void> =>
      perform(async () => {
        const value: Routing = { format: formatOf("routing"), generation, salt, variants: [...variants] };
        await store.moveRef(routingRefName(endpoint), { generation, value });
      }),

    /** What the server saw of champion and canary. Fails for nothing: a server that says nothing is told of as it is. */
    readEvidence: ({ address, endpoint, generation }: EvidenceInput): Promise<EvidenceAnswer> =>
      perform(async () => {
        const evidence = await askEvidence(`${address}/${endpoint}/variants`);
        if (!evidence) return { silence: "the server does not say what it saw" };
        if (evidence.generation !== generation) {
          const problem = await askProblem(address);
          const silence = `the server goes by routing ${evidence.generation} and not by ${generation}`;
          return { silence: problem ? `${silence}: ${problem}` : silence };
        }
        const [champion, canary] = ["champion", "canary"].map((name) =>
          evidence.variants.find((variant) => variant.name === name),
        );
        return champion && canary
          ? { reading: { champion, canary } }
          : { silence: "the server does not have both versions" };
      }),

    /** What the matured labels of champion and canary say that the store has. */
    readCanaryLabels: ({ spec, ...terms }: LabelInput): Promise<LabelAnswer> =>
      performLong(
        "canary",
        async ({ signal, workFolder }) => {
          const { feedback, pii } = await store.getJson(spec, endpointSpec);
          if (!feedback) return { unread: "the endpoint takes none" };
          if (pii?.label !== undefined && logKey === undefined)
            return { unread: "they are hashed or encrypted, and the worker has no key to them" };
          const read = { ...terms, feedback, store, logKey, signal };
          return {
            evidence: await withDuckDb(workFolder, (db) => readCanaryLabels(db, read), { memory: "512MB", signal }),
          };
        },
        "labels",
      ),
  };
}

/** What a server saw of its variants. @returns nothing while it does not answer, or not as a model server that has some */
export async function askEvidence(url: string, signal?: AbortSignal): Promise<Evidence | undefined> {
  return evidenceSchema.safeParse(await askServer(url, signal)).data;
}

/** What keeps a server from going by what it is told. @returns nothing where nothing does, or it does not answer */
export async function askProblem(address: string, signal?: AbortSignal): Promise<string | undefined> {
  const readiness = await askServer(`${address}/v2/health/ready`, signal);
  return readinessSchema.safeParse(readiness).data?.problem;
}

/** What of a server's readiness is read. */
const readinessSchema = z.object({ problem: z.string().optional() });

/** The JSON of an answer, whatever its status. @returns nothing where there is none */
async function askServer(url: string, signal?: AbortSignal): Promise<unknown> {
  const limit = AbortSignal.timeout(2_000);
  return fetch(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit })
    .then((answer): Promise<unknown> => answer.json())
    .catch(() => undefined);
}
