/**
 * An endpoint's entity: follows the promotions of its model, sees to it that the features that its server looks up are in
 * the online store, and records what its server answers with.
 * @module
 */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  patched,
  setHandler,
  setWorkflowOptions,
} from "@temporalio/workflow";
import { listBeside } from "../../framework/definitions/models-beside.ts";
import { entityId } from "../../framework/engine/entity-names.ts";
import type { LiveEndpoint } from "../../framework/engine/entity-status.ts";
import type {
  EntityStart,
  PromotedMessage,
  RolloutMessage,
  SubscribeMessage,
} from "../../framework/engine/messages.ts";
import { messageNames, signalNames } from "../../framework/engine/messages.ts";
import { Entity, runEntity } from "../entity/entity.ts";
import { failWith } from "../entity/reasons.ts";
import { runStep } from "../entity/step.ts";
import { serve } from "../serve/workflow.ts";
import { sayServing } from "./experiment.ts";
import { fill, fillRouted, looksUp, watchRefresh } from "./fill.ts";
import { forgetLook, watchExperiment } from "./look.ts";
import type { EndpointEntity, EndpointMemory } from "./messages.ts";
import { isFollowing } from "./refresh.ts";
import { checkCanary, rollOut, watchCanary } from "./roll-out.ts";
import { withdraw } from "./route.ts";
import { findReleased, isBehind, isRouted } from "./traffic.ts";
import { watchLabels } from "./watch-labels.ts";

const promotedSignal = defineSignal<[PromotedMessage]>(signalNames.promoted);
const subscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.subscribe);
const unsubscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.unsubscribe);
const advanceUpdate = defineUpdate<void, [RolloutMessage]>(messageNames.advance);
const abortUpdate = defineUpdate<void, [RolloutMessage]>(messageNames.abort);

export async function endpointEntity(start: EntityStart): Promise<void> {
  const entity: EndpointEntity = new Entity(start, {});
  const remember = (change: Partial<EndpointMemory>) => {
    entity.memory = { ...entity.memory, ...change };
  };
  const modelHandle = (model: string) => getExternalWorkflowHandle(entityId(start.project, "model", model));
  // A model that ended meanwhile needs no telling.
  const unsubscribe = (model: string) =>
    modelHandle(model)
      .signal(unsubscribeSignal, { endpoint: start.name })
      .catch(() => undefined);
  const subscribe = (model: string) =>
    modelHandle(model)
      .signal(subscribeSignal, { endpoint: start.name })
      .catch(() => {
        throw failWith([`there is no model "${model}" for endpoint "${start.name}" to serve`]);
      });

  setHandler(promotedSignal, ({ model, promoted }) => {
    const { shadows } = entity.memory;
    if (model === entity.memory.model) remember({ promoted });
    else if (shadows && Object.hasOwn(shadows, model)) remember({ shadows: { ...shadows, [model]: promoted } });
  });
  for (const [update, does] of [
    [advanceUpdate, "advance"],
    [abortUpdate, "abort"],
  ] as const) {
    setHandler(
      update,
      ({ actor, reason }) => {
        const { canary } = entity.memory;
        if (canary) remember({ canary: { ...canary, asked: { does, actor, reason } } });
      },
      {
        validator: (message) => {
          entity.checkFormat(message);
          if (!entity.memory.canary) throw refuseIdle(start.name);
        },
        description: does === "advance" ? "Go to the canary's next step." : "Take the canary back.",
      },
    );
  }

  const settle = async () => {
    const { model } = entity.desired;
    forgetLook(entity);
    if (entity.memory.model !== model) {
      await leave();
      const { routing } = entity.memory;
      entity.memory = { model, ...(routing && { routing }) };
      entity.set({ summary: `asking model "${model}" what is in production` });
    } else if (!entity.memory.champion && entity.live) {
      const { version, package: digest } = entity.live;
      remember({ champion: { version, package: digest } });
    }
    await subscribe(model);
    await settleBeside();
    await condition(() => entity.memory.promoted !== undefined);
    await follow(entity);
  };
  const settleBeside = async () => {
    const asked = listBeside(entity.desired);
    const { shadows = {} } = entity.memory;
    for (const left of Object.keys(shadows)) if (!asked.includes(left)) await unsubscribe(left);
    if (asked.length === 0 && Object.keys(shadows).length === 0) return;
    remember({ shadows: Object.fromEntries(asked.map((name) => [name, entity.memory.shadows?.[name]])) });
    for (const name of asked) await subscribe(name);
    await condition(() => asked.every((name) => entity.memory.shadows?.[name] !== undefined));
  };
  const leave = async () => {
    const { model, shadows = {} } = entity.memory;
    if (model) await unsubscribe(model);
    for (const shadow of Object.keys(shadows)) await unsubscribe(shadow);
  };
  const next = () => {
    const { desired, live, memory } = entity;
    if (entity.status.generation > entity.status.settled) return settle;
    if (isBehind({ desired, memory, live, failed: entity.status.state === "failed" })) return () => follow(entity);
    const { canary, promoted, refreshDue } = memory;
    if (canary?.checkDue || canary?.asked) return () => checkCanary(entity);
    // A version that was taken back leaves the one before it to be kept up.
    const isAnswering = isFollowing(promoted, live) || canary?.since !== undefined || memory.held !== undefined;
    return refreshDue && isAnswering ? () => refresh(entity) : undefined;
  };
  // Outlives a cancellation, as the entity does.
  void CancellationScope.nonCancellable(() => watchRefresh(entity));
  void CancellationScope.nonCancellable(() => watchCanary(entity));
  void CancellationScope.nonCancellable(() => watchExperiment(entity));
  void CancellationScope.nonCancellable(() => watchLabels(entity));
  await runEntity(entity, {
    next,
    retire: async () => {
      await leave();
      await withdraw(entity);
      if (entity.status.canary) entity.set({ canary: undefined });
    },
  });
}

setWorkflowOptions({ versioningBehavior: "AUTO_UPGRADE" }, endpointEntity);

/** Waits until the server answers with what is in production, as far as the rollout has come. */
async function follow(entity: EndpointEntity): Promise<void> {
  const released = findReleased(entity.memory.promoted);
  if (!released) {
    entity.settle("awaiting-approval", `waiting for the first release of model "${entity.desired.model}"`);
    return;
  }
  if (isRouted(entity.desired, entity.memory)) return rollOut(entity, released);
  const { version, package: digest } = released;
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
  entity.memory = { ...entity.memory, champion: released };
  if (patched("materialise-online")) {
    if (await looksUp(released)) {
      await fill(entity, released).catch((error: unknown) => {
        // It answers with the version whatever becomes of the features.
        entity.set({ live });
        throw error;
      });
    } else entity.memory = { ...entity.memory, refreshAt: undefined, refreshDue: false };
  }
  entity.settle("ready", `serving version ${version} of ${model}`, { live });
}

/** Fills the online store again: windows move on although no row is new. */
async function refresh(entity: EndpointEntity): Promise<void> {
  const { memory } = entity;
  const { promoted, canary, held } = memory;
  const { summary } = entity.status;
  const released = findReleased(promoted);
  if (isRouted(entity.desired, entity.memory)) await fillRouted(entity);
  else if (released) await fill(entity, released);
  // How a version on its way is, or why it was taken back, is still so.
  if (canary || held !== undefined) entity.set({ summary });
  else entity.settle("ready", sayServing(entity.desired, memory, entity.live?.version));
}

function refuseIdle(name: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: "refused",
    message: `endpoint "${name}" moves to no version step by step`,
    details: ["look at `npx steward status`"],
    nonRetryable: true,
  });
}
