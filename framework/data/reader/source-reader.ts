/**
 * The program of a reader: reads the files that it is asked for, one after another or many small ones at once, and answers
 * each request with what it read or with why that is not taken. It ends with the channel.
 *
 * `source-reader.ts <settings as JSON>`
 * @module
 */
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { StewardError } from "../../definitions/problem.ts";
import { type OpenDuckDb, openDuckDb } from "../duckdb.ts";
import type { Progress } from "../progress.ts";
import {
  channelDescriptor,
  type ReaderMessage,
  type ReaderSettings,
  type ReadRequest,
  type RestRequest,
  sendLine,
} from "./channel.ts";
import { measureFolder } from "./disk.ts";
import { readFile } from "./read-file.ts";
import { readSmallFiles } from "./read-small-files.ts";

/** How often it is told whether bytes move, in milliseconds. */
const tellingInterval = 500;
/** What is said to tell so moves bytes too, but so few of them in hours. */
const movedUnit = 2 ** 20;
/** A database that has grown is not kept for the next request: to open one takes a hundredth of a second. In bytes. */
const keptBytes = 64 * 2 ** 20;

const { databaseBytes, reserveBytes }: ReaderSettings = JSON.parse(process.argv[2] ?? "");
const channel = new Socket({ fd: channelDescriptor });
const send = (message: ReaderMessage): void => sendLine(channel, message);

/** The database that is open, and the folder that it was opened in. */
let open: { readonly db: OpenDuckDb; readonly folder: string } | undefined;

channel.on("end", () => process.exit(0));
channel.on("error", () => process.exit(1));
// Before the first file: a reader may be ended at any time after it.
flushCompileCache();
for await (const line of createInterface({ input: channel })) {
  const request: ReadRequest | RestRequest = JSON.parse(line);
  if ("rest" in request) {
    await closeDatabase();
    send({ rests: true });
  } else send(await serve(request));
}

/** Answers with one database as long as it is as good as new. */
async function serve(request: ReadRequest): Promise<ReaderMessage> {
  if (open?.folder !== request.folder) await closeDatabase();
  const [memory, reserve] = [toMebibytes(databaseBytes), toMebibytes(reserveBytes)];
  open ??= { db: await openDuckDb(request.folder, { memory, reserve }), folder: request.folder };
  const { db } = open;
  const message = await answer(db, request);
  const isSound = "readings" in message && (await measureFolder(db.folder)) <= keptBytes;
  if (!isSound) await closeDatabase();
  return message;
}

function toMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)}MiB`;
}

async function closeDatabase(): Promise<void> {
  await open?.db.close();
  open = undefined;
}

async function answer(db: OpenDuckDb, request: ReadRequest): Promise<ReaderMessage> {
  const { spec, files, spillBytes } = request;
  const [file, ...others] = files;
  if (!file) return { failure: "no file was asked for" };
  const telling = setInterval(() => send({ moved: countMoved() }), tellingInterval);
  try {
    if (others.length > 0) return { readings: await readSmallFiles(db, request) };
    const onProgress = (progress: Progress) => send({ progress });
    return { readings: [await readFile(db, { ...file, spec, spillBytes, onProgress })] };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (others.length > 0) return { apart: said };
    return error instanceof StewardError ? { problems: [...error.problems] } : { failure: said };
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
