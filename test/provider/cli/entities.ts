/**
 * Entities that play a part: the real frame of messages, owners and generations, with work that a test scripts. What a
 * dataset does stands in its location: `/script/<word>`.
 * @module
 */
import { sleep } from "@temporalio/workflow";
import type { EntityStatus } from "../../../framework/engine/entity-status.ts";
import type { ApplyMessage, EntityStart } from "../../../framework/engine/messages.ts";
import { Entity, runEntity } from "../../../workflows/entity/entity.ts";
import { failWith } from "../../../workflows/entity/reasons.ts";

type Played = Entity<ApplyMessage["desired"], NonNullable<EntityStatus["live"]>, undefined>;

async function play(start: EntityStart, work: (entity: Played) => Promise<void>): Promise<void> {
  const entity: Played = new Entity(start, undefined);
  const next = () => (entity.status.generation > entity.status.settled ? () => work(entity) : undefined);
  await runEntity(entity, { next, retire: async () => undefined });
}

export async function datasetEntity(start: EntityStart): Promise<void> {
  await play(start, async (entity) => {
    const { desired } = entity;
    if (desired.kind !== "dataset") throw new Error("a dataset is asked to be something else");
    const live = {
      kind: "dataset",
      root: `root-of-${desired.fingerprint}`,
      rows: 3,
      quarantined: 1,
      identity: "",
    } as const;
    switch (desired.location) {
      case "/script/fails":
        throw failWith(["The first reason.", "The second reason."]);
      case "/script/waits":
        return entity.settle("awaiting-approval", "awaiting approval by ops-lead", { live });
      case "/script/slow":
        for (const row of [1, 2, 3, 4]) {
          entity.set({ summary: `reading row ${row} of 4` });
          await sleep("2 seconds");
        }
        return entity.settle("ready", "3 rows", { live });
      default:
        return entity.settle("ready", "3 rows", { live });
    }
  });
}

export async function modelEntity(start: EntityStart): Promise<void> {
  await play(start, async (entity) => {
    const { desired, status } = entity;
    if (desired.kind !== "model") throw new Error("a model is asked to be something else");
    const version = status.generation;
    entity.settle("ready", `version ${version} in production`, {
      live: {
        kind: "model",
        version,
        package: `package-${version}`,
        evaluation: "evaluation",
        run: "run",
        fence: version,
        desired,
      },
    });
  });
}

export async function endpointEntity(start: EntityStart): Promise<void> {
  await play(start, async (entity) => {
    const { desired } = entity;
    if (desired.kind !== "endpoint") throw new Error("an endpoint is asked to be something else");
    entity.settle("ready", "serving", {
      live: { kind: "endpoint", address: desired.address, package: "package-1", version: 1_000 },
    });
  });
}
