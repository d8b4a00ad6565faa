/**
 * Reaching sources elsewhere: what a worker has when it lists one, and the bytes of what it fetches.
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { SourceFile } from "../../../framework/data/source-files.ts";
import type { SourceAccess } from "../../../framework/data/sources/list-files.ts";
import { describeSource } from "../../../framework/definitions/source-location.ts";
import type { SourceSpec } from "../../../framework/definitions/spec.ts";
import type { Store } from "../../../framework/store/store.ts";
import { testSpec } from "../ingesting.ts";

/** What reaches a source that needs no store. */
export function reach(
  source: SourceSpec,
  inputs: Record<string, string> = {},
  change: Partial<SourceAccess> = {},
): SourceAccess {
  return {
    spec: testSpec([{ name: "amount", type: "integer" }], { source }),
    location: describeSource(source),
    inputs,
    // A source of files elsewhere asks the store for nothing.
    store: undefined as unknown as Store,
    base: [],
    workFolder: tmpdir(),
    ...change,
  };
}

/** A file that was fetched: what it is called, and what it holds. */
export interface Fetched {
  readonly name: string;
  readonly text: string;
}

/** Fetches a file of a source and reads it; nothing is left of it. */
export async function fetchText(
  file: SourceFile | undefined,
  options: Parameters<Extract<SourceFile, { fetch: unknown }>["fetch"]>[1] = {},
): Promise<Fetched> {
  if (!file || !("fetch" in file)) throw new Error("expected a file elsewhere");
  const folder = await mkdtemp(join(tmpdir(), "steward-fetched-"));
  try {
    const path = await file.fetch(folder, options);
    return { name: basename(path), text: await readFile(path, "utf8") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
