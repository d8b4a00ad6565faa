/**
 * The converter, from the outside: a process for each task, with limits, which can crash and be none the worse for the server.
 * @module
 */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { z } from "zod";
import { startProcess } from "../../training/limited-process.ts";
import type { ConvertedSegment, SegmentToConvert } from "./convert-segment.ts";

const segmentTask = z.strictObject({
  kind: z.literal("segment"),
  path: z.string(),
  replica: z.string(),
  folder: z.string(),
  today: z.string(),
  /** The file that what came of it is written into. */
  result: z.string(),
});

const mergeTask = z.strictObject({
  kind: z.literal("merge"),
  indexes: z.array(z.strictObject({ path: z.string(), entries: z.int(), parts: z.int() })),
  /** The file that the index is written into. */
  merged: z.string(),
  result: z.string(),
});

export const converterTask = z.discriminatedUnion("kind", [segmentTask, mergeTask]);
export type ConverterTask = z.output<typeof converterTask>;

/** What a converter may have in memory: that of DuckDB, with the largest records, of a segment as values, and of the largest indexes; in bytes. */
const memoryBytes = 3_000_000_000;
const printedCharacters = 1000;
const program = join(import.meta.dirname, `converter-program${extname(import.meta.filename)}`);

/** Converts a segment in a process of its own. @returns nothing for one without a record @throws ConversionFailed */
export async function convertApart(
  segment: SegmentToConvert,
  signal?: AbortSignal,
): Promise<ConvertedSegment | undefined> {
  const result = join(segment.folder, "result.json");
  const { path, replica, folder, today } = segment;
  await runTask({ kind: "segment", path, replica, folder, today, result }, signal);
  return (JSON.parse(await readFile(result, "utf8")) as ConvertedSegment | null) ?? undefined;
}

/** Merges indexes in a process of its own. @param folder an existing one @returns the path of the merged one */
export async function mergeApart(
  indexes: readonly { readonly path: string; readonly entries: number; readonly parts: number }[],
  { folder, signal }: { readonly folder: string; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const merged = join(folder, "merged.index");
  await runTask({ kind: "merge", indexes: [...indexes], merged, result: join(folder, "merged.json") }, signal);
  return merged;
}

/** A converter ended without having done its work, which keeps no other segment from being converted. */
export class ConversionFailed extends Error {}

async function runTask(task: ConverterTask, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  let printed = "";
  const { LD_LIBRARY_PATH: libraries } = process.env;
  const child = startProcess([process.execPath, "--no-warnings", program, JSON.stringify(task)], {
    folder: "/",
    environment: {
      HOME: "/",
      LANG: "C.UTF-8",
      TZ: "UTC",
      ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
    },
    memoryBytes,
    graceSeconds: 0,
    onLine: (line) => {
      printed = `${printed}${line}\n`.slice(-printedCharacters);
    },
  });
  const stop = () => void child.stop();
  signal?.addEventListener("abort", stop, { once: true });
  const { ok, reason, how } = await child.ended;
  signal?.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  if (!ok)
    throw new ConversionFailed(
      `a segment could not be converted: ${reason === "memory" ? "too much memory" : how}: ${printed}`,
    );
}
