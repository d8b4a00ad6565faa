/**
 * An endpoint's routing, written and waited for.
 * @module
 */
import { CancellationScope, condition, isCancellation, proxyActivities } from "@temporalio/workflow";
import type { Routing, Variant } from "../../framework/serving/variants/routing.ts";
import { quickWork } from "../activity-options.ts";
import { runStep } from "../entity/step.ts";
import { serve } from "../serve/workflow.ts";
import type { EndpointActivities } from "./activities.ts";
import type { EndpointEntity, Released } from "./messages.ts";
import { findArmsSalt, isRoutedOtherwise, wantVariants } from "./traffic.ts";

const { readRouting } = proxyActivities<EndpointActivities>({
  ...quickWork,
  summary: "where does the endpoint's routing stand?",
});
const { publishRouting } = proxyActivities<EndpointActivities>({ ...quickWork, summary: "write the routing" });

/** Writes what the routing should say, under the next generation, which is returned. */
export async function publish(entity: EndpointEntity): Promise<number> {
  const { name } = entity.start;
  const generation = (entity.memory.routing?.generation ?? (await readRouting(name))) + 1;
  if (entity.memory.leaving) throw new Error(`endpoint "${name}" is being retired`);
  const variants = wantVariants(entity.desired, entity.memory);
  const salt = findArmsSalt(entity.desired, entity.memory);
  return write(entity, { generation, variants, ...(salt !== undefined && { salt }) });
}

/** Leaves the server to production, where a routing was written before. */
export async function withdraw(entity: EndpointEntity): Promise<void> {
  const { routing } = entity.memory;
  entity.memory = { ...entity.memory, leaving: true };
  if (!routing || routing.variants?.length === 0) return;
  try {
    const generation = (routing.generation ?? (await readRouting(entity.start.name))) + 1;
    await write(entity, { generation, variants: [] });
  } catch (error) {
    // It stays, and goes on with its work.
    entity.memory = { ...entity.memory, leaving: false };
    throw error;
  }
}

async function write(
  entity: EndpointEntity,
  routing: Pick<Routing, "generation"> & { readonly variants: readonly Variant[]; readonly salt?: string },
): Promise<number> {
  const { name } = entity.start;
  const { generation } = routing;
  // Whatever becomes of the write, its generation is taken.
  entity.memory = { ...entity.memory, routing: { generation } };
  const salt = routing.salt ?? entity.memory.canary?.salt ?? name;
  try {
    await publishRouting({ endpoint: name, ...routing, salt });
  } catch (error) {
    // Where another one wrote it, it is asked again where it stands. That there is one is known.
    if (!isCancellation(error)) entity.memory = { ...entity.memory, routing: {} };
    throw error;
  }
  entity.memory = { ...entity.memory, routing };
  return generation;
}

/** What is waited for. */
interface Awaited {
  readonly generation: number;
  readonly released: Released;
  /** How long at most, in milliseconds. @default as long as it takes */
  readonly limit?: number;
}

/** How a wait ended: `overtaken` where something else has to be done by now, because of a promotion or of what a person decided. */
export type WaitEnd = "served" | "overtaken" | "late";

/** Waits until the server goes by a routing, and answers with a release. */
export function untilServed(entity: EndpointEntity, { generation, released, limit }: Awaited): Promise<WaitEnd> {
  const { address, model } = entity.desired;
  const { name } = entity.start;
  const { version, package: digest } = released;
  const routed = entity.memory.routing?.variants?.length !== 0;
  const step = {
    step: "serve",
    subject: `${name}@v${version}.${generation}`,
    summary: entity.memory.canary
      ? `canary: version ${entity.memory.canary.released.version} of ${model} gets its share`
      : `shifting to version ${version} of ${model}`,
    workflow: serve,
    input: {
      address,
      model,
      version,
      package: digest,
      routing: { endpoint: name, generation: routed ? generation : 0 },
    },
  } as const;
  return unlessOvertaken(entity, {
    limit,
    work: async () => {
      while ((await runStep(entity, step)) === "elsewhere");
    },
  });
}

/** Works until a promotion makes it pointless, a person decides on a canary, or it has taken too long. */
async function unlessOvertaken(
  entity: EndpointEntity,
  { work, limit }: { readonly work: () => Promise<void>; readonly limit: number | undefined },
): Promise<WaitEnd> {
  const { promoted, canary } = entity.memory;
  const isOvertaken = () => {
    const { promoted: now, canary: moving } = entity.memory;
    // An arm that its server cannot load keeps nobody from the next release of its model.
    if (entity.desired.experiment && isRoutedOtherwise(entity.desired, entity.memory)) return true;
    return now?.version !== promoted?.version || now?.package !== promoted?.package || moving?.asked !== canary?.asked;
  };
  const scope = new CancellationScope();
  let end: WaitEnd | undefined;
  const changed = () => end !== undefined || isOvertaken();
  // Ends with the work, whatever ends that.
  const watch = CancellationScope.nonCancellable(async () => {
    const inTime = limit === undefined ? await condition(changed) : await condition(changed, limit);
    if (end !== undefined) return;
    end = inTime === false ? "late" : "overtaken";
    scope.cancel();
  });
  try {
    await scope.run(work);
    end ??= "served";
    return end;
  } catch (error) {
    // What was cancelled here may end in another way, where its worker was lost.
    if (end !== undefined && !CancellationScope.current().consideredCancelled) return end;
    throw error;
  } finally {
    end ??= "served";
    await watch;
  }
}
