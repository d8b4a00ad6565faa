/**
 * What a dataset's entity looks up, and what it asks of the engine.
 * @module
 */
import { type DatasetVersion, datasetVersionSchema, type VersionFile } from "../../framework/data/dataset-version.ts";
import { findVersion } from "../../framework/data/find-version.ts";
import { keepVersionLineage } from "../../framework/data/lineage/keep-lineage.ts";
import { type LiveVersionOptions, logLiveVersion } from "../../framework/data/log-live-version.ts";
import { listFiles } from "../../framework/data/sources/list-files.ts";
import { readVersionFiles } from "../../framework/data/version-files.ts";
import { type DatasetSpec, datasetSpec } from "../../framework/definitions/spec.ts";
import { ingestIdentity, sourceIdentity, upstreamFingerprint } from "../../framework/plan/identity.ts";
import type { Reference } from "../../framework/store/reference.ts";
import type { Store } from "../../framework/store/store.ts";
import { unlessLost } from "../../framework/store/unless-lost.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { IngestedVersion } from "../ingest/messages.ts";
import type { DesiredVersion, FoundVersion, ScheduleWish, SeenSource, SourceLook } from "./messages.ts";

/** A version that becomes live. */
export type LiveRecord = Omit<LiveVersionOptions, "spec"> & { readonly spec: Reference };

export type DatasetActivities = ReturnType<typeof createDatasetActivities>;

export function createDatasetActivities({ store, inputs, schedules, place, perform, performLong }: ActivityTools) {
  return {
    /** Finds the version that an ingest would make, when there is one and all its objects are there. */
    lookUpVersion: (desired: DesiredVersion): Promise<FoundVersion> =>
      perform(async () => {
        const { known, upstream, programs, readmitted } = desired;
        const spec = await store.getJson(desired.spec, datasetSpec);
        const fingerprint = upstream ? upstreamFingerprint(upstream, programs) : desired.fingerprint;
        const identity = ingestIdentity(spec, fingerprint, readmitted);
        const found = { identity, fingerprint, source: sourceIdentity(spec) };
        if (known?.identity === found.identity) return { ...found, version: describeKnown(known) };
        const whole = await findVersion(store, found.identity, { whole: known?.root });
        if (!whole) return found;
        const { root, version } = whole;
        return { ...found, version: { root, rows: version.rows, quarantined: version.quarantined?.rows ?? 0 } };
      }),

    /** Looks at a source as it is now, wherever it is. Nothing is taken in. */
    lookAtSource: (look: SourceLook): Promise<SeenSource> =>
      performLong("ingest", async ({ workFolder, signal, show }) => {
        show(`looking at ${look.location}`);
        const spec = await store.getJson(look.spec, datasetSpec);
        const base = await readBaseFiles(store, spec, look);
        const { fingerprint } = await listFiles({
          spec,
          location: look.location,
          inputs,
          store,
          base,
          workFolder,
          signal,
        });
        return { identity: ingestIdentity(spec, fingerprint, look.readmitted), source: sourceIdentity(spec) };
      }),

    /** Gives the version that becomes live its number in the dataset's log, and tells of it. Repeated, it gives the same. */
    recordVersion: ({ spec: reference, ...version }: LiveRecord): Promise<number> =>
      perform(async () => {
        const spec = await store.getJson(reference, datasetSpec);
        const number = await logLiveVersion(store, { ...version, spec });
        const { dataset, live } = version;
        await keepVersionLineage(store, { dataset, number, spec, place, upstream: live.upstream });
        return number;
      }),

    /** Sees to it that a dataset has the schedule that it wants, or none. Repeated, it changes nothing. */
    keepSchedule: ({ every, ...dataset }: ScheduleWish): Promise<void> =>
      perform(() => (every === undefined ? schedules.drop(dataset) : schedules.keep({ ...dataset, every }))),
  };
}

function describeKnown({ root, rows, quarantined }: IngestedVersion): IngestedVersion {
  return { root, rows, quarantined };
}

/**
 * The files of the version that is built on, where they tell a source what came after: only those of the same source, and
 * only where it is one that grows.
 */
export async function readBaseFiles(
  store: Store,
  spec: DatasetSpec,
  { base, takenFrom }: { readonly base?: string; readonly takenFrom?: string },
): Promise<readonly VersionFile[]> {
  const grows = spec.source.kind === "postgres" || spec.source.kind === "push";
  if (!grows || base === undefined || takenFrom !== sourceIdentity(spec)) return [];
  const version = await unlessLost(store.getJson(base, datasetVersionSchema));
  return version ? ((await unlessLost(listAll(store, version))) ?? []) : [];
}

async function listAll(store: Store, version: DatasetVersion): Promise<VersionFile[]> {
  const files: VersionFile[] = [];
  for await (const file of readVersionFiles(store, version)) files.push(file);
  return files;
}
