/**
 * Claims on GPUs: who of this machine's processes holds which devices, and who waits for how many, in the order of asking. Each is
 * a file that names its process, so that a claim ends with the process, however that ends.
 * @module
 */
import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { writePrivateJson } from "../supervisor/private-file.ts";
import { createHolderWatch, describeHolder, holderSchema } from "../toolchain/lock.ts";

/** What of a claim decides who is served. */
export interface GpuClaim {
  /** Names are sorted by the time of asking. */
  readonly name: string;
  /** How many devices it asks for. */
  readonly count: number;
  /** The uuids of the devices that would do. */
  readonly among: readonly string[];
  /** The uuids of the devices that it holds. @default it waits */
  readonly holds?: readonly string[];
}

/**
 * Chooses the devices of a claim that waits. Whoever asked earlier is served first, and one who waits for more than is free keeps
 * what there is: a large job is not overtaken by small ones for ever. Pure.
 *
 * @returns nothing while it has to wait
 */
export function chooseGpus(claims: readonly GpuClaim[], own: string): readonly string[] | undefined {
  const taken = new Set(claims.flatMap(({ holds = [] }) => holds));
  const waiting = claims.filter(({ holds }) => holds === undefined);
  for (const { name, count, among } of waiting.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const free = among.filter((uuid) => !taken.has(uuid)).slice(0, count);
    if (name === own) return free.length === count ? free : undefined;
    for (const uuid of free) taken.add(uuid);
  }
  return undefined;
}

/** How many of some devices nobody holds. Pure. */
export function countFree(claims: readonly GpuClaim[], among: readonly string[]): number {
  const taken = new Set(claims.flatMap(({ holds = [] }) => holds));
  return among.filter((uuid) => !taken.has(uuid)).length;
}

const claimSchema = z.object({
  holder: holderSchema,
  count: z.int().positive(),
  among: z.array(z.string()),
  holds: z.array(z.string()).optional(),
});
const fileName = /^(\d{12})-[0-9a-f]{8}\.json$/;

/** The claims of all processes. What changes them is done under the folder's lock. */
export interface ClaimFolder {
  /** Those in force, in the order of asking. */
  list(): Promise<readonly GpuClaim[]>;
  write(claim: GpuClaim): void;
  /** The path of a claim's file. */
  locate(name: string): string;
}

/** Opens the folder, which is made where there is none. @throws StewardError `folder-read-only` for one that is somebody else's */
export async function openClaims(folder: string, graceMilliseconds: number): Promise<ClaimFolder> {
  // What is there already is looked at next.
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(ignoreExisting);
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new StewardError({
      code: "folder-read-only",
      at: "",
      file: folder,
      what: "The folder of the claims on GPUs is not yours",
      fix: "remove it, or set TMPDIR to a folder of your own",
    });
  }
  const watches = new Map<string, (claim: FoundClaim) => boolean>();
  const judge = (claim: FoundClaim): boolean => {
    const isInForce = watches.get(claim.name) ?? createWatch(graceMilliseconds);
    watches.set(claim.name, isInForce);
    return isInForce(claim);
  };
  return {
    async list() {
      const names = (await readdir(folder)).filter((name) => fileName.test(name)).sort();
      const found = (await Promise.all(names.map((name) => readClaim(folder, name)))).filter(
        (claim) => claim !== undefined,
      );
      for (const name of watches.keys()) if (!names.includes(name)) watches.delete(name);
      const inForce = found.filter(judge);
      const gone = found.filter((claim) => !inForce.includes(claim));
      await Promise.all(gone.map(({ name }) => rm(join(folder, name), { force: true })));
      return inForce;
    },
    write: ({ name, ...claim }) => writePrivateJson(join(folder, name), { holder: describeHolder(), ...claim }),
    locate: (name) => join(folder, name),
  };
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}

/** The name of a claim that is made now, after those of a list. */
export function nameClaim(claims: readonly GpuClaim[]): string {
  const last = Number(claims.at(-1)?.name.slice(0, 12) ?? 0);
  return `${String(last + 1).padStart(12, "0")}-${randomBytes(4).toString("hex")}.json`;
}

interface FoundClaim extends GpuClaim {
  readonly holder: z.output<typeof holderSchema>;
  readonly touched: number;
}

/** Judges one claim over time: for a moment after its holder was killed, what that one ran is still leaving its devices. */
function createWatch(graceMilliseconds: number): (claim: FoundClaim) => boolean {
  const isHeld = createHolderWatch();
  let goneSince: number | undefined;
  return ({ holder, touched, holds }) => {
    if (isHeld(holder, touched)) return true;
    goneSince ??= performance.now();
    return holds !== undefined && performance.now() - goneSince < graceMilliseconds;
  };
}

/** A claim, or nothing for one that was given back meanwhile, or is no claim. */
async function readClaim(folder: string, name: string): Promise<FoundClaim | undefined> {
  const path = join(folder, name);
  try {
    const { count, among, holds, holder } = claimSchema.parse(JSON.parse(await readFile(path, "utf8")));
    return { name, count, among, ...(holds && { holds }), holder, touched: (await lstat(path)).mtimeMs };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
