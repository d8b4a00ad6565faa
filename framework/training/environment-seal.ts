/**
 * Whether an environment still has the files it was built with: a package that lost one would fail in the middle of a
 * training, with a message about something else. By name, size and time of every file, which costs no reading.
 * @module
 */
import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import { findJson, writePrivateJson } from "../supervisor/private-file.ts";

const sealName = "sealed.json";

/** Each file: its path in the environment, its size in bytes, and when it was written, in milliseconds since 1970. */
const sealSchema = z.object({ files: z.array(z.tuple([z.string(), z.number(), z.number()])) });

/** Writes down the files of an environment that has just been built. */
export async function sealEnvironment(folder: string): Promise<void> {
  writePrivateJson(join(folder, sealName), { files: await listFiles(folder) } satisfies z.input<typeof sealSchema>);
}

/**
 * How an environment stands to its seal. What packages have written beside their files since is nobody's damage.
 *
 * @returns `sealed` with every file as it was, `damaged` with one that is not, `unsealed` for what was never built whole
 */
export async function examineEnvironment(folder: string): Promise<"sealed" | "damaged" | "unsealed"> {
  const seal = sealSchema.safeParse(findJson(join(folder, sealName)));
  if (!seal.success) return "unsealed";
  const whole = await Promise.all(seal.data.files.map((file) => isAsItWas(folder, file)));
  return whole.every(Boolean) ? "sealed" : "damaged";
}

type SealedFile = z.output<typeof sealSchema>["files"][number];

async function isAsItWas(folder: string, [path, size, written]: SealedFile): Promise<boolean> {
  const found = await lstat(join(folder, path)).catch(() => undefined);
  return found?.size === size && found.mtimeMs === written;
}

/** Compiled modules are left out: Python itself makes them again. */
async function listFiles(folder: string): Promise<SealedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && !entry.parentPath.includes("__pycache__"));
  const listed = files.map(async ({ name, parentPath }): Promise<SealedFile> => {
    const path = join(parentPath, name);
    const { size, mtimeMs } = await lstat(path);
    return [relative(folder, path), size, mtimeMs];
  });
  return Promise.all(listed);
}
