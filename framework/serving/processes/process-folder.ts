/**
 * The folders in which the processes of a server keep their segments: each has its own, since two may not write in one.
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const namePattern = /^process-([1-9]\d{0,3})$/;

/** The folder of a process within the server's. The first has that itself. @param index counts from 0 */
export function locateProcess(folder: string, index: number): string {
  return index === 0 ? folder : join(folder, `process-${index}`);
}

/** The folders of all processes that a server ever had, that of the first one first. */
export async function listProcessFolders(folder: string): Promise<readonly string[]> {
  return [folder, ...(await listLeftFolders(folder, 1))];
}

/** The folders of processes that a server had and has no more. @param count how many processes it has */
export async function listLeftFolders(folder: string, count: number): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const indices = names.flatMap((name) => namePattern.exec(name)?.[1] ?? []).map(Number);
  return indices
    .filter((index) => index >= count)
    .sort((a, b) => a - b)
    .map((index) => locateProcess(folder, index));
}
