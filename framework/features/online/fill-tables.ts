/**
 * Fills the online store for a package: all tables that its server looks features up in, as of one moment, each written
 * whole from the latest version of its dataset.
 * @module
 */
import { datasetVersionSchema } from "../../data/dataset-version.ts";
import { readLatestRecord } from "../../data/version-log.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { DatasetSpec } from "../../definitions/spec.ts";
import type { Digest } from "../../plan/digest.ts";
import type { Store } from "../../store/store.ts";
import { parseTime } from "../microseconds.ts";
import { type MaterialiseOptions, materialiseSet, materialiseWindows } from "./materialise-online.ts";
import type { TableStatus } from "./online-store.ts";
import { listServedTables } from "./served-tables.ts";
import type { ServingSpecs } from "./serving-plan.ts";

/** What the tables are filled from, and where. */
export interface FillOptions extends Omit<MaterialiseOptions, "dataset" | "objects" | "asOf"> {
  /** The moment, in microseconds since 1970; or the latest event of the dataset that requests are rows of. */
  readonly asOf: bigint | "latest-event";
  readonly objects: Pick<Store, "fetchFile" | "getJson" | "has" | "readName" | "listNames" | "writeOnce">;
  /** The root of the version of each dataset, by name, where its log has none. @default the log has one of each */
  readonly roots?: Readonly<Record<string, Digest>>;
}

/** Fills the tables of a plan. @returns the state of each @throws StewardError when a dataset has no version, as materialising */
export async function fillTables(specs: ServingSpecs, options: FillOptions): Promise<readonly TableStatus[]> {
  const { spine, windowed, windows, sets } = listServedTables(specs);
  const asOf = options.asOf === "latest-event" ? await findLatestEvent(spine, options) : options.asOf;
  const found = new Map<string, Promise<MaterialiseOptions>>();
  // One version for all tables of a dataset, so that they are of one moment and one content.
  const optionsFor = (dataset: DatasetSpec): Promise<MaterialiseOptions> => {
    const known =
      found.get(dataset.name) ??
      openDataset(dataset, options).then((opened) => ({ ...options, asOf, dataset: opened }));
    found.set(dataset.name, known);
    return known;
  };
  const written: TableStatus[] = [];
  if (windows.length > 0) written.push(...(await materialiseWindows(windowed, await optionsFor(spine))));
  for (const { set, dataset } of sets) written.push(await materialiseSet(set, await optionsFor(dataset)));
  return written;
}

/** The latest event of the version that is used of a dataset. A version without rows has none, and nothing to put anywhere. */
async function findLatestEvent(dataset: DatasetSpec, options: FillOptions): Promise<bigint> {
  const { version } = await openDataset(dataset, options);
  return version.to === "" ? 0n : parseTime(version.to);
}

async function openDataset(
  spec: DatasetSpec,
  { roots = {}, objects }: Pick<FillOptions, "roots" | "objects">,
): Promise<MaterialiseOptions["dataset"]> {
  const latest = (await readLatestRecord(objects, spec.name))?.root;
  const root = latest !== undefined && (await objects.has(latest)) ? latest : roots[spec.name];
  if (root === undefined || !(await objects.has(root))) {
    throw new StewardError({
      code: "version-unknown",
      at: spec.name,
      what: `dataset "${spec.name}", whose rows a server looks up, has no version in the store`,
      fix: "run npx pulumi up, which ingests it again",
    });
  }
  return { spec, version: await objects.getJson(root, datasetVersionSchema), root };
}
