/**
 * The versions of a dataset as the commands `steward data …` find them: its log, what is live, and which one was meant.
 * @module
 */
import { type DatasetVersion, datasetVersionSchema } from "../data/dataset-version.ts";
import {
  type ChosenVersion,
  chooseVersion,
  logPrefix,
  parseVersionAddress,
  readVersionLog,
  type VersionAddress,
  type VersionRecord,
} from "../data/version-log.ts";
import { StewardError } from "../definitions/problem.ts";
import { findNearest } from "../definitions/suggestion.ts";
import type { EntityStatus, LiveDataset } from "../engine/entity-status.ts";
import { shortDigest } from "../plan/digest.ts";
import { isScored } from "../scoring/scoring.ts";
import type { Store } from "../store/store.ts";
import type { Call } from "./command.ts";
import { readCallStack, withStack } from "./stack.ts";

/** What is known of a dataset. */
export interface DatasetHistory {
  readonly dataset: string;
  /** Its log, oldest first. */
  readonly records: readonly VersionRecord[];
  /** @default nothing is live */
  readonly live?: LiveDataset;
}

/** A version that was named and is in the store. */
export interface OpenedVersion extends ChosenVersion {
  readonly version: DatasetVersion;
}

/** Opens the history of the dataset that an address names, in the stack of a call. @throws StewardError when there is none */
export async function withDatasetHistory<T>(
  call: Pick<Call, "text">,
  address: VersionAddress,
  work: (history: DatasetHistory, store: Store) => Promise<T>,
): Promise<T> {
  const stack = await readCallStack(call);
  return withStack(stack, async ({ engine, openStore }) => {
    const [statuses, store] = [await engine.list(stack.project.name), await openStore()];
    return work(await readDatasetHistory(store, statuses, address.dataset), store);
  });
}

/** Reads the history of a dataset, which may be retired. @throws StewardError with the names of those that there are */
export async function readDatasetHistory(
  store: Pick<Store, "listNames" | "readName" | "writeOnce">,
  statuses: readonly EntityStatus[],
  dataset: string,
): Promise<DatasetHistory> {
  const datasets = statuses.filter(({ kind }) => kind === "dataset");
  const records = isName(dataset) || isScored(dataset) ? await readVersionLog(store, dataset) : [];
  const status = datasets.find(({ name }) => name === dataset);
  if (!status && records.length === 0) {
    const known = new Set(datasets.map(({ name }) => name));
    for await (const name of store.listNames(logPrefix)) known.add(name.slice(logPrefix.length).split("/")[0] ?? "");
    throw unknownDataset(dataset, [...known].sort());
  }
  const live = status?.live?.kind === "dataset" ? status.live : findLiveScored(dataset, records);
  return { dataset, records, ...(live && { live }) };
}

/** Scored rows have no entity: the latest of their versions is the live one. */
function findLiveScored(dataset: string, records: readonly VersionRecord[]): LiveDataset | undefined {
  const latest = isScored(dataset) ? records.at(-1) : undefined;
  if (!latest) return undefined;
  const { root, rows, quarantined, identity, number } = latest;
  return { kind: "dataset", root, rows, quarantined, identity, number };
}

/** What is asked of the store by a name that it would refuse is not there. */
function isName(dataset: string): boolean {
  return /^[a-z0-9-]+$/.test(dataset);
}

/** Opens a version of a history. @throws StewardError when there is none like that, or it was removed */
export async function openVersion(
  store: Pick<Store, "has" | "getJson">,
  history: DatasetHistory,
  version: string | undefined,
): Promise<OpenedVersion> {
  const { dataset, records, live } = history;
  const chosen = chooseVersion(records, live, version);
  if (!chosen) throw unknownVersion(history, version);
  if (!(await store.has(chosen.root))) {
    throw new StewardError({
      code: "version-unknown",
      at: dataset,
      what: `version ${chosen.number ?? shortDigest(chosen.root)} of dataset "${dataset}" is in the store no more`,
      expected: "one that its retention keeps",
      fix: "bring its source back and run npx pulumi up, which makes the same version of the same bytes",
    });
  }
  return { ...chosen, version: await store.getJson(chosen.root, datasetVersionSchema) };
}

/** Parses what was typed for a version: `flights`, `flights@3`, `flights@1f2e3d4c`. */
export function readAddress(text: string | undefined): VersionAddress {
  const address = parseVersionAddress(text ?? "");
  if (address.dataset !== "" && address.version !== "") return address;
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: "what was named is no version of a dataset",
    got: `"${text ?? ""}"`,
    expected: "<dataset>, <dataset>@<number> or <dataset>@<root>",
    fix: "npx steward data log <dataset> lists the versions of one",
  });
}

function unknownDataset(dataset: string, known: readonly string[]): StewardError {
  const nearest = findNearest(dataset, known);
  return new StewardError({
    code: "entity-unknown",
    at: "",
    what: `there is no dataset "${dataset}"`,
    expected: known.length > 0 ? `one of ${known.join(", ")}` : "one that is deployed; none is",
    ...(nearest ? { fix: `did you mean "${nearest}"?` } : {}),
  });
}

/** As many versions as a message can name. */
const namedAtMost = 20;

function unknownVersion({ dataset, records, live }: DatasetHistory, version: string | undefined): StewardError {
  const named = records.slice(-namedAtMost).map(({ number, root }) => `${number} (${shortDigest(root)})`);
  const older = records.length > namedAtMost ? [`${records.length - namedAtMost} older ones`] : [];
  const alone = records.length === 0 && live ? [`live (${shortDigest(live.root)})`] : [];
  const known = [...named.reverse(), ...older, ...alone];
  return new StewardError({
    code: "version-unknown",
    at: dataset,
    what:
      version === undefined
        ? `dataset "${dataset}" has no live version`
        : `dataset "${dataset}" has no version "${version}"`,
    expected: known.length > 0 ? `one of ${known.join(", ")}` : "a version; it has none yet",
    fix:
      known.length > 0
        ? `name one that npx steward data log ${dataset} lists`
        : "wait until npx steward status shows it ready, or see there why it is not",
  });
}
