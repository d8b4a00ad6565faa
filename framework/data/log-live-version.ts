/**
 * Logging the version that becomes live, with what made it another than the one before.
 * @module
 */
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Digest } from "../plan/digest.ts";
import { ingestIdentity } from "../plan/identity.ts";
import type { Store } from "../store/store.ts";
import { datasetVersionSchema } from "./dataset-version.ts";
import { readLatestRecord, recordVersion, type UnnumberedRecord, type VersionCause } from "./version-log.ts";

/** A version as a dataset's entity holds it. */
interface LiveVersion {
  readonly root: Digest;
  readonly rows: number;
  readonly quarantined: number;
  readonly identity: Digest;
  /** @default it has none yet */
  readonly number?: number;
  /** The roots of the versions that it is derived from, by their datasets' names. @default it is derived from none */
  readonly upstream?: Readonly<Record<string, Digest>>;
}

export interface LiveVersionOptions {
  readonly dataset: string;
  readonly spec: DatasetSpec;
  readonly live: LiveVersion;
  /** What was live until now. @default nothing was */
  readonly before?: LiveVersion;
  /** RFC 3339. */
  readonly at: string;
  /** Who asked for it. @default nobody did */
  readonly actor?: { readonly id: string; readonly via: string };
}

type LogStore = Pick<Store, "readName" | "writeOnce" | "has" | "getJson">;

/**
 * Gives the version that becomes live its number. What was live before there was a log is logged first. Repeated, it changes
 * nothing.
 */
export async function logLiveVersion(store: LogStore, options: LiveVersionOptions): Promise<number> {
  const { dataset, live, before, at, actor } = options;
  const latest = await readLatestRecord(store, dataset);
  const takenOver = before && before.number === undefined && !latest ? before : undefined;
  if (takenOver) await recordVersion(store, { ...describe(dataset, takenOver), at, cause: ["taken-over"] });
  const base = latest ?? takenOver;
  const cause = await findCauses(store, options, base);
  return recordVersion(store, {
    ...describe(dataset, live),
    at,
    ...(actor && { actor: { id: actor.id, via: actor.via } }),
    cause,
  });
}

function describe(
  dataset: string,
  { root, rows, quarantined, identity }: LiveVersion,
): Omit<UnnumberedRecord, "at" | "cause"> {
  return { dataset, root, rows, quarantined, identity };
}

/** What is not the same as it was: nothing can be said of a version that is in the store no more. */
async function findCauses(
  store: LogStore,
  { spec, live }: LiveVersionOptions,
  base: { readonly root: Digest; readonly identity: Digest } | undefined,
): Promise<VersionCause[]> {
  if (!base) return ["first"];
  if (!(await store.has(base.root))) return [];
  const [was, is] = await Promise.all([base, live].map(({ root }) => store.getJson(root, datasetVersionSchema)));
  const causes: VersionCause[] = [];
  if (was?.fingerprint !== is?.fingerprint) causes.push("source");
  if (was && ingestIdentity(spec, was.fingerprint, was.readmitted?.rows) !== base.identity) causes.push("contract");
  if (was?.readmitted?.rows !== is?.readmitted?.rows) causes.push("readmitted");
  return causes;
}
