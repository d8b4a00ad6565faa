/**
 * A record by its id: through the indexes of ids, of which a few kilobytes are read each, then from the one part that has it.
 * @module
 */
import { tmpdir } from "node:os";
import { z } from "zod";
import { withDuckDb } from "../../data/duckdb.ts";
import { quotePath, quoteText } from "../../data/sql.ts";
import { StewardError } from "../../definitions/problem.ts";
import { mendText } from "./convert-segment.ts";
import { type LogReadingStore, listReplicas } from "./list-parts.ts";
import {
  beginSearch,
  chooseWindow,
  entryBytes,
  type FoundEntry,
  hashId,
  type IdSearch,
  placeRange,
  readPlace,
  searchWindow,
} from "./log-index.ts";
import { type IdIndex, type LogAddress, logName, logPartSchema } from "./log-part.ts";
import { type RecordRow, readColumns, sameRecord } from "./record-columns.ts";

/** The records of an id that are in the store: more than one where callers gave one id to several requests. */
export async function findRecords(store: LogReadingStore, address: LogAddress, id: string): Promise<RecordRow[]> {
  const heads = await listReplicas(store, address);
  const sought = mendText(id);
  const found = await Promise.all(
    heads.flatMap(({ head }) => head.indexes.map((index) => findPlaces(store, index, sought))),
  );
  const rows = new Map<string, RecordRow>();
  for (const place of new Set(found.flat()))
    for (const row of await readFromPart(store, address, { place, id: sought })) rows.set(sameRecord(row), row);
  return [...rows.values()];
}

/** The places of the parts that may have the record of an id, by one index. */
async function findPlaces(store: LogReadingStore, { object, ...index }: IdIndex, id: string): Promise<string[]> {
  const sought = hashId(id);
  const entries: FoundEntry[] = [];
  for (let search: IdSearch = beginSearch(index.entries); ; ) {
    const range = chooseWindow(search, sought);
    if (!range) break;
    const bytes = await store.inventory.peek(object.sha256, range.length * entryBytes, range.start * entryBytes);
    if (bytes?.length !== range.length * entryBytes) throw refuseLost(object.sha256);
    const { found, left } = searchWindow({ bytes, start: range.start }, sought, search);
    entries.push(...found);
    search = left;
  }
  const parts = [...new Set(entries.map(({ part }) => part))];
  return await Promise.all(
    parts.map(async (part) => {
      const { start, length } = placeRange(index, part);
      return readPlace((await store.inventory.peek(object.sha256, length, start)) ?? Buffer.alloc(0));
    }),
  );
}

function refuseLost(digest: string): StewardError {
  return new StewardError({
    code: "object-missing",
    at: digest,
    what: "an index of the log's ids is not in the store, or not all of it",
    fix: "restore the bucket from its backup",
  });
}

const row = z.record(z.string(), z.unknown()).transform((value) => value as RecordRow);

async function readFromPart(
  store: LogReadingStore,
  address: LogAddress,
  { place, id }: { readonly place: string; readonly id: string },
): Promise<RecordRow[]> {
  const part = logPartSchema.optional().parse(await store.readName(`${logName(address)}/${place}`));
  if (!part) return [];
  const path = await store.fetchFile(part.object);
  return await withDuckDb(tmpdir(), (db) =>
    db.rows(`SELECT ${readColumns} FROM read_parquet(${quotePath(path)}) WHERE id = ${quoteText(id)}`, row),
  );
}
