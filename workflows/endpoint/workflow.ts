/**
 * An endpoint's entity: follows the promotions of its model and records what its server answers with, and since when.
 * @module
 */
import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
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
import { Entity, runEntity } from "../entity/entity.ts";
import { failWith } from "../entity/reasons.ts";
import { runStep } from "../entity/step.ts";
import { serve } from "../serve/workflow.ts";

const promotedSignal = defineSignal<[PromotedMessage]>(signalNames.promoted);
const subscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.subscribe);
const unsubscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.unsubscribe);

interface EndpointMemory {
  /** The model subscribed to. @default none yet */
  readonly model?: string;
  /** What the model said last is in production. @default it has not answered yet */
  readonly promoted?: PromotedMessage["promoted"];
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
    return isBehind(entity) ? () => follow(entity) : undefined;
  };
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
  entity.settle("ready", `serving version ${version} of ${model}`, { live });
}
