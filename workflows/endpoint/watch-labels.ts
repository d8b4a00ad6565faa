/**
 * The labels of a version on its way, read beside everything else: a log is long to read, and whoever decides on the version, a person
 * or what is seen of its requests, does not wait for it.
 * @module
 */
import { condition, proxyActivities } from "@temporalio/workflow";
import { reasonsOf } from "../entity/reasons.ts";
import type { EndpointActivities } from "./activities.ts";
import { findLabelTime, listLabelMetrics } from "./canary-labels.ts";
import type { CanaryMemory, EndpointEntity, LabelAnswer } from "./messages.ts";

const { readCanaryLabels } = proxyActivities<EndpointActivities>({
  startToCloseTimeout: "10 minutes",
  heartbeatTimeout: "20 seconds",
  retry: { initialInterval: "1 second", maximumAttempts: 3 },
  summary: "what do the labels say?",
});

/** Reads labels whenever the time has come, and has the version looked at then. */
export async function watchLabels(entity: EndpointEntity): Promise<never> {
  for (;;) {
    await condition(() => findLabelTime(entity.memory.canary) !== undefined);
    const { canary } = entity.memory;
    const at = findLabelTime(canary);
    if (!canary || at === undefined) continue;
    const left = at - Date.now();
    const hasChanged = () => findLabelTime(entity.memory.canary) !== at;
    if (left > 0 && (await condition(hasChanged, left))) continue;
    await read(entity, canary);
  }
}

async function read(entity: EndpointEntity, asked: CanaryMemory): Promise<void> {
  const asOf = Date.now();
  const { since = asOf, released } = asked;
  const answer = await ask(entity, { ...asked, since }, asOf);
  const { canary } = entity.memory;
  // What was read of a step that is over says nothing of the next one.
  if (canary?.released !== released || canary.since !== since) return;
  entity.memory = { ...entity.memory, canary: { ...canary, labels: { at: asOf, ...answer }, checkDue: true } };
}

async function ask(
  entity: EndpointEntity,
  { released, rollout, since }: CanaryMemory & { readonly since: number },
  asOf: number,
): Promise<LabelAnswer> {
  const { champion } = entity.memory;
  if (!champion) return { unread: "there is no version to compare with" };
  const nameOf = ({ version, package: digest }: typeof released) => ({ version, package: digest });
  try {
    return await readCanaryLabels({
      endpoint: entity.start.name,
      spec: entity.desired.spec,
      metrics: listLabelMetrics(rollout),
      since,
      asOf,
      canary: nameOf(released),
      champion: nameOf(champion),
    });
  } catch (error) {
    return { unread: reasonsOf(error)[0] ?? "nobody knows why" };
  }
}
