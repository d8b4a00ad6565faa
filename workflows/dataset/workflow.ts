/**
 * A dataset's entity: holds which version is live, and ingests when the source or the contract changed, when it is asked to,
 * on its schedule, and when a dataset that it is derived from has another version.
 * @module
 */
import {
  ApplicationFailure,
  defineSignal,
  defineUpdate,
  setHandler,
  setWorkflowOptions,
  sleep,
} from "@temporalio/workflow";
import type { ApplyAnswer, EntityStart, IngestMessage, ReadmitMessage } from "../../framework/engine/messages.ts";
import { messageNames, signalNames } from "../../framework/engine/messages.ts";
import { Entity, runEntity } from "../entity/entity.ts";
import { findNews, joinAsks } from "./decisions.ts";
import { leaveUpstream, listenToKin, releaseDownstream } from "./kin.ts";
import type { Ask } from "./messages.ts";
import { bringUpToDate, type DatasetEntity, keepOwnSchedule, putInForce } from "./settle.ts";

const ingestUpdate = defineUpdate<ApplyAnswer, [IngestMessage]>(messageNames.ingest);
const readmitUpdate = defineUpdate<ApplyAnswer, [ReadmitMessage]>(messageNames.readmit);
const lookSignal = defineSignal(signalNames.look);

/** How long a new version upstream waits for the deploy that made it to say what it wants of this dataset. */
const deploySeconds = 5;

export async function datasetEntity(start: EntityStart): Promise<void> {
  const entity: DatasetEntity = new Entity(start, {});
  const ask = (next: Ask): void => {
    entity.memory = { ...entity.memory, ask: joinAsks(entity.memory.ask, next) };
  };
  setHandler(
    ingestUpdate,
    ({ actor, again }) => {
      ask({ why: "asked", actor, ...(again && { again }) });
      // What is under way is worth having: to begin anew would read again what it has read.
      return entity.accept({ actor, summary: "asked to look at its source" }, { waits: true });
    },
    {
      validator: (message) => entity.checkFormat(message),
      description: "Look at the source now, and take in what is new.",
    },
  );
  setHandler(
    readmitUpdate,
    ({ actor, readmitted }) => {
      const { generation: before, settled } = entity.status;
      const answer = entity.accept({ actor, summary: "asked to take rows back out of quarantine" }, { waits: true });
      const isAlone = before === settled && !entity.memory.ask;
      entity.memory = { ...entity.memory, readmission: { why: "readmitted", actor, readmitted, isAlone, ...answer } };
      return answer;
    },
    {
      validator: (message) => {
        entity.checkFormat(message);
        const { readmission } = entity.memory;
        const inForce = (readmission?.readmitted ?? entity.status.readmitted)?.list.sha256;
        if (message.before !== inForce) throw refuseLate(start.name);
        if (!entity.live) throw refuseEmpty(start.name);
      },
      description: "Take rows back out of quarantine, or leave them there again.",
    },
  );
  setHandler(lookSignal, () => ask({ why: "schedule" }));
  listenToKin(entity);

  const next = () => {
    if (entity.status.generation > entity.status.settled) return () => heed(entity);
    if (entity.memory.ask) return () => heed(entity);
    return findNews(entity.memory).length > 0 ? () => follow(entity) : undefined;
  };
  await runEntity(entity, {
    next,
    retire: async () => {
      await releaseDownstream(entity);
      await leaveUpstream(entity);
      await keepOwnSchedule(entity, undefined);
    },
  });
}

setWorkflowOptions({ versioningBehavior: "AUTO_UPGRADE" }, datasetEntity);

/** Does what was wished and asked. What was asked stays asked when a later wish cuts it short. */
async function heed(entity: DatasetEntity): Promise<void> {
  const { ask, readmission } = entity.memory;
  const { generation } = entity.status;
  const isMore = !readmission?.isAlone || ask !== undefined || generation > readmission.generation;
  try {
    await keepOwnSchedule(entity, entity.desired.every);
    if (isMore) await bringUpToDate(entity, ask ?? "wished");
    if (readmission) await putInForce(entity, readmission);
  } finally {
    const { memory } = entity;
    // What came meanwhile is still to be done, and so is all of it when a wish has cut it short.
    const isDone = !entity.isOvertaken(generation);
    entity.memory = {
      ...memory,
      ...(isDone && memory.ask === ask && { ask: undefined }),
      ...(isDone && memory.readmission === readmission && { readmission: undefined }),
    };
  }
}

/** Makes a derived dataset of the versions that are live now. */
async function follow(entity: DatasetEntity): Promise<void> {
  const news = findNews(entity.memory).join(" and ");
  await sleep(`${deploySeconds} seconds`, { summary: `${news} has a new version: a deploy may be about to say more` });
  await bringUpToDate(entity, "upstream");
}

/** Two people may decide at once; the second has not seen what the first decided. */
function refuseLate(dataset: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: "refused",
    message: `other decisions on rows of dataset "${dataset}" have come in force meanwhile`,
    details: ["look again, and decide again"],
    nonRetryable: true,
  });
}

function refuseEmpty(dataset: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: "refused",
    message: `dataset "${dataset}" has no version, and so no rows in quarantine`,
    details: ["see npx steward status why it has none"],
    nonRetryable: true,
  });
}
