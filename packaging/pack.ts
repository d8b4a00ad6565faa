/**
 * `npm run pack`: builds the package and `create-steward`, and packs both into `dist/`.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildPackage } from "./build.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The packed packages, by their absolute paths. */
export interface Tarballs {
  readonly steward: string;
  readonly create: string;
}

/** Builds and packs both. @param folder where the tarballs go, absolute */
export async function packAll(folder: string): Promise<Tarballs> {
  await mkdir(folder, { recursive: true });
  const steward = await pack(await buildPackage(), folder);
  return { steward, create: await pack(join(root, "create-steward"), folder) };
}

async function pack(source: string, folder: string): Promise<string> {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: source });
  const [packed]: readonly { readonly filename: string }[] = JSON.parse(stdout);
  if (packed === undefined) throw new Error(`npm packed nothing of ${source}`);
  return join(folder, packed.filename);
}

if (import.meta.main) {
  for (const path of Object.values(await packAll(join(root, "dist")))) process.stdout.write(`${path}\n`);
}
