/**
 * Filling the online store with what an endpoint's server looks up, at a shift and whenever it is time.
 * @module
 */
import { condition, proxyActivities } from "@temporalio/workflow";
import { listBeside } from "../../framework/definitions/models-beside.ts";
import { quickWork } from "../activity-options.ts";
import { runStep } from "../entity/step.ts";
import type { MaterialiseOnlineActivities } from "../materialise-online/activities.ts";
import { materialiseOnline } from "../materialise-online/workflow.ts";
import type { EndpointEntity, Released } from "./messages.ts";
import { findRefresh } from "./refresh.ts";
import { findReleased } from "./traffic.ts";

const { lookUpOnline } = proxyActivities<MaterialiseOnlineActivities>({
  ...quickWork,
  summary: "which features does the server look up?",
});

/** Whether the server of a release looks features up. */
export async function looksUp({ package: digest, desired }: Released): Promise<boolean> {
  const { datasets } = await lookUpOnline({ package: digest, ...(desired && { desired }) });
  return datasets.length > 0;
}

/** Puts the features that the server of a release looks up into the online store, as of now. */
export async function fill(
  entity: EndpointEntity,
  { version, package: digest, desired }: Released,
  subject = `${entity.start.name}@v${version}`,
): Promise<void> {
  // Before the work: when it fails, it is tried again then.
  entity.memory = { ...entity.memory, refreshAt: findRefresh(entity.desired.refresh, Date.now()), refreshDue: false };
  const { asOf } = entity.desired;
  const made = Object.entries(desired?.datasets ?? {}).map(([name, { root }]) => [name, root] as const);
  const step = {
    step: "materialise-online",
    subject,
    summary: `putting the features of version ${version} into the online store`,
    workflow: materialiseOnline,
    input: {
      package: digest,
      roots: { ...Object.fromEntries(made), ...entity.desired.datasets },
      ...(asOf !== undefined && { asOf }),
    },
  } as const;
  while ((await runStep(entity, step)) === "elsewhere");
}

/** Does the same for every release that an endpoint's routing has or is to have: its own, a canary's and those of the models beside. */
export async function fillRouted(entity: EndpointEntity): Promise<void> {
  const { champion, canary, shadows = {} } = entity.memory;
  let looked = false;
  for (const released of [champion, canary?.released]) {
    if (!released || !(await looksUp(released))) continue;
    looked = true;
    await fill(entity, released);
  }
  for (const model of listBeside(entity.desired)) {
    const released = findReleased(shadows[model]);
    if (!released || !(await looksUp(released))) continue;
    looked = true;
    await fill(entity, released, `${entity.start.name}@${model}.v${released.version}`);
  }
  if (!looked) entity.memory = { ...entity.memory, refreshAt: undefined, refreshDue: false };
}

/** Says so whenever the time has come to fill the online store again. */
export async function watchRefresh(entity: EndpointEntity): Promise<never> {
  for (;;) {
    await condition(() => entity.memory.refreshAt !== undefined);
    const at = entity.memory.refreshAt ?? 0;
    const hasChanged = () => entity.memory.refreshAt !== at;
    if (await condition(hasChanged, Math.max(1, at - Date.now()))) continue;
    entity.memory = { ...entity.memory, refreshDue: true };
    await condition(hasChanged);
  }
}
