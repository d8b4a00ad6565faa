/**
 * The program of a reader: reads the files that it is asked for, one after another, and answers each with what it read or
 * with why it is not taken. It ends with the channel.
 *
 * `source-reader.ts <settings as JSON>`
 * @module
 */
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { StewardError } from "../../definitions/problem.ts";
import { type DuckDb, withDuckDb } from "../duckdb.ts";
import { channelDescriptor, type ReaderMessage, type ReaderSettings, type ReadRequest, sendLine } from "./channel.ts";
import { measureFolder } from "./disk.ts";
import { readFile } from "./read-file.ts";

/** How often it is told whether bytes move, in milliseconds. */
const tellingInterval = 500;
/** What is said to tell so moves bytes too, but so few of them in hours. */
const movedUnit = 2 ** 20;
/** A database that has grown is not kept for the next file: to open one takes a twentieth of a second. In bytes. */
const keptBytes = 64 * 2 ** 20;

const { folder, databaseBytes }: ReaderSettings = JSON.parse(process.argv[2] ?? "");
const channel = new Socket({ fd: channelDescriptor });
const send = (message: ReaderMessage): void => sendLine(channel, message);
const requests = createInterface({ input: channel })[Symbol.asyncIterator]();

channel.on("end", () => process.exit(0));
channel.on("error", () => process.exit(1));
// Before the first file: a reader may be ended at any time after it.
flushCompileCache();
for (;;) await withDuckDb(folder, serve, { memory: `${Math.floor(databaseBytes / 2 ** 20)}MiB` });

/** Answers with one database as long as it is as good as new. */
async function serve(db: DuckDb): Promise<void> {
  let isSound = true;
  while (isSound) {
    const { value: line, done } = await requests.next();
    if (done) process.exit(0);
    const message = await answer(db, JSON.parse(line));
    isSound = "reading" in message && (await measureFolder(db.folder)) <= keptBytes;
    send(message);
  }
}

async function answer(db: DuckDb, request: ReadRequest): Promise<ReaderMessage> {
  const telling = setInterval(() => send({ moved: countMoved() }), tellingInterval);
  try {
    return { reading: await readFile(db, { ...request, onProgress: (progress) => send({ progress }) }) };
  } catch (error) {
    if (error instanceof StewardError) return { problems: [...error.problems] };
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    clearInterval(telling);
  }
}

/** What this process has read and written so far; where the system does not tell, what it has had of the disk. */
function countMoved(): number {
  try {
    const counted = readFileSync("/proc/self/io", "utf8").matchAll(/^[rw]char: (\d+)$/gm);
    return Math.floor(Array.from(counted, ([, bytes]) => Number(bytes)).reduce((a, b) => a + b, 0) / movedUnit);
  } catch {
    const { fsRead, fsWrite } = process.resourceUsage();
    return fsRead + fsWrite;
  }
}
