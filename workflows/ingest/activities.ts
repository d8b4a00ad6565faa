/**
 * The work of an ingest.
 * @module
 */
import type { DerivationProgram } from "../../framework/data/derivation/program.ts";
import { findVersion, isVersionWhole } from "../../framework/data/find-version.ts";
import { ingest } from "../../framework/data/ingest.ts";
import { listBaseFiles } from "../../framework/data/list-base-files.ts";
import { listReadmitted, readmissionsSchema } from "../../framework/data/readmission.ts";
import type { Readmitted } from "../../framework/data/readmit-files.ts";
import type { SourceListing } from "../../framework/data/source-files.ts";
import { listFiles } from "../../framework/data/sources/list-files.ts";
import { listPrograms } from "../../framework/definitions/derivation-programs.ts";
import { isLocal } from "../../framework/definitions/source-location.ts";
import { type DatasetSpec, datasetSpec } from "../../framework/definitions/spec.ts";
import { ingestIdentity, sourceIdentity, upstreamFingerprint } from "../../framework/plan/identity.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import type { Reference } from "../../framework/store/reference.ts";
import type { Store } from "../../framework/store/store.ts";
import { prepareProgram } from "../../framework/training/derivation-program.ts";
import { trainerClosureSchema } from "../../framework/training/run.ts";
import type { ActivityTools, LongWork } from "../activity-tools.ts";
import { readBaseFiles } from "../dataset/activities.ts";
import type { IngestedVersion, IngestInput, TakenVersion } from "./messages.ts";

export type IngestActivities = ReturnType<typeof createIngestActivities>;

export function createIngestActivities(tools: ActivityTools) {
  const { store, performLong } = tools;
  return {
    /**
     * Reads what is new of the source into a version and names it by the identity of what was read. Repeated, it writes the
     * same bytes again.
     */
    ingestSource: (input: IngestInput): Promise<TakenVersion> =>
      performLong("ingest", async (work) => {
        const spec = await store.getJson(input.spec, datasetSpec);
        const listing = input.fingerprint === "" ? await listNow({ spec, input, tools, work }) : undefined;
        const fingerprint = listing?.fingerprint ?? input.fingerprint;
        const identity = ingestIdentity(spec, fingerprint, input.readmitted?.rows);
        const taken = { identity, fingerprint, source: sourceIdentity(spec) };
        const again = input.again && readsFilesAgain(spec) ? input.again : undefined;
        if (listing && !input.again) {
          const found = await findVersion(store, taken.identity, { whole: input.base });
          if (found) return { ...describeVersion(found), ...taken };
        }
        const made = await ingest({
          spec,
          location: input.location,
          fingerprint,
          listing: input.fromBase ? undefined : listing,
          list: chooseList({ spec, input, tools, work }, listing),
          store,
          // What a base has lost would be lost to the new version too.
          base: input.base !== undefined && (await isVersionWhole(store, input.base)) ? input.base : undefined,
          again,
          readmitted: await openReadmitted(tools, input),
          workFolder: work.workFolder,
          signal: work.signal,
          onProgress: work.showProgress,
        });
        await nameArtefact(store, artefactNames.version(taken.identity), made.root);
        return { ...describeVersion(made), ...taken };
      }),
  };
}

interface Listing {
  readonly spec: DatasetSpec;
  readonly input: IngestInput;
  readonly tools: ActivityTools;
  readonly work: LongWork;
}

/** The files of a source as they are now. What a derived dataset is told by the versions that it is made from. */
async function listNow({ spec, input, tools, work }: Listing): Promise<SourceListing> {
  const { location, upstream, programs: references = [], again } = input;
  const { store, inputs } = tools;
  const { workFolder, signal } = work;
  const base = await readBaseFiles(store, spec, input);
  const programs = await openPrograms(store, spec, references);
  const listing = await listFiles({
    spec,
    location,
    inputs,
    store,
    base,
    again,
    upstream,
    programs,
    workFolder,
    signal,
  });
  return upstream ? { ...listing, fingerprint: upstreamFingerprint(upstream, references) } : listing;
}

/** The programs of a derived dataset's steps, ready to run, in their order. */
function openPrograms(store: Store, spec: DatasetSpec, references: readonly Reference[]): Promise<DerivationProgram[]> {
  const places = listPrograms(spec);
  return Promise.all(
    references.map(async (reference, i) => {
      const closure = await store.getJson(reference, trainerClosureSchema);
      return prepareProgram({ at: `${spec.name}.${places[i]?.at ?? "source"}`, closure, store });
    }),
  );
}

/** How an ingest lists its files. @returns nothing where they lie on this machine, and are listed as they are then */
function chooseList(of: Listing, listing: SourceListing | undefined): (() => Promise<SourceListing>) | undefined {
  const { spec, input, tools } = of;
  if (input.fromBase && input.base !== undefined) {
    const root = input.base;
    return () => listBaseFiles(tools.store, root, () => listNow(of));
  }
  return listing && !isLocal(spec.source) ? async () => listing : undefined;
}

async function openReadmitted(
  { store }: Pick<ActivityTools, "store">,
  { readmitted }: IngestInput,
): Promise<Readmitted | undefined> {
  if (!readmitted) return undefined;
  const { list } = readmitted;
  return { list, rows: listReadmitted(await store.getJson(list, readmissionsSchema)) };
}

/** A database finds by itself which rows of a range have changed: its files are none of times of events. */
function readsFilesAgain({ source }: DatasetSpec): boolean {
  return source.kind !== "postgres";
}

function describeVersion({
  root,
  version,
}: {
  readonly root: string;
  readonly version: { readonly rows: number; readonly quarantined?: { readonly rows: number } | undefined };
}): IngestedVersion {
  return { root, rows: version.rows, quarantined: version.quarantined?.rows ?? 0 };
}
