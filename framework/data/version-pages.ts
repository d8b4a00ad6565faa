/**
 * The pages of a version: how the files of a source are cut into them, and what is said of each. Pure.
 * @module
 */
import type { DatasetSpec } from "../definitions/spec.ts";
import { type Digest, digestBytes, digestOf } from "../plan/digest.ts";
import { fileIdentity } from "../plan/identity.ts";
import type { VersionFile, VersionSummary } from "./dataset-version.ts";
import { identifyPositions, type ReadmittedRows } from "./readmission.ts";
import type { SourceFile } from "./source-files.ts";

/** A page has at least so many files, but for the last one, and at most so many. */
const fewest = 32;
const most = 512;
/** From `fewest` files on, one name of so many ends a page: 128 files on average. */
const oneOf = 96;

/** The files of a source that stand on one page, and what they depend on. */
export interface PlannedPage {
  readonly identity: Digest;
  readonly files: readonly SourceFile[];
}

/**
 * Cuts the files of a source into pages. Where is told by names alone, so that pages without the change stay what they were
 * when a file comes, goes or has other content.
 */
export function planPages(
  spec: DatasetSpec,
  files: readonly SourceFile[],
  readmitted: ReadmittedRows = new Map(),
): PlannedPage[] {
  const contract = fileIdentity(spec, "");
  return cutPages(files).map((page) => ({
    identity: digestOf({ contract, files: page.map((file) => describe(file, readmitted)) }),
    files: page,
  }));
}

/** What tells whether a file is the same still, and whether the same rows of it are taken back out of quarantine. */
function describe({ name, fingerprint }: SourceFile, readmitted: ReadmittedRows): readonly string[] {
  const rows = identifyPositions(readmitted.get(fingerprint));
  return [name, fingerprint, ...(rows === undefined ? [] : [rows])];
}

function cutPages(files: readonly SourceFile[]): SourceFile[][] {
  const pages: SourceFile[][] = [];
  let page: SourceFile[] = [];
  for (const file of files) {
    page.push(file);
    if (page.length < fewest || (page.length < most && !endsPage(file.name))) continue;
    pages.push(page);
    page = [];
  }
  return page.length > 0 ? [...pages, page] : pages;
}

function endsPage(name: string): boolean {
  return Number.parseInt(digestBytes(name).slice(0, 8), 16) % oneOf === 0;
}

/** What a page, or a version without pages, says of its rows in one file. */
export function summarizeFile({ rows, from, to, quarantine }: VersionFile): VersionSummary {
  return {
    rows,
    from,
    to,
    ...(quarantine && { quarantined: { rows: quarantine.rows, reasons: quarantine.reasons } }),
  };
}

/** What is said of the rows of several files or pages together. */
export function summarize(summaries: readonly VersionSummary[]): VersionSummary {
  const times = summaries.filter(({ from }) => from !== "");
  const apart = summaries.flatMap(({ quarantined }) => quarantined ?? []);
  const span = {
    from: times.map(({ from }) => from).reduce((a, b) => (isEarlier(b, a) ? b : a), times[0]?.from ?? ""),
    to: times.map(({ to }) => to).reduce((a, b) => (isEarlier(a, b) ? b : a), times[0]?.to ?? ""),
  };
  const summary = { rows: sumRows(summaries), ...span };
  if (apart.length === 0) return summary;
  return { ...summary, quarantined: { rows: sumRows(apart), reasons: addReasons(apart) } };
}

type Quarantined = NonNullable<VersionSummary["quarantined"]>;

/** The most frequent first, among equals the one that came first. */
function addReasons(quarantined: readonly Quarantined[]): Quarantined["reasons"] {
  const sums = new Map<string, Quarantined["reasons"][number]>();
  for (const { column, reason, rows } of quarantined.flatMap(({ reasons }) => reasons)) {
    const key = JSON.stringify([column, reason]);
    sums.set(key, { column, reason, rows: rows + (sums.get(key)?.rows ?? 0) });
  }
  return [...sums.values()].sort((a, b) => b.rows - a.rows);
}

function sumRows(counted: readonly { readonly rows: number }[]): number {
  return counted.reduce((sum, { rows }) => sum + rows, 0);
}

/** Whether one time in UTC of RFC 3339 is before another: a fraction is longer than none, and a year may be too. */
function isEarlier(a: string, b: string): boolean {
  const [first, second] = [splitYear(a), splitYear(b)];
  return first.year === second.year ? first.rest < second.rest : first.year < second.year;
}

function splitYear(time: string): { readonly year: number; readonly rest: string } {
  const [, year = "", rest = ""] = /^([+-]?\d+)-(.*?)Z?$/.exec(time) ?? [];
  return { year: Number(year), rest };
}
