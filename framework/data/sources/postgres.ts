/**
 * The rows of a PostgreSQL query as a source. With a cursor a version's files are slices of it: those of the version before
 * stay as they are, and one more has the rows that came since. Without one, all rows are one file.
 *
 * What tells whether a slice is still the same is summed up by the server: the number of its rows, and the sum of a hash of
 * each. It is looked at again where somebody asks for it, and before the slice is read.
 * @module
 */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { type Problem, StewardError } from "../../definitions/problem.ts";
import { supplyInput } from "../../definitions/source-inputs.ts";
import { type Digest, digestOf } from "../../plan/digest.ts";
import { fileIdentity } from "../../plan/identity.ts";
import { describeListing } from "../fingerprint.ts";
import type { FetchOptions, RemoteFile, SourceListing } from "../source-files.ts";
import type { SourceAccess } from "./list-files.ts";
import {
  type Cursor,
  describeEndless,
  describeNulls,
  describeRange,
  findCursor,
  type PostgresSource,
} from "./postgres/cursor.ts";
import { codeOf } from "./postgres/database-problem.ts";
import {
  cutRanges,
  identifyQuery,
  nameSlice,
  parseSlice,
  type RangeContent,
  type Slice,
  type SliceRange,
} from "./postgres/slice.ts";
import { type DatabaseAccess, type Snapshot, withSnapshot } from "./postgres/snapshot.ts";
import {
  askBounds,
  askContent,
  askContents,
  askCount,
  askEnd,
  askMeeting,
  askRows,
  type KnownQuery,
} from "./postgres/statement.ts";

/** A slice has about so many rows at most; rows with one cursor stay together. */
const mostRows = 1_000_000;

export interface RowsOptions {
  /** How many rows a slice has, at most and about. @default 1000000 */
  readonly sliceRows?: number;
}

const rowsSchema = z.object({ rows: z.string() });
const contentSchema = z.object({ rows: z.string(), hash: z.string() });
const placedSchema = contentSchema.extend({ place: z.int() });

/**
 * Lists the rows of a query.
 * @throws StewardError when the database is not reached or refuses, or the query or its cursor is not right
 */
export async function listRows(
  source: PostgresSource,
  access: SourceAccess,
  options: RowsOptions = {},
): Promise<SourceListing> {
  const { spec, inputs, signal } = access;
  const at = `${spec.name}.source`;
  const database = { url: supplyInput(source.url, inputs), at, signal };
  const files = await withSnapshot(database, async (snapshot) => {
    const known = await describeQuery(source, snapshot, at);
    if (known.cursor)
      return listSlices({ source, access, database, snapshot, known, cursor: known.cursor, ...options });
    const content = await readContent(snapshot, known, undefined);
    return [describeFile({ source, database, known, name: "", range: undefined }, content)];
  });
  return describeListing(files);
}

async function describeQuery(source: PostgresSource, snapshot: Snapshot, at: string): Promise<KnownQuery> {
  const { query } = source;
  const columns = await snapshot.describe(query);
  if (columns.length === 0) throw new StewardError(describeNoColumns(at));
  return { query, columns, cursor: findCursor(source, columns, at) };
}

interface Slicing extends RowsOptions {
  readonly source: PostgresSource;
  readonly access: SourceAccess;
  readonly database: DatabaseAccess;
  readonly snapshot: Snapshot;
  readonly known: KnownQuery;
  readonly cursor: Cursor;
}

async function listSlices(slicing: Slicing): Promise<RemoteFile[]> {
  const { source, access, database, known, cursor } = slicing;
  const query = identifyQuery({ url: source.url, query: source.query, cursor: cursor.name });
  const kept = access.base.flatMap((file) => {
    const slice = parseSlice(file.name, query);
    // What the version has is of no use where its contract was another: then the slice is read as it is now.
    return slice
      ? [
          {
            slice,
            fingerprint: file.fingerprint,
            isUseful: fileIdentity(access.spec, file.fingerprint) === file.identity,
          },
        ]
      : [];
  });
  const slices = kept.map(({ slice }) => slice);
  const looked = await lookAgain(slicing, slices, await findAgain(slicing, kept));
  const added = await findAdded(slicing, slices.at(-1), query);
  const describe = (slice: Slice) => ({ source, database, known, name: nameSlice(slice), range: slice });
  return [
    ...kept.map(({ slice, fingerprint }, place) => {
      const content = looked.get(place);
      return content ? describeFile(describe(slice), content) : openFile(describe(slice), fingerprint);
    }),
    ...added.map(({ slice, content }) => describeFile(describe(slice), content)),
  ];
}

/** The places of the slices that are looked at again: of them, and of what lies between them. */
async function findAgain(
  { access, snapshot, cursor, database }: Slicing,
  kept: readonly { readonly slice: Slice; readonly isUseful: boolean }[],
): Promise<readonly number[]> {
  const places = kept.flatMap(({ isUseful }, place) => (isUseful ? [] : [place]));
  const { again } = access;
  if (!again || kept.length === 0) return places;
  const ranges = kept.map(({ slice }) => slice);
  const asked = `from ${again.from ?? "the beginning"} to ${again.to ?? "the end"}`;
  const meeting = await snapshot
    .rows(askMeeting(cursor, ranges, again), z.object({ place: z.int() }))
    .catch((error: unknown) => {
      // Class 22: a value that is none of its type.
      if (codeOf(error).startsWith("22")) throw new StewardError(describeRange(cursor.name, asked, database.at));
      throw error;
    });
  return [...new Set([...places, ...meeting.map(({ place }) => place)])].sort((a, b) => a - b);
}

/** What is in slices now, by their places. */
async function lookAgain(
  { snapshot, known, cursor }: Slicing,
  slices: readonly Slice[],
  places: readonly number[],
): Promise<ReadonlyMap<number, RangeContent>> {
  const contents = new Map<number, RangeContent>();
  for (const run of groupRuns(places)) {
    const ranges = run.flatMap((place) => slices[place] ?? []);
    const found = await readContents(snapshot, { known, cursor, ranges });
    for (const [index, place] of run.entries()) contents.set(place, found[index] ?? nothing);
  }
  return contents;
}

/** Numbers in order, in groups that have no gaps. */
function groupRuns(numbers: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.at(-1) === number - 1) last.push(number);
    else runs.push([number]);
  }
  return runs;
}

const nothing: RangeContent = { rows: "0", hash: "0" };

async function readContents(
  snapshot: Snapshot,
  {
    known,
    cursor,
    ranges,
  }: { readonly known: KnownQuery; readonly cursor: Cursor; readonly ranges: readonly SliceRange[] },
): Promise<RangeContent[]> {
  // Without groups, the server may share the work.
  if (ranges.length === 1) return [await readContent(snapshot, known, ranges[0])];
  const found = await snapshot.rows(askContents(known, cursor, ranges), placedSchema);
  const byPlace = new Map(found.map(({ place, rows, hash }) => [place, { rows, hash }]));
  return ranges.map((_, place) => byPlace.get(place) ?? nothing);
}

/** The slices of what came after the last one. */
async function findAdded(
  { snapshot, known, cursor, database: { at }, sliceRows = mostRows }: Slicing,
  last: Slice | undefined,
  query: string,
): Promise<{ readonly slice: Slice; readonly content: RangeContent }[]> {
  const ends = z.object({ nulls: z.string(), end: z.string().nullable() });
  const [found] = await snapshot.rows(askEnd(known, cursor, last?.to), ends);
  const { nulls = "0", end = null } = found ?? {};
  if (nulls !== "0") throw new StewardError(describeNulls(cursor.name, nulls, at));
  if (end === null) return [];
  if (/nan|infinity/i.test(end)) throw new StewardError(describeEndless(cursor.name, end, at));
  const range = { ...(last && { from: last.to }), to: end };
  const [counted] = await snapshot.rows(askCount(known, cursor, range), rowsSchema);
  const bounds =
    Number(counted?.rows ?? 0) <= sliceRows
      ? []
      : await snapshot.rows(askBounds(known, cursor, { range, every: sliceRows }), z.object({ bound: z.string() }));
  const ranges = cutRanges(last?.to, [...bounds.map(({ bound }) => bound), end]);
  const contents = await readContents(snapshot, { known, cursor, ranges });
  return ranges.map((one, index) => ({
    slice: { ...one, query, number: (last?.number ?? 0) + index + 1 },
    content: contents[index] ?? nothing,
  }));
}

/** A file of the source, before it is known what is in it. */
interface FileParts {
  readonly source: PostgresSource;
  readonly database: DatabaseAccess;
  readonly known: KnownQuery;
  readonly name: string;
  /** @default all rows */
  readonly range: SliceRange | undefined;
}

function describeFile(parts: FileParts, content: RangeContent): RemoteFile {
  return openFile(parts, fingerprintOf(parts, content));
}

function openFile(parts: FileParts, fingerprint: Digest): RemoteFile {
  const fetch = (folder: string, options: FetchOptions) => fetchRows({ ...parts, fingerprint }, folder, options);
  return { name: parts.name, fingerprint, size: 0, fetch };
}

function fingerprintOf({ source, range }: FileParts, { rows, hash }: RangeContent): Digest {
  const { query, cursor } = source;
  return digestOf({
    query,
    rows,
    hash,
    ...(cursor !== undefined && { cursor, from: range?.from ?? "", to: range?.to ?? "" }),
  });
}

async function readContent(
  snapshot: Snapshot,
  known: KnownQuery,
  range: SliceRange | undefined,
): Promise<RangeContent> {
  const [content] = await snapshot.rows(askContent(known, range), contentSchema);
  return content ?? nothing;
}

async function fetchRows(
  { fingerprint, ...parts }: FileParts & { readonly fingerprint: Digest },
  folder: string,
  { signal, onProgress }: FetchOptions,
): Promise<string> {
  const { database, known, range } = parts;
  const path = join(folder, "rows.csv");
  await withSnapshot({ ...database, signal }, async (snapshot) => {
    const content = await readContent(snapshot, known, range);
    if (fingerprintOf(parts, content) !== fingerprint) throw new StewardError(describeChanged(database.at));
    let done = 0;
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, pass) => {
        done += chunk.length;
        onProgress?.({ phase: "fetching", done, unit: "bytes" });
        pass(null, chunk);
      },
    });
    const rows = await snapshot.copy(askRows(known, range));
    await pipeline(rows, count, createWriteStream(path), ...(signal ? [{ signal }] : []));
  });
  return path;
}

function describeNoColumns(at: string): Problem {
  return {
    code: "query-invalid",
    at: `${at}.query`,
    what: "The query of the source gives no columns",
    expected: "one SELECT that reads, and writes nothing",
  };
}

function describeChanged(at: string): Problem {
  return {
    code: "source-changed",
    at,
    what: "Rows of the source changed between the look at them and their reading",
    fix: 'run it again; where it happens often, let "lag" of the source be longer than such changes take, or look whether the query gives other rows each time',
  };
}
