/**
 * Reading: from a source's files to Parquet files of the rows that keep the contract and of those that do not. It is done in
 * a process of its own (`reader/`), since anybody may have written the files.
 *
 * The same file and spec give the same bytes: rows lie in the order of event time and then of all other columns, parts are
 * cut at every 1,048,576th row, and one version of DuckDB writes the same Parquet whatever the machine. Small files that
 * follow one another are read at once, which takes a tenth of the time, and gives the same bytes too.
 * @module
 */
import type { z } from "zod";
import { formatOfSource, type SourceFormat } from "../definitions/source-format.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { OnProgress } from "./progress.ts";
import { smallBytes } from "./reader/channel.ts";
import type { fileReadingSchema } from "./reader/file-reading.ts";
import { type Reader, type ReaderLimits, startReader } from "./reader/start-reader.ts";

export interface ReadOptions {
  readonly spec: DatasetSpec;
  /** The files, in their order. */
  readonly files: Iterable<FileAtHand> | AsyncIterable<FileAtHand>;
  /** An existing folder. What a reading names lies there until its reader takes it away; all else is removed. */
  readonly folder: string;
  /** Ends the work; what is thrown is its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phases `unpacking`, in bytes of a file, `checking`, in percent of it, and `writing`, in rows. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
  /** What the process may use that reads the files. @default 1.5 GB of memory, 60 s without progress, and room in proportion to the file */
  readonly limits?: ReaderLimits | undefined;
}

/** A file to be read. */
export interface FileAtHand {
  /** Its name in the version. */
  readonly name: string;
  readonly path: string;
  /** In bytes. @default it is not known to be small, and is read by itself */
  readonly size?: number;
  /** Called when it was read, and is not needed any more. @default nothing is to be done */
  readonly release?: () => Promise<void>;
}

/** What was read of one file. Plain data. */
export type FileReading = z.output<typeof fileReadingSchema>;

/** So many small files, with so many bytes together, are read at once. */
const mostAtOnce = 64;
const mostBytesAtOnce = 2 ** 21;
/** The formats whose files can be read at once. */
const manyAtOnce: readonly SourceFormat[] = ["csv", "json", "parquet"];

/**
 * Reads files one after another and yields each in its turn, while those after it are read. Whether there are too many bad
 * rows is not judged here.
 *
 * @throws StewardError when a file cannot be read, lacks columns, or ends the process that reads it
 */
export async function* readSourceFiles(options: ReadOptions): AsyncGenerator<FileReading> {
  const { spec, files, ...readerOptions } = options;
  let reader: Reader | undefined;
  let reading: Promise<readonly FileReading[]> | undefined;
  try {
    for await (const some of groupFiles(files, manyAtOnce.includes(formatOfSource(spec.source)))) {
      reader ??= await startReader({ ...readerOptions, dataset: spec.name });
      const before = await reading;
      reading = readGroup(reader, spec, some);
      // Whoever waits for it is told of a failure, in its turn.
      reading.catch(() => {});
      if (before) yield* before;
    }
    if (reading) yield* await reading;
  } finally {
    await reader?.close();
    await reading?.catch(() => {});
  }
}

async function readGroup(
  reader: Reader,
  spec: DatasetSpec,
  files: readonly FileAtHand[],
): Promise<readonly FileReading[]> {
  try {
    const atOnce = files.length > 1 ? await reader.readSmall(spec, files) : undefined;
    if (atOnce) return atOnce;
    const readings = [];
    // One of them is odd: by itself each says what it is.
    for (const { name, path } of files) readings.push(await reader.read({ spec, name, path }));
    return readings;
  } finally {
    for (const { release } of files) await release?.();
  }
}

/** Small files that follow one another are together, any other is by itself. */
async function* groupFiles(files: ReadOptions["files"], mayBeMany: boolean): AsyncGenerator<readonly FileAtHand[]> {
  let group: FileAtHand[] = [];
  let bytes = 0;
  for await (const file of files) {
    const { size = 0 } = file;
    const isSmall = mayBeMany && size > 0 && size <= smallBytes;
    if (group.length > 0 && (!isSmall || group.length === mostAtOnce || bytes + size > mostBytesAtOnce)) {
      yield group;
      group = [];
      bytes = 0;
    }
    if (isSmall) {
      group.push(file);
      bytes += size;
    } else yield [file];
  }
  if (group.length > 0) yield group;
}
