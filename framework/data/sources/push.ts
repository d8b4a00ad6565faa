/**
 * Rows that were pushed, as a source: each sealed group of batches is a file. What is there once never changes, so there is
 * nothing to read again.
 * @module
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { ColumnSpec } from "../../definitions/spec.ts";
import { digestOf } from "../../plan/digest.ts";
import type { Store } from "../../store/store.ts";
import { describeListing } from "../fingerprint.ts";
import { decodeLines } from "../intake/pushed-batch.ts";
import { type GroupLimits, type PushedGroup, sealGroups } from "../intake/pushed-group.ts";
import type { FetchOptions, RemoteFile, SourceListing } from "../source-files.ts";
import type { SourceAccess } from "./list-files.ts";

/** Lists the rows that were pushed, and seals those that came since it was last asked. There may be none yet. */
export async function listPushed(
  { spec, store }: Pick<SourceAccess, "spec" | "store">,
  limits?: GroupLimits,
): Promise<SourceListing> {
  const groups = await sealGroups(store, spec.name, limits);
  return describeListing(groups.map((group) => describeGroup(group, spec.columns, store)));
}

function describeGroup(group: PushedGroup, columns: readonly ColumnSpec[], store: Pick<Store, "getBytes">): RemoteFile {
  const { number, batches } = group;
  return {
    // So that the order of names is that of numbers.
    name: String(number).padStart(8, "0"),
    fingerprint: digestOf({ batches: batches.map(({ object }) => object.sha256) }),
    size: batches.reduce((sum, { object }) => sum + object.size, 0),
    fetch: (folder, options) => fetchGroup(group, { ...options, folder, columns, store }),
  };
}

interface FetchGroupOptions extends FetchOptions {
  readonly folder: string;
  readonly columns: readonly ColumnSpec[];
  readonly store: Pick<Store, "getBytes">;
}

async function fetchGroup(
  { batches }: PushedGroup,
  { folder, columns, store, signal, onProgress }: FetchGroupOptions,
): Promise<string> {
  const path = join(folder, "rows.json");
  const total = batches.reduce((sum, { object }) => sum + object.size, 0);
  let done = 0;
  await using file = await open(path, "wx");
  for (const [index, { object }] of batches.entries()) {
    signal?.throwIfAborted();
    const lines = decodeLines(await store.getBytes(object));
    const [first = "{}", ...others] = lines;
    const written = index === 0 ? [completeRow(first, columns), ...others] : lines;
    // Not by a single write, which a disk that is full may cut short without a word.
    await file.appendFile(`${written.join("\n")}\n`);
    done += object.size;
    onProgress?.({ phase: "fetching", done, total, unit: "bytes" });
  }
  return path;
}

/**
 * A row with null for what it lacks. A value that a row leaves out is null, and what that means is for the contract to say, row by
 * row; were it left out by all rows of a file, the file would be one without the column. Pure.
 */
export function completeRow(line: string, columns: readonly Pick<ColumnSpec, "name">[]): string {
  const known = new Set(Object.keys(JSON.parse(line)));
  const lacking = columns.filter(({ name }) => !known.has(name)).map(({ name }) => `${JSON.stringify(name)}:null`);
  if (lacking.length === 0) return line;
  return line === "{}" ? `{${lacking.join(",")}}` : `{${lacking.join(",")},${line.slice(1)}`;
}
