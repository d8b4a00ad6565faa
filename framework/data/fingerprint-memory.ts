/**
 * The memory of fingerprints: the digest of each file of a source, with the stamp that it had; one file of the user's cache
 * for each source, however many files that has.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { digestBytes, digestPattern } from "../plan/digest.ts";

const rememberedFile = z.strictObject({
  name: z.string(),
  /** Where it lies on disk, its size, and when it last changed: while it is the same, so is the file. */
  stamp: z.string(),
  sha256: z.string().regex(digestPattern),
});
const memorySchema = z.strictObject({ files: z.array(rememberedFile) });

export type RememberedFile = z.output<typeof rememberedFile>;

/** Where a source is remembered. */
export interface MemoryPlace {
  readonly folder: string;
  /** The absolute path or pattern of the source. */
  readonly location: string;
}

/** What is remembered of a source, by the names of its files; nothing where it is not known, or damaged. */
export async function recallFingerprints(place: MemoryPlace): Promise<ReadonlyMap<string, RememberedFile>> {
  try {
    const { files } = memorySchema.parse(JSON.parse(await readFile(pathOf(place), "utf8")));
    return new Map(files.map((file) => [file.name, file]));
  } catch {
    return new Map();
  }
}

/** Remembers the files of a source in place of what was known of it. */
export async function rememberFingerprints(place: MemoryPlace, files: readonly RememberedFile[]): Promise<void> {
  const memory = pathOf(place);
  const draft = `${memory}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(place.folder, { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify({ files }), { mode: 0o600 });
    await rename(draft, memory);
  } catch {
    // Without a memory the next reading takes longer, nothing else.
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

function pathOf({ folder, location }: MemoryPlace): string {
  return join(folder, `${digestBytes(location)}.json`);
}
