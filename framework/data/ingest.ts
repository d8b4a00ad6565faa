/**
 * Ingest: from a source to a version of a dataset. The rows that keep the contract become Parquet parts in the store, the
 * others go into quarantine with their reasons, and the manifest that names them all is the version. The same source and
 * spec give the same version, byte for byte, whether it is read whole or what has not changed is taken over from a base.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import { type BaseVersion, openBase } from "./base-version.ts";
import { mapConcurrently } from "./concurrency.ts";
import {
  type DatasetVersion,
  mostFilesInline,
  type VersionFile,
  type VersionPage,
  type VersionSummary,
} from "./dataset-version.ts";
import { listSource } from "./fingerprint.ts";
import { judgeRepeats } from "./judge-repeats.ts";
import type { OnProgress } from "./progress.ts";
import { forgetRange } from "./read-again.ts";
import type { FileReading } from "./read-source-files.ts";
import { warmReader } from "./reader/start-reader.ts";
import {
  describeReadmitted,
  type FileReadmission,
  findKept,
  type OpenReadmissions,
  openReadmissions,
  type Readmitted,
  readmitKept,
  readmitRead,
} from "./readmit-files.ts";
import { judgeFindings, judgeWhole } from "./refusal.ts";
import type { SourceFile, SourceListing } from "./source-files.ts";
import { SourceFindings } from "./source-findings.ts";
import type { ReadAgain } from "./sources/list-files.ts";
import { takeFiles } from "./take-files.ts";
import { type PlannedPage, planPages, summarize, summarizeFile } from "./version-pages.ts";

export interface IngestOptions {
  readonly spec: DatasetSpec;
  /** The absolute path of the source's file, or a pattern of its files. */
  readonly location: string;
  /**
   * What the source's digest was when this ingest was decided; another one is refused.
   * @default what is there now is taken in
   */
  readonly fingerprint?: Digest | undefined;
  /** The files of the source, as they were listed just before. @default they are listed */
  readonly listing?: SourceListing | undefined;
  /** Lists the files of the source. @default they lie at `location` */
  readonly list?: (() => Promise<SourceListing>) | undefined;
  readonly store: PartStore;
  /** The root of a version that is whole: what it has of the source is neither read nor written again. @default all is read */
  readonly base?: Digest | undefined;
  /** Files with events in a range are read, whether they look changed or not. @default what the base has is taken over */
  readonly again?: ReadAgain | undefined;
  /** The rows that people have taken back out of quarantine, and the decisions. @default none are */
  readonly readmitted?: Readmitted | undefined;
  /** Takes what does not fit in memory: a few times the largest file's size. Left as it was found. */
  readonly workFolder: string;
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phase `reading`, in rows, files and bytes. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** What an ingest needs of the store. */
interface PartStore {
  putFile(path: string): Promise<Reference>;
  putJson(value: unknown): Promise<Reference>;
  getJson<T>(object: Reference | Digest, schema: z.ZodType<T>): Promise<T>;
  fetchFile(reference: Reference): Promise<string>;
}

export interface Ingested {
  /** The digest of the version's canonical bytes, by which the store has it. */
  readonly root: Digest;
  readonly version: DatasetVersion;
  /** Columns that the schema lacks, of the files that were read; they were not. */
  readonly dropped: readonly string[];
}

/** How many pages are written at once. */
const writers = 8;

/**
 * Takes a source into the store as a version of its dataset. Until the version is named nothing in the store has changed,
 * whatever ends this early.
 *
 * @throws StewardError when the source is not what was fingerprinted, cannot be read, lacks columns, or breaks the contract
 * in more rows than it tolerates: then with every reason, its count and its first rows.
 */
export async function ingest(options: IngestOptions): Promise<Ingested> {
  const { spec, store } = options;
  warmReader(spec.name);
  const { files, fingerprint } = await listExpected(options, options.listing);
  const pages = files.length > mostFilesInline ? planPages(spec, files, options.readmitted?.rows) : [];
  // Of what is read again, which files it is stands on their pages.
  const wanted = options.again ? [] : pages.map(({ identity }) => identity);
  const opened = await openBase(store, { root: options.base, wanted });
  const base = options.again ? forgetRange(opened, options.again) : opened;
  const found = findChange(spec, { files, pages, base, readmissions: await openReadmissions(options) });
  const change = await readmitKept(found, options);
  const { read, dropped } = await readChange(change, options);
  const contents = await describeFiles(change, { read, store });
  const { name: dataset, columns, eventTime, key } = spec;
  const version: DatasetVersion = {
    format: formatOf("dataset-version"),
    dataset,
    columns,
    eventTime,
    key,
    ...summarize(contents.summaries),
    fingerprint,
    ...describeReadmitted(options.readmitted),
    ...contents.listed,
  };
  const refusal = await judgeVersion(version, options);
  if (refusal) throw refusal;
  const { sha256: root } = await store.putJson(version);
  return { root, version, dropped };
}

/** Judges what only all the rows together show. */
async function judgeVersion(version: DatasetVersion, options: IngestOptions): Promise<StewardError | undefined> {
  const { spec, location } = options;
  const { rows, to } = version;
  return (
    judgeWhole(spec, { rows, to, now: new Date(), file: location }) ?? (await judgeRepeats({ ...options, version }))
  );
}

/** The files of the source, which is to be the one that was fingerprinted. */
async function listExpected(
  { spec, location, fingerprint, list }: IngestOptions,
  known?: SourceListing,
): Promise<SourceListing> {
  const listing = known ?? (await (list ?? (() => listSource(location)))());
  if (fingerprint === undefined || listing.fingerprint === fingerprint) return listing;
  throw new StewardError({
    code: "source-changed",
    at: `${spec.name}.source`,
    file: location,
    what: "The source is not the one that was to be taken in",
    got: listing.fingerprint,
    expected: fingerprint,
    fix: "run `npx pulumi up` again: it takes in what is there now",
  });
}

/** What an ingest has to do, and what it finds done in its base. */
interface Change {
  readonly files: readonly SourceFile[];
  /** The pages of the version. Empty where its files are few. */
  readonly pages: readonly PlannedPage[];
  /** The pages of the base that stay, by their identity. */
  readonly keptPages: BaseVersion["pages"];
  /** The files of the base that stay, and are on none of these pages, by their names. */
  readonly keptFiles: ReadonlyMap<string, VersionFile>;
  /** What is still to be taken back out of the quarantine of kept files, by the files' names. */
  readonly readmissions: ReadonlyMap<string, FileReadmission>;
  /** The files to be read. */
  readonly changed: readonly SourceFile[];
}

function findChange(
  spec: DatasetSpec,
  {
    files,
    pages,
    base,
    readmissions,
  }: Pick<Change, "files" | "pages"> & { readonly base: BaseVersion; readonly readmissions: OpenReadmissions },
): Change {
  const changed: SourceFile[] = [];
  const keptFiles = new Map<string, VersionFile>();
  const open = new Map<string, FileReadmission>();
  const loose = pages.length === 0 ? files : pages.flatMap((page) => (base.pages.has(page.identity) ? [] : page.files));
  for (const file of loose) {
    const { kept, rest } = findKept(spec, file, { base, readmissions });
    if (kept) keptFiles.set(file.name, { ...kept, name: file.name });
    else changed.push(file);
    if (kept && rest) open.set(file.name, rest);
  }
  return { files, pages, keptPages: base.pages, keptFiles, readmissions: open, changed };
}

/** Reads what has changed, and judges the whole source by that and by what is known of the rest. */
async function readChange(
  { changed, keptPages, keptFiles }: Change,
  options: IngestOptions,
): Promise<{ readonly read: ReadonlyMap<string, VersionFile>; readonly dropped: readonly string[] }> {
  const { spec, location, store, workFolder, signal, onProgress } = options;
  const findings = new SourceFindings();
  for (const page of keptPages.values()) findings.addSummary(page);
  for (const file of keptFiles.values()) findings.addSummary(summarizeFile(file));
  const dropped: string[] = [];
  const last = changed.at(-1)?.name;
  const fingerprints = new Map(changed.map(({ name, fingerprint }) => [name, fingerprint]));
  const readmitted = (name: string) => options.readmitted?.rows.get(fingerprints.get(name) ?? "")?.length ?? 0;
  const onRead = (reading: FileReading): boolean => {
    findings.addReading({ ...reading, broken: Math.max(0, reading.broken - readmitted(reading.name)) });
    dropped.push(...reading.dropped.filter((column) => !dropped.includes(column)));
    // What is going to be refused, whatever is still to come, need not be stored.
    const certain = spec.contract.violations === "reject" ? findings.broken > 0 : reading.name === last;
    return !certain || judgeFindings(spec, findings, location) === undefined;
  };
  const folder = await mkdtemp(join(workFolder, "ingest-"));
  try {
    const read = await takeFiles({ spec, files: changed, store, folder, onRead, signal, onProgress });
    // Between the first look and the last row other files may have come. What is fetched is fetched as it was listed.
    if (!options.list) await listExpected(options);
    const refusal = judgeFindings(spec, findings, location);
    if (refusal) throw refusal;
    return { read: await readmitRead(read, options), dropped };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Contents {
  readonly summaries: readonly VersionSummary[];
  /** How the version has its files. */
  readonly listed: Pick<DatasetVersion, "files"> | Pick<DatasetVersion, "pages">;
}

/** What a version says of its files: the pages that are new are written. */
async function describeFiles(
  { files, pages, keptPages, keptFiles }: Change,
  { read, store }: { readonly read: ReadonlyMap<string, VersionFile>; readonly store: PartStore },
): Promise<Contents> {
  const taken = (wanted: readonly SourceFile[]): VersionFile[] =>
    wanted.map(({ name }) => {
      const file = keptFiles.get(name) ?? read.get(name);
      if (!file) throw new TypeError(`file "${name}" of a source was neither read nor taken over`);
      return file;
    });
  if (pages.length === 0) {
    const all = taken(files);
    return { summaries: all.map(summarizeFile), listed: { files: all } };
  }
  const written = await mapConcurrently(pages, writers, async (page): Promise<VersionPage> => {
    const kept = keptPages.get(page.identity);
    if (kept) return kept;
    const all = taken(page.files);
    const object = await store.putJson({ format: formatOf("dataset-page"), files: all });
    return { object, files: all.length, identity: page.identity, ...summarize(all.map(summarizeFile)) };
  });
  return { summaries: written, listed: { pages: written } };
}
