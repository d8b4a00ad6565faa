/**
 * The program that converts a segment, or merges indexes: a process of its own at low priority, so that a model server answers as
 * quickly meanwhile. What it is to do is its argument, as JSON; what came of it is written into the file that it is told.
 * @module
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { convertSegment } from "./convert-segment.ts";
import { type ConverterTask, converterTask } from "./converter.ts";
import { mergeIndexes } from "./log-index.ts";

const lowPriority = 10;

setPriority(lowPriority);
const task = converterTask.parse(JSON.parse(process.argv[2] ?? "null"));
const result = (await work(task)) ?? null;
await writeFile(`${task.result}.part`, JSON.stringify(result));
await rename(`${task.result}.part`, task.result);

async function work(asked: ConverterTask): Promise<unknown> {
  if (asked.kind === "segment") return convertSegment(asked);
  const indexes = await Promise.all(
    asked.indexes.map(async ({ path, entries, parts }) => ({ bytes: await readFile(path), entries, parts })),
  );
  await writeFile(asked.merged, mergeIndexes(indexes));
  return undefined;
}
