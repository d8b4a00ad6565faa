/**
 * Reading back what a request log wrote.
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findLike, LikeLines } from "../../framework/serving/log/short-record.ts";

export interface LoggedRecord {
  readonly sequence: number;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Every record of a folder in order, short ones as whole ones; a last line that was not finished is left out. */
export async function readRecords(folder: string): Promise<LoggedRecord[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => {
    const wholes = new LikeLines();
    return text
      .split("\n")
      .slice(0, -1)
      .map((line): LoggedRecord => {
        const like = findLike(line);
        const record = JSON.parse(like === undefined ? line : (wholes.find(like)?.expand(line) ?? line));
        if (like === undefined) wholes.add(record.sequence, Buffer.from(line));
        return record;
      });
  });
}
