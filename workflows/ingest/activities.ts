/**
 * The work of an ingest.
 * @module
 */
import { isVersionWhole } from "../../framework/data/find-version.ts";
import { ingest } from "../../framework/data/ingest.ts";
import { datasetSpec } from "../../framework/definitions/spec.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { IngestedVersion, IngestInput } from "./messages.ts";

export type IngestActivities = ReturnType<typeof createIngestActivities>;

export function createIngestActivities({ store, performLong }: ActivityTools) {
  return {
    /** Reads what is new of the source into a version and names it by its identity. Repeated, it writes the same bytes again. */
    ingestSource: (input: IngestInput): Promise<IngestedVersion> =>
      performLong("ingest", async ({ signal, workFolder, showProgress }) => {
        const spec = await store.getJson(input.spec, datasetSpec);
        const { location, fingerprint } = input;
        // What a base has lost would be lost to the new version too.
        const base = input.base !== undefined && (await isVersionWhole(store, input.base)) ? input.base : undefined;
        const { root, version } = await ingest({
          spec,
          location,
          fingerprint,
          store,
          base,
          workFolder,
          signal,
          onProgress: showProgress,
        });
        await nameArtefact(store, artefactNames.version(input.identity), root);
        return { root, rows: version.rows, quarantined: version.quarantined?.rows ?? 0 };
      }),
  };
}
