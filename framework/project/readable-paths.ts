/**
 * What the child that evaluates a project may read: the checkout, and the packages that Node finds from it.
 * @module
 */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

const framework = join(import.meta.dirname, "..");

/**
 * Lists the paths that may be read, with all that is below them. Of the folders from the checkout's to the project file's the hidden
 * entries are left out: `.env`, `.git` and `.steward` hold what a project has no use for.
 *
 * @param file the project file, absolute
 * @param root the folder of `Pulumi.yaml`, absolute
 */
export function listReadablePaths(file: string, root: string): readonly string[] {
  const above = listFolders(dirname(file));
  const top = above.findIndex((folder) => existsSync(join(folder, ".git")));
  const last = top >= 0 ? top : Math.max(above.indexOf(root), 0);
  const opened = new Set(above.slice(0, last + 1));
  const own = [...opened].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .map((name) => join(folder, name))
      .filter((path) => !opened.has(path)),
  );
  const packages = [...above, ...listFolders(framework)].flatMap((folder) =>
    ["package.json", "node_modules"].map((name) => join(folder, name)).filter(existsSync),
  );
  // Links are followed to what they stand for, which is what Node then reads.
  return [...new Set([...own, framework, ...packages, ...packages.map((path) => realpathSync(path))])];
}

/** A folder and all above it. */
function listFolders(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}
