/**
 * What a dataset's entity looks up.
 * @module
 */
import { findVersion } from "../../framework/data/find-version.ts";
import { type LiveVersionOptions, logLiveVersion } from "../../framework/data/log-live-version.ts";
import { datasetSpec } from "../../framework/definitions/spec.ts";
import { ingestIdentity } from "../../framework/plan/identity.ts";
import type { Reference } from "../../framework/store/reference.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { IngestedVersion } from "../ingest/messages.ts";

export interface FoundVersion {
  readonly identity: string;
  /** @default no version of this identity is in the store, whole */
  readonly version?: IngestedVersion;
}

export interface DesiredVersion {
  readonly spec: Reference;
  readonly fingerprint: string;
  /** A version that is known to be whole: when it is the wanted one, the store is not looked through. @default none is known */
  readonly known?: IngestedVersion & { readonly identity: string };
}

/** A version that becomes live. */
export type LiveRecord = Omit<LiveVersionOptions, "spec"> & { readonly spec: Reference };

export type DatasetActivities = ReturnType<typeof createDatasetActivities>;

export function createDatasetActivities({ store, perform }: ActivityTools) {
  return {
    /** Finds the version that an ingest would make, when there is one and all its objects are there. */
    lookUpVersion: (desired: DesiredVersion): Promise<FoundVersion> =>
      perform(async () => {
        const spec = await store.getJson(desired.spec, datasetSpec);
        const identity = ingestIdentity(spec, desired.fingerprint);
        const { known } = desired;
        if (known?.identity === identity) return { identity, version: describeKnown(known) };
        const found = await findVersion(store, identity, { whole: known?.root });
        if (!found) return { identity };
        const { root, version } = found;
        return { identity, version: { root, rows: version.rows, quarantined: version.quarantined?.rows ?? 0 } };
      }),

    /** Gives the version that becomes live its number in the dataset's log. Repeated, it gives the same. */
    recordVersion: ({ spec, ...version }: LiveRecord): Promise<number> =>
      perform(async () => logLiveVersion(store, { ...version, spec: await store.getJson(spec, datasetSpec) })),
  };
}

function describeKnown({ root, rows, quarantined }: IngestedVersion): IngestedVersion {
  return { root, rows, quarantined };
}
