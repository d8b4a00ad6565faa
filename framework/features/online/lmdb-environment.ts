/**
 * LMDB environments as this process has them. The driver ends the process where opening an environment fails, and where
 * one folder is opened twice it gives up the locks by which writers know of readers. So nothing is opened here that could
 * fail: a data file appears whole, and what is no data file, or does not fit into the address space, is refused before; and
 * each folder is opened once, for all who use it. The map is as large as it will ever be from the start, and never grows
 * beside a reader.
 * @module
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { StewardError } from "../../definitions/problem.ts";

/** What an environment holds, by keys of bytes. */
export type Rows = RootDatabase<Buffer, Uint8Array>;

/** Where an environment is, and how it is used. */
export interface EnvironmentOptions {
  /** The folder; it is made by whoever writes. */
  readonly folder: string;
  /** Whether this process reads only. A folder in which nothing is yet has no environment. @default false */
  readonly readOnly?: boolean;
}

/** An environment that somebody uses. */
export interface Environment {
  readonly rows: Rows;
  /** Gives it up. The last one who does closes it. */
  close(): Promise<void>;
}

/** Address space for the data, in bytes: memory and disk are taken for what is there alone. */
const mapBytes = 64 * 2 ** 30;
/** What is left free, in bytes, so that the writes of one turn cannot come to the end of the map. */
const spareBytes = 2 ** 30;
/** What every data file has near its beginning, in the byte order of the machine, which is little-endian wherever this runs. */
const magic = Buffer.of(0xde, 0xc0, 0xef, 0xbe);
const dataFile = "data.mdb";

interface Shared {
  readonly rows: Rows;
  readonly readOnly: boolean;
  users: number;
  /** @default it is open */
  closing?: Promise<void>;
}

const environments = new Map<string, Shared>();

/**
 * Opens the environment in a folder, which a writer makes.
 *
 * @returns nothing for a reader where nobody has written yet
 * @throws StewardError `online-store-failed`
 */
export async function openEnvironment({
  folder,
  readOnly = false,
}: EnvironmentOptions): Promise<Environment | undefined> {
  try {
    if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(join(folder, dataFile))) {
      if (readOnly) return undefined;
      await createWhole(folder);
    }
    const path = realpathSync(folder);
    await environments.get(path)?.closing;
    return share(path, environments.get(path) ?? begin(path, readOnly), readOnly);
  } catch (error) {
    throw error instanceof StewardError || error instanceof TypeError ? error : failed(folder, error);
  }
}

/** @throws StewardError `online-store-failed` when a turn of writing might not fit */
export function requireRoom(rows: Rows): void {
  const { lastPageNumber = 0, pageSize = 4096 } = rows.getStats() as { lastPageNumber?: number; pageSize?: number };
  if ((lastPageNumber + 1) * pageSize <= mapBytes - spareBytes) return;
  throw new StewardError({
    code: "online-store-failed",
    at: "",
    what: "the online store on this disk is full",
    got: `${Math.round(((lastPageNumber + 1) * pageSize) / 2 ** 30)} GiB`,
    expected: `at most ${(mapBytes - spareBytes) / 2 ** 30} GiB`,
    fix: "keep fewer entities, or put the online store on Redis or Valkey: npx pulumi config set --secret steward:online …",
  });
}

/** The problem of what the disk or the driver did not do. */
export function failed(at: string, error: unknown): StewardError {
  const got = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  const what = "the online store on this disk could not do what was asked";
  return new StewardError({ code: "online-store-failed", at, what, got }, { cause: error });
}

/** How much address space a process may have, in bytes, as `/proc/self/limits` says it. Pure. @default any amount */
export function findAddressLimit(limits: string): number | undefined {
  const [, soft] = /^Max address space +(\S+)/m.exec(limits) ?? [];
  return soft === undefined || soft === "unlimited" ? undefined : Number(soft);
}

/** The file gets its name when all of it is there: whoever sees it can open it. */
async function createWhole(folder: string): Promise<void> {
  requireAddressSpace(folder);
  const draft = mkdtempSync(join(folder, "draft-"));
  try {
    const file = join(draft, dataFile);
    await openRows(draft, false).close();
    const handle = openSync(file, "r");
    fsyncSync(handle);
    closeSync(handle);
    linkSync(file, join(folder, dataFile));
  } catch (error) {
    // Another writer was faster.
    if (!existsSync(join(folder, dataFile))) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function begin(path: string, readOnly: boolean): Shared {
  requireAddressSpace(path);
  requireDataFile(path);
  const shared: Shared = { rows: openRows(path, readOnly), readOnly, users: 0 };
  environments.set(path, shared);
  return shared;
}

function share(path: string, shared: Shared, readOnly: boolean): Environment {
  if (shared.readOnly && !readOnly)
    throw new TypeError(`the online store in ${path} is open in this process to be read`);
  shared.users++;
  let used = true;
  return {
    rows: shared.rows,
    async close() {
      if (!used) return;
      used = false;
      if (--shared.users > 0) return;
      shared.closing = shared.rows.close().finally(() => environments.delete(path));
      await shared.closing;
    },
  };
}

function openRows(path: string, readOnly: boolean): Rows {
  return open<Buffer, Uint8Array>({
    path,
    noSubdir: false,
    readOnly,
    mapSize: mapBytes,
    encoding: "binary",
    keyEncoding: "binary",
    cache: false,
    compression: false,
  });
}

/** Not asked of the lock file: a process that closes it once gives up all that it has locked. */
function requireDataFile(path: string): void {
  const handle = openSync(join(path, dataFile), "r");
  try {
    const bytes = Buffer.alloc(64);
    if (readSync(handle, bytes, 0, bytes.length, 0) === bytes.length && bytes.includes(magic)) return;
  } finally {
    closeSync(handle);
  }
  throw new StewardError({
    code: "online-store-failed",
    at: path,
    what: "the online store on this disk is damaged",
    fix: "remove the folder: the next materialisation fills it again",
  });
}

function requireAddressSpace(path: string): void {
  // Only Linux says so.
  const limit = existsSync("/proc/self/limits")
    ? findAddressLimit(readFileSync("/proc/self/limits", "utf8"))
    : undefined;
  if (limit === undefined || limit > 2 * mapBytes) return;
  throw new StewardError({
    code: "online-store-failed",
    at: path,
    what: "this process may not have the address space that the online store on this disk takes",
    got: `${Math.floor(limit / 2 ** 30)} GiB`,
    expected: `${(2 * mapBytes) / 2 ** 30} GiB`,
    fix: "raise the limit, ulimit -v, for whoever starts Steward",
  });
}
