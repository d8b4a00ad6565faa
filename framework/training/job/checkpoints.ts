/**
 * What a TypeScript trainer keeps for its next attempt: whole or not there, and the run's own. The same folders as those of the
 * Python package.
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { cp, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { z } from "zod";

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a checkpoint may hold: bytes, the path of a file or folder, which is copied, or an object of what JSON can say. */
export type State = Uint8Array | string | { readonly [name: string]: Json };

/** A checkpoint that an earlier attempt has left. */
export interface FoundCheckpoint {
  readonly number: number;
  /** The last step that was reported before it was kept. */
  readonly step: number;
  readonly state: State;
}

const recordSchema = z.object({
  run: z.string(),
  number: z.int(),
  step: z.int(),
  kind: z.enum(["bytes", "json", "path"]),
  /** The digest of each file, by its path in the checkpoint. */
  files: z.record(z.string(), z.string()),
});
type CheckpointRecord = z.output<typeof recordSchema>;

const recordName = "checkpoint.json";
const stateName = "state";
const prefix = "checkpoint-";
/** How many are kept: a younger one that was damaged on the disk leaves an older one to go on from. */
const kept = 2;

/** The checkpoints of one run in one folder. */
export class Checkpoints {
  readonly #folder: string;
  readonly #run: string;
  /** The one that this attempt went on from, whose files it may still be reading. */
  #held: number | undefined;

  constructor(folder: string, run: string) {
    this.#folder = folder;
    this.#run = run;
  }

  /** Writes a checkpoint. @returns its number */
  async keep(state: State, step: number): Promise<number> {
    const number = Math.max(0, ...(await this.#listNumbers())) + 1;
    const partial = await mkdtemp(join(this.#folder, ".partial-"));
    try {
      const kind = await writeState(state, join(partial, stateName));
      const record: CheckpointRecord = { run: this.#run, number, step, kind, files: await digestFiles(partial) };
      await writeFile(join(partial, recordName), JSON.stringify(record));
      await bringToDisk(partial);
      await rename(partial, this.#locate(number));
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    await sync(this.#folder);
    const older = (await this.#listNumbers()).slice(0, -kept).filter((each) => each !== this.#held);
    for (const each of older) await rm(this.#locate(each), { recursive: true, force: true });
    return number;
  }

  /** The youngest whole checkpoint of this run. */
  async find(): Promise<FoundCheckpoint | undefined> {
    for (const name of await readdir(this.#folder))
      if (name.startsWith(".partial-")) await rm(join(this.#folder, name), { recursive: true, force: true });
    for (const number of (await this.#listNumbers()).reverse()) {
      // What cannot be read is passed over for the one before it.
      const found = await this.#read(number).catch(() => undefined);
      if (!found) continue;
      this.#held = number;
      return found;
    }
    return undefined;
  }

  async #read(number: number): Promise<FoundCheckpoint | undefined> {
    const folder = this.#locate(number);
    const record = recordSchema.parse(JSON.parse(await readFile(join(folder, recordName), "utf8")));
    const present = Object.entries(await digestFiles(folder));
    const isWhole =
      present.length === Object.keys(record.files).length &&
      present.every(([path, digest]) => record.files[path] === digest);
    if (record.run !== this.#run || !isWhole) return undefined;
    return { number, step: record.step, state: await readState(record.kind, join(folder, stateName)) };
  }

  #locate(number: number): string {
    return join(this.#folder, `${prefix}${String(number).padStart(6, "0")}`);
  }

  async #listNumbers(): Promise<number[]> {
    const names = await readdir(this.#folder);
    const numbers = names.flatMap((name) => new RegExp(`^${prefix}(\\d+)$`).exec(name)?.slice(1) ?? []);
    return numbers.map(Number).sort((a, b) => a - b);
  }
}

async function writeState(state: State, target: string): Promise<CheckpointRecord["kind"]> {
  if (typeof state === "string") {
    const source = resolve(state);
    await mkdir(target);
    await cp(source, join(target, basename(source)), { recursive: true });
    return "path";
  }
  if (state instanceof Uint8Array) {
    await writeFile(target, state);
    return "bytes";
  }
  checkJson(state, "state");
  await writeFile(target, JSON.stringify(state));
  return "json";
}

async function readState(kind: CheckpointRecord["kind"], target: string): Promise<State> {
  if (kind === "bytes") return readFile(target);
  if (kind === "json") return JSON.parse(await readFile(target, "utf8"));
  const [name = ""] = await readdir(target);
  return join(target, name);
}

/** Refuses what would come back as something else, or not at all. */
function checkJson(value: unknown, at: string): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  const isPlain =
    Array.isArray(value) || (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype);
  if (!isPlain) {
    const got = typeof value === "object" ? (value?.constructor?.name ?? "object") : String(value);
    throw new TypeError(`checkpoint(): ${at} is ${got}, which JSON cannot say: write it to a file and give its path`);
  }
  for (const [name, each] of Object.entries(value)) checkJson(each, `${at}.${name}`);
}

/** The digest of each file but the record, by its path in the folder. */
async function digestFiles(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join("/"))
    .filter((path) => path !== recordName)
    .sort();
  const digests: Record<string, string> = {};
  // One after the other, in pieces: a checkpoint may be as large as the job's memory.
  for (const path of paths) {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(join(folder, path))) hash.update(piece as Buffer);
    digests[path] = hash.digest("hex");
  }
  return digests;
}

async function bringToDisk(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of entries) await sync(join(parentPath, name));
  await sync(folder);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
