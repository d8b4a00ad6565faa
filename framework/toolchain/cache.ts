/**
 * The cache of tools, shared by all checkouts of a user: one folder per tool and key, complete or not there.
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Digest } from "../plan/digest.ts";
import type { MakeOptions } from "./make-options.ts";
import type { ToolName } from "./tools.ts";

/** Where a tool with one key is, or would be. Beside `folder` lie `<folder>.lock` and `<folder>.log`. */
export interface CacheEntry {
  readonly folder: string;
  /** The program, within `folder`. */
  readonly program: string;
}

/** What there is of an entry; `damaged` means that a program is not what was put there. */
export type EntryState = "sound" | "absent" | "damaged";

const manifestName = "manifest.json";

/** The programs of an entry. Size and time are a stamp that spares reading the file: while they stand, so does the digest. */
const manifestSchema = z.object({
  programs: z.array(z.object({ path: z.string(), size: z.int(), modified: z.number(), sha256: z.string() })).min(1),
});
type Manifest = z.infer<typeof manifestSchema>;

/** The user's cache: `STEWARD_CACHE`, else `steward` in the platform's folder for caches. */
export function cacheRoot(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  const own = environment["STEWARD_CACHE"];
  if (own) return resolve(own);
  if (platform === "darwin") return join(home, "Library", "Caches", "steward");
  const xdg = environment["XDG_CACHE_HOME"];
  // The XDG specification: a relative path is to be ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, ".cache"), "steward");
}

/** The cache of the user who runs this process. */
export function locateUserCache(): string {
  return cacheRoot(process.env, process.platform, homedir());
}

/** The place of a tool in a cache, by the digest of everything that decides what it is. */
export function placeEntry(root: string, tool: { name: ToolName; key: Digest; program: string }): CacheEntry {
  const folder = join(root, "toolchain", tool.name, tool.key.slice(0, 32));
  return { folder, program: join(folder, tool.program) };
}

/** Verifies an entry: every program by its stamp, and by its digest where the stamp has changed. */
export async function checkEntry(entry: CacheEntry): Promise<EntryState> {
  const manifest = await readManifest(entry.folder);
  if (typeof manifest === "string") return manifest;
  for (const program of manifest.programs) {
    const path = join(entry.folder, program.path);
    const { size, mtimeMs, mode } = await stat(path).catch(() => ({ size: -1, mtimeMs: -1, mode: 0 }));
    if (size === program.size && mtimeMs === program.modified && mode & 0o100) continue;
    const whole = size === program.size && mode & 0o100;
    if (!whole || (await digestFile(path)) !== program.sha256) return "damaged";
  }
  return "sound";
}

/**
 * Fills an entry: `make` gets an empty folder for the result and one for temporary files. Nothing of it is seen under the
 * entry's name before it is complete and on disk; whatever `make` leaves when it fails is removed. To be called with the
 * entry's lock held: it also removes what holders that were killed have left.
 */
export async function fillEntry(
  entry: CacheEntry,
  make: (folders: MakeOptions["folders"]) => Promise<void>,
): Promise<void> {
  const parent = dirname(entry.folder);
  const prefix = `${basename(entry.folder)}.partial-`;
  const left = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
  const staging = await mkdtemp(join(parent, prefix));
  try {
    const folders = { result: join(staging, "result"), temporary: join(staging, "temporary") };
    await Promise.all(Object.values(folders).map((folder) => mkdir(folder)));
    await make(folders);
    await sealEntry(folders.result);
    // A damaged entry makes way whole; a process that runs a program of it keeps it until it ends.
    await rename(entry.folder, join(staging, "damaged")).catch(ignoreAbsent);
    await rename(folders.result, entry.folder);
    await syncToDisk(parent);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Writes down every executable file of a folder, after seeing them on disk. */
async function sealEntry(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const programs: Manifest["programs"] = [];
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    if (!file.isFile()) continue;
    const { size, mtimeMs, mode } = await stat(path);
    if (!(mode & 0o100)) continue;
    await syncToDisk(path);
    programs.push({ path: relative(folder, path), size, modified: mtimeMs, sha256: await digestFile(path) });
  }
  const manifest = await open(join(folder, manifestName), "w");
  try {
    await manifest.writeFile(JSON.stringify(manifestSchema.parse({ programs }), undefined, 2));
    await manifest.sync();
  } finally {
    await manifest.close();
  }
  await syncToDisk(folder);
}

async function readManifest(folder: string): Promise<Manifest | "absent" | "damaged"> {
  try {
    await stat(folder);
  } catch {
    // If it is there and cannot be read, filling it will say why.
    return "absent";
  }
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, manifestName), "utf8")));
  } catch {
    return "damaged";
  }
}

async function digestFile(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreAbsent(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
