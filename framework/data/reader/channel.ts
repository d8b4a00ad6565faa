/**
 * What a reader and the process that started it say to each other: lines of JSON on a socket of their own.
 * @module
 */
import type { Duplex } from "node:stream";
import { z } from "zod";
import { problemSchema } from "../../definitions/problem-schema.ts";
import type { DatasetSpec } from "../../definitions/spec.ts";
import type { Progress } from "../progress.ts";
import { fileReadingSchema } from "./file-reading.ts";

/** The descriptor of the socket in the child. */
export const channelDescriptor = 3;

/** A line that is longer is handed over in parts, which are no JSON: nothing a reader has to say is so long. In characters. */
const longestLine = 64 * 2 ** 20;

/** A file of so many bytes at most, unpacked, is small, and is read with others at once. */
export const smallBytes = 256 * 2 ** 10;

/** A file to be read. */
export interface FileRequest {
  /** The file's name in the version, and where it is, absolute. */
  readonly name: string;
  readonly path: string;
  /** Begins the paths of what is written, absolute. */
  readonly prefix: string;
}

/** What a reader is to read next. */
export interface ReadRequest {
  readonly spec: DatasetSpec;
  /** One file, or several small ones that are read at once. */
  readonly files: readonly FileRequest[];
  /** An existing folder for all that it writes and takes away again, absolute. */
  readonly folder: string;
  /** What may be spilled to disk, in bytes. */
  readonly spillBytes: number;
}

/** Has a reader let go of the folder that it worked in. */
export interface RestRequest {
  readonly rest: true;
}

/** What a reader is started with, as its one argument. */
export interface ReaderSettings {
  /** What DuckDB may hold in memory before it spills, in bytes. */
  readonly databaseBytes: number;
  /** What it may hold where a statement cannot do with less. */
  readonly reserveBytes: number;
}

const progress = z.strictObject({
  phase: z.string(),
  done: z.number(),
  total: z.number().exactOptional(),
  unit: z.enum(["rows", "bytes", "percent"]),
}) satisfies z.ZodType<Progress>;

/** What a reader says: how far it is, then one of the others for each request. */
export const readerMessage = z.union([
  z.strictObject({ progress }),
  /** A count that grows while bytes are read and written. */
  z.strictObject({ moved: z.int() }),
  /** What was read of each file. */
  z.strictObject({ readings: z.array(fileReadingSchema).min(1) }),
  /** Why several files cannot be read at once. */
  z.strictObject({ apart: z.string() }),
  z.strictObject({ rests: z.literal(true) }),
  /** Why the file is not taken. */
  z.strictObject({ problems: z.array(problemSchema).min(1) }),
  /** What went wrong that is not the file's fault. */
  z.strictObject({ failure: z.string() }),
]);

export type ReaderMessage = z.output<typeof readerMessage>;

export function sendLine(channel: Duplex, message: ReaderMessage | ReadRequest | RestRequest): void {
  channel.write(`${JSON.stringify(message)}\n`);
}

/** Hands over each whole line; what follows the last line end was not said. */
export function onEachLine(channel: Duplex, take: (line: string) => void): void {
  let rest = "";
  channel.setEncoding("utf8");
  channel.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
    if (rest.length <= longestLine) return;
    take(rest);
    rest = "";
  });
}
