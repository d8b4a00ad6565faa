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

/** The file that a reader is to read next. */
export interface ReadRequest {
  readonly spec: DatasetSpec;
  /** The file's name in the version, and where it is, absolute. */
  readonly name: string;
  readonly path: string;
  /** Begins the paths of what is written, absolute. */
  readonly prefix: string;
  /** What may be spilled to disk, in bytes. */
  readonly spillBytes: number;
}

/** What a reader is started with, as its one argument. */
export interface ReaderSettings {
  /** An existing folder for all that it writes and takes away again, absolute. */
  readonly folder: string;
  /** What DuckDB may hold in memory before it spills, in bytes. */
  readonly databaseBytes: number;
}

const progress = z.strictObject({
  phase: z.string(),
  done: z.number(),
  total: z.number().exactOptional(),
  unit: z.enum(["rows", "bytes", "percent"]),
}) satisfies z.ZodType<Progress>;

/** What a reader says: how far it is, then one of the other three for each file. */
export const readerMessage = z.union([
  z.strictObject({ progress }),
  /** A count that grows while bytes are read and written. */
  z.strictObject({ moved: z.int() }),
  z.strictObject({ reading: fileReadingSchema }),
  /** Why the file is not taken. */
  z.strictObject({ problems: z.array(problemSchema).min(1) }),
  /** What went wrong that is not the file's fault. */
  z.strictObject({ failure: z.string() }),
]);

export type ReaderMessage = z.output<typeof readerMessage>;

export function sendLine(channel: Duplex, message: ReaderMessage | ReadRequest): void {
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
