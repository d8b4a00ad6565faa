/**
 * What a dataset's entity looks up.
 * @module
 */
import { findVersion } from "../../framework/data/find-version.ts";
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

export type DatasetActivities = ReturnType<typeof createDatasetActivities>;

export function createDatasetActivities({ store, perform }: ActivityTools) {
  return {
    /** Finds the version that an ingest would make, when there is one and all its objects are there. */
    lookUpVersion: (desired: { readonly spec: Reference; readonly fingerprint: string }): Promise<FoundVersion> =>
      perform(async () => {
        const spec = await store.getJson(desired.spec, datasetSpec);
        const identity = ingestIdentity(spec, desired.fingerprint);
        const found = await findVersion(store, identity);
        if (!found) return { identity };
        const { root, version } = found;
        return { identity, version: { root, rows: version.rows, quarantined: version.quarantined?.rows ?? 0 } };
      }),
  };
}
