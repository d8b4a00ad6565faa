/**
 * Reading: from a source's files to Parquet files of the rows that keep the contract and of those that do not. It is done in
 * a process of its own (`reader/`), since anybody may have written the files.
 *
 * The same file and spec give the same bytes: rows lie in the order of event time and then of all other columns, parts are
 * cut at every 1,048,576th row, and one version of DuckDB writes the same Parquet whatever the machine.
 * @module
 */
import type { z } from "zod";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { OnProgress } from "./progress.ts";
import type { fileReadingSchema } from "./reader/file-reading.ts";
import { type ReaderLimits, startReader } from "./reader/start-reader.ts";

export interface ReadOptions {
  readonly spec: DatasetSpec;
  /** The files, by their names in the version. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
  /** An existing folder. What a reading names lies there until its reader takes it away; all else is removed. */
  readonly folder: string;
  /** Ends the work; what is thrown is its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phases `unpacking`, in bytes of a file, `checking`, in percent of it, and `writing`, in rows. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
  /** What the process may use that reads the files. @default 1.5 GB of memory, 60 s without progress, and room in proportion to the file */
  readonly limits?: ReaderLimits | undefined;
}

/** What was read of one file. Plain data. */
export type FileReading = z.output<typeof fileReadingSchema>;

/**
 * Reads files one after another and yields each as it is done. Whether there are too many bad rows is not judged here.
 *
 * @throws StewardError when a file cannot be read, lacks columns, or ends the process that reads it
 */
export async function* readSourceFiles(options: ReadOptions): AsyncGenerator<FileReading> {
  const { spec, files, ...readerOptions } = options;
  if (files.length === 0) return;
  const reader = await startReader(readerOptions);
  try {
    for (const { name, path } of files) yield await reader.read({ spec, name, path });
  } finally {
    await reader.close();
  }
}
