/**
 * A dataset's entity: holds which version is live, and ingests when the source or the contract changed.
 * @module
 */
import { CancellationScope, patched, proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import type { DesiredDataset, EntityStart, LiveDataset } from "../../framework/engine/messages.ts";
import { quickWork } from "../activity-options.ts";
import { Entity, runEntity } from "../entity/entity.ts";
import { runStep } from "../entity/step.ts";
import { ingest } from "../ingest/workflow.ts";
import type { DatasetActivities, DesiredVersion } from "./activities.ts";

const { lookUpVersion } = proxyActivities<DatasetActivities>({
  ...quickWork,
  summary: "is this version in the store?",
});

const { recordVersion } = proxyActivities<DatasetActivities>({
  ...quickWork,
  summary: "which number has this version?",
});

export async function datasetEntity(start: EntityStart): Promise<void> {
  const entity = new Entity<DesiredDataset, LiveDataset, undefined>(start, undefined);
  const next = () => (entity.status.generation > entity.status.settled ? () => settle(entity) : undefined);
  await runEntity(entity, { next, retire: async () => {} });
}

setWorkflowOptions({ versioningBehavior: "AUTO_UPGRADE" }, datasetEntity);

async function settle(entity: Entity<DesiredDataset, LiveDataset, undefined>): Promise<void> {
  const { spec, location, fingerprint } = entity.desired;
  const before = entity.live;
  let known: DesiredVersion["known"];
  for (;;) {
    const found = await lookUpVersion({ spec, fingerprint, ...(known && { known }) });
    if (found.version) {
      const live = await numberVersion(entity, spec, { kind: "dataset", ...found.version, identity: found.identity });
      const { rows, quarantined } = live;
      const apart = quarantined > 0 ? `, ${quarantined.toLocaleString("en")} quarantined` : "";
      const nothingNew = live.identity === before?.identity ? "nothing new: " : "";
      entity.settle("ready", `${nothingNew}${rows.toLocaleString("en")} rows${apart}`, { live });
      return;
    }
    const made = await runStep(entity, {
      step: "ingest",
      subject: `${entity.start.name}@${found.identity.slice(0, 12)}`,
      summary: entity.live ? "ingesting: the source or its contract changed" : "ingesting for the first time",
      workflow: ingest,
      input: { spec, location, fingerprint, identity: found.identity, ...(before && { base: before.root }) },
    });
    if (made !== "elsewhere") known = { ...made, identity: found.identity };
  }
}

/** Gives what becomes live its number in the log. Once begun it is brought to its end: a number is one that was live. */
async function numberVersion(
  entity: Entity<DesiredDataset, LiveDataset, undefined>,
  spec: DesiredDataset["spec"],
  version: LiveDataset,
): Promise<LiveDataset> {
  const { live: before } = entity;
  const { actor } = entity.status;
  if (!patched("version-log")) return version;
  if (before?.number !== undefined && before.root === version.root) return { ...version, number: before.number };
  const number = await CancellationScope.nonCancellable(() =>
    recordVersion({
      dataset: entity.start.name,
      spec,
      live: version,
      at: new Date().toISOString(),
      ...(before && { before }),
      ...(actor && { actor }),
    }),
  );
  return { ...version, number };
}
