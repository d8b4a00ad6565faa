/**
 * Copies of the workflows with a line changed, bundled: later builds, as a team would make them.
 * @module
 */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bundle, buildBundle } from "../../workflows/bundle.ts";

const root = join(import.meta.dirname, "../..");

export interface Change {
  /** The file below `workflows/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Bundles a copy in which one piece of text is another. `folder` is a fresh one. */
export async function bundleChanged(folder: string, { file, from, to }: Change): Promise<Bundle> {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, "workflows"), join(folder, "workflows"), { recursive: true });
  for (const name of ["framework", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  const path = join(folder, "workflows", file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  return buildBundle(join(folder, "bundles"), join(folder, "workflows/index.ts"));
}
