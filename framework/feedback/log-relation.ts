/**
 * A stream of an endpoint's log as a relation for DuckDB: the segments of this machine, what stands in the store record by record, and
 * the parts that were made of either. A record may be in two of them.
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mapConcurrently } from "../data/concurrency.ts";
import type { DuckDb } from "../data/duckdb.ts";
import { quotePath, quoteText } from "../data/sql.ts";
import { readLines, selectLines } from "../serving/log/convert-segment.ts";
import type { LogReadingStore } from "../serving/log/list-parts.ts";
import { type LogAddress, logName, logPartSchema, parsePartPlace } from "../serving/log/log-part.ts";
import { readColumns, recordColumns } from "../serving/log/record-columns.ts";
import { readReplica } from "../serving/log/replica.ts";
import { listSegments } from "../serving/log/segment-target.ts";
import { listProcessFolders } from "../serving/processes/process-folder.ts";

export interface LogToRead {
  readonly address: LogAddress;
  /** The folder with the segments of this machine. @default there are none */
  readonly folder?: string | undefined;
  /** @default nothing of it is in a store */
  readonly store?: Pick<LogReadingStore, "listNames" | "readName" | "fetchFile" | "entries"> | undefined;
  /**
   * Parts of the store are left out whose records are all from before that, in milliseconds since 1970. Of labels such a part may
   * have what was recorded later: their times are those at which they became true. @default none are
   */
  readonly since?: number | undefined;
}

const dayMilliseconds = 86_400_000;

/** How many parts are fetched at once. */
const fetchedAtOnce = 8;

/** The records of a stream, as SQL; the columns are those of `record-columns.ts`. */
export async function relateLog(db: DuckDb, { address, folder, store, since }: LogToRead): Promise<string> {
  const relations = [nothing];
  // What a replica wrote is one file, of however many segments and entries: a query of thousands of files is slow to begin.
  const written = new Map<string, { readonly path: string; longest: number }>();
  const take = async (found: Buffer | undefined, replica: string): Promise<void> => {
    // What is being written has room behind its records, and may end in half a line.
    const lines = found ? readLines(found) : [];
    if (lines.length === 0) return;
    const known = written.get(replica);
    const file = known ?? { path: join(db.folder, `${address.stream}-${written.size}.jsonl`), longest: 0 };
    written.set(replica, file);
    const feed = Buffer.from("\n");
    const bytes = Buffer.concat(lines.flatMap((line) => [line.bytes, feed]));
    await writeFile(file.path, bytes, { flag: known ? "a" : "w" });
    file.longest = lines.reduce((most, line) => Math.max(most, line.bytes.length), file.longest);
  };
  for (const own of folder === undefined ? [] : await listProcessFolders(folder)) {
    const replica = readReplica(own) ?? "here";
    // One that was shipped a moment ago is gone, and in the parts, which are therefore listed last.
    for (const { path } of await listSegments({ folder: own, stream: address.stream }))
      await take(await readFile(path).catch(() => undefined), replica);
  }
  const root = `${logName(address)}/`;
  if (store) {
    for await (const { name } of store.entries.list(root))
      await take(await store.entries.read(name), name.slice(root.length).split("/", 1)[0] ?? "");
  }
  for (const [replica, file] of written)
    relations.push(`SELECT ${readColumns} FROM (${selectLines({ ...file, replica: quoteText(replica) })})`);
  const parts = store ? await fetchParts(store, { root, since }) : [];
  if (parts.length > 0) {
    const files = parts.map(quotePath).join(", ");
    relations.push(`SELECT ${readColumns} FROM read_parquet([${files}], hive_partitioning = false)`);
  }
  return relations.join(" UNION ALL ");
}

const columnTypes: Readonly<Partial<Record<(typeof recordColumns)[number], string>>> = {
  sequence: "BIGINT",
  time: "TIMESTAMPTZ",
  latencyMicroseconds: "BIGINT",
};

/** A relation without rows, so that there is one of a log without records. */
const nothing = `SELECT ${recordColumns
  .map((name) => `CAST(NULL AS ${columnTypes[name] ?? "VARCHAR"}) AS "${name}"`)
  .join(", ")} WHERE FALSE`;

async function fetchParts(
  store: NonNullable<LogToRead["store"]>,
  { root, since }: { readonly root: string; readonly since: number | undefined },
): Promise<readonly string[]> {
  const names: string[] = [];
  // A part is named for the day of its first record, and may have records of the day after: of many days, where records are brought rarely.
  // Only the last one of a replica before those days can be such a part.
  const first = since === undefined ? Number.NEGATIVE_INFINITY : since - 2 * dayMilliseconds;
  const earlier = new Map<string, { readonly name: string; readonly last: number }>();
  for await (const name of store.listNames(root)) {
    const part = parsePartPlace(name.slice(root.length));
    if (!part) continue;
    const { replica, last } = part;
    if (Date.parse(part.day) >= first) names.push(name);
    else if (last > (earlier.get(replica)?.last ?? 0)) earlier.set(replica, { name, last });
  }
  names.push(...[...earlier.values()].map(({ name }) => name));
  const files = await mapConcurrently(names, fetchedAtOnce, async (name) => {
    const { object, span } = logPartSchema.parse(await store.readName(name));
    const isOver = since !== undefined && span !== undefined && Date.parse(span.to) < since;
    return isOver ? undefined : store.fetchFile(object);
  });
  return files.filter((file) => file !== undefined);
}
