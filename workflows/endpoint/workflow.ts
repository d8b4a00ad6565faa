/**
 * An endpoint's entity: follows the promotions of its model, sees to it that the features that its server looks up are in
 * the online store, and records what its server answers with.
 * @module
 */
import {
  CancellationScope,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  patched,
  proxyActivities,
  setHandler,
  setWorkflowOptions,
} from "@temporalio/workflow";
import type {
  DesiredEndpoint,
  EntityStart,
  LiveEndpoint,
  PromotedMessage,
  SubscribeMessage,
} from "../../framework/engine/messages.ts";
import { entityId, signalNames } from "../../framework/engine/messages.ts";
import { quickWork } from "../activity-options.ts";
import { Entity, runEntity } from "../entity/entity.ts";
import { failWith } from "../entity/reasons.ts";
import { runStep } from "../entity/step.ts";
import type { MaterialiseOnlineActivities } from "../materialise-online/activities.ts";
import { materialiseOnline } from "../materialise-online/workflow.ts";
import { serve } from "../serve/workflow.ts";
import { findRefresh, isFollowing } from "./refresh.ts";

const { lookUpOnline } = proxyActivities<MaterialiseOnlineActivities>({
  ...quickWork,
  summary: "which features does the server look up?",
});

const promotedSignal = defineSignal<[PromotedMessage]>(signalNames.promoted);
const subscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.subscribe);
const unsubscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.unsubscribe);

interface EndpointMemory {
  /** The model subscribed to. @default none yet */
  readonly model?: string;
  /** What the model said last is in production. @default it has not answered yet */
  readonly promoted?: PromotedMessage["promoted"];
  /** When the online store is filled again, in milliseconds since 1970. @default it is not */
  readonly refreshAt?: number | undefined;
  /** Whether that time has come. @default it has not */
  readonly refreshDue?: boolean;
}

type EndpointEntity = Entity<DesiredEndpoint, LiveEndpoint, EndpointMemory>;

export async function endpointEntity(start: EntityStart): Promise<void> {
  const entity: EndpointEntity = new Entity(start, {});
  const modelHandle = (model: string) => getExternalWorkflowHandle(entityId(start.project, "model", model));

  setHandler(promotedSignal, ({ model, promoted }) => {
    if (model === entity.memory.model) entity.memory = { ...entity.memory, promoted };
  });

  const settle = async () => {
    const { model } = entity.desired;
    if (entity.memory.model !== model) {
      await leave();
      entity.memory = { model };
      entity.set({ summary: `asking model "${model}" what is in production` });
    }
    await modelHandle(model)
      .signal(subscribeSignal, { endpoint: start.name })
      .catch(() => {
        throw failWith([`there is no model "${model}" for endpoint "${start.name}" to serve`]);
      });
    await condition(() => entity.memory.promoted !== undefined);
    await follow(entity);
  };
  const leave = async () => {
    const { model } = entity.memory;
    // A model that ended meanwhile needs no telling.
    if (model)
      await modelHandle(model)
        .signal(unsubscribeSignal, { endpoint: start.name })
        .catch(() => undefined);
  };
  const next = () => {
    if (entity.status.generation > entity.status.settled) return settle;
    if (isBehind(entity)) return () => follow(entity);
    return entity.memory.refreshDue && isFollowing(entity.memory.promoted, entity.live)
      ? () => refresh(entity)
      : undefined;
  };
  // Outlives a cancellation, as the entity does.
  void CancellationScope.nonCancellable(() => watchRefresh(entity));
  await runEntity(entity, { next, retire: leave });
}

setWorkflowOptions({ versioningBehavior: "AUTO_UPGRADE" }, endpointEntity);

function isBehind(entity: EndpointEntity): boolean {
  const { promoted } = entity.memory;
  if (promoted?.version === undefined || entity.status.state === "failed") return false;
  return promoted.version !== entity.live?.version || promoted.package !== entity.live.package;
}

/** Waits until the server answers with what is in production. */
async function follow(entity: EndpointEntity): Promise<void> {
  const { version, package: digest } = entity.memory.promoted ?? {};
  if (version === undefined || digest === undefined) {
    entity.settle("awaiting-approval", `waiting for the first release of model "${entity.desired.model}"`);
    return;
  }
  const { address, model } = entity.desired;
  const step = {
    step: "serve",
    subject: `${entity.start.name}@v${version}`,
    summary: `shifting to version ${version} of ${model}`,
    workflow: serve,
    input: { address, model, version, package: digest },
  } as const;
  // One of that name may still be ending, left by an endpoint that was retired: it has asked another server.
  while ((await runStep(entity, step)) === "elsewhere");
  const live: LiveEndpoint = { kind: "endpoint", address, version, package: digest };
  if (patched("materialise-online")) {
    const { desired } = entity.memory.promoted ?? {};
    const { datasets } = await lookUpOnline({ package: digest, ...(desired && { desired }) });
    if (datasets.length > 0) {
      await fill(entity).catch((error: unknown) => {
        // It answers with the version whatever becomes of the features.
        entity.set({ live });
        throw error;
      });
    } else entity.memory = { ...entity.memory, refreshAt: undefined, refreshDue: false };
  }
  entity.settle("ready", `serving version ${version} of ${model}`, { live });
}

/** Puts the features that the server looks up into the online store, as of now. */
async function fill(entity: EndpointEntity): Promise<void> {
  const { promoted } = entity.memory;
  const { version, package: digest, desired } = promoted ?? {};
  if (version === undefined || digest === undefined) throw new Error("nothing is in production to fill the store for");
  // Before the work: when it fails, it is tried again then.
  entity.memory = { ...entity.memory, refreshAt: findRefresh(entity.desired.refresh, Date.now()), refreshDue: false };
  const { asOf } = entity.desired;
  const made = Object.entries(desired?.datasets ?? {}).map(([name, { root }]) => [name, root] as const);
  const step = {
    step: "materialise-online",
    subject: `${entity.start.name}@v${version}`,
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

/** Fills the online store again: windows move on although no row is new. */
async function refresh(entity: EndpointEntity): Promise<void> {
  await fill(entity);
  const { version } = entity.live ?? {};
  entity.settle("ready", `serving version ${version} of ${entity.desired.model}`);
}

/** Says so whenever the time has come to fill the online store again. */
async function watchRefresh(entity: EndpointEntity): Promise<never> {
  for (;;) {
    await condition(() => entity.memory.refreshAt !== undefined);
    const at = entity.memory.refreshAt ?? 0;
    const hasChanged = () => entity.memory.refreshAt !== at;
    if (await condition(hasChanged, Math.max(1, at - Date.now()))) continue;
    entity.memory = { ...entity.memory, refreshDue: true };
    await condition(hasChanged);
  }
}
