/**
 * A dataset's entity: holds which version is live, and ingests when the source or the contract changed.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import type { DesiredDataset, EntityStart, LiveDataset } from "../../framework/engine/messages.ts";
import { quickWork } from "../activity-options.ts";
import { Entity, runEntity } from "../entity/entity.ts";
import { runStep } from "../entity/step.ts";
import { ingest } from "../ingest/workflow.ts";
import type { DatasetActivities } from "./activities.ts";

const { lookUpVersion } = proxyActivities<DatasetActivities>({
  ...quickWork,
  summary: "is this version in the store?",
});

export async function datasetEntity(start: EntityStart): Promise<void> {
  const entity = new Entity<DesiredDataset, LiveDataset, undefined>(start, undefined);
  const next = () => (entity.status.generation > entity.status.settled ? () => settle(entity) : undefined);
  await runEntity(entity, { next, retire: async () => {} });
}

setWorkflowOptions({ versioningBehavior: "AUTO_UPGRADE" }, datasetEntity);

async function settle(entity: Entity<DesiredDataset, LiveDataset, undefined>): Promise<void> {
  const { spec, location, fingerprint } = entity.desired;
  for (;;) {
    const found = await lookUpVersion({ spec, fingerprint });
    if (found.version) {
      const live: LiveDataset = { kind: "dataset", ...found.version, identity: found.identity };
      const { rows, quarantined } = live;
      const apart = quarantined > 0 ? `, ${quarantined.toLocaleString("en")} quarantined` : "";
      entity.settle("ready", `${rows.toLocaleString("en")} rows${apart}`, { live });
      return;
    }
    await runStep(entity, {
      step: "ingest",
      subject: `${entity.start.name}@${found.identity.slice(0, 12)}`,
      summary: entity.live ? "ingesting: the source or its contract changed" : "ingesting for the first time",
      workflow: ingest,
      input: { spec, location, fingerprint, identity: found.identity },
    });
  }
}
