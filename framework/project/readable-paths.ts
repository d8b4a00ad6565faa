/**
 * What the child that evaluates a project may read: the checkout, and the packages that Node finds from it.
 * @module
 */
import { type Dirent, existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { StewardError } from "../definitions/problem.ts";

const framework = join(import.meta.dirname, "..");

/** Each is named on a command line, which has an end. */
const mostEntries = 5_000;

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
  if (own.length > mostEntries) throw tooMany(own.length, file);
  const packages = [...above, ...listFolders(framework)].flatMap((folder) =>
    ["package.json", "node_modules"].map((name) => join(folder, name)).filter(existsSync),
  );
  // Links are followed to what they stand for, which is what Node then reads.
  const linked = packages.flatMap(listLinked);
  return [...new Set([...own, framework, ...packages, ...packages.map((path) => realpathSync(path)), ...linked])];
}

function tooMany(count: number, file: string): StewardError {
  return new StewardError({
    code: "project-file-invalid",
    at: "",
    what: "the folders from the checkout's to the project file's hold too much to be named one by one",
    got: `${count} files and folders`,
    expected: `at most ${mostEntries}`,
    file: relative(process.cwd(), file),
    fix: "move the data into a folder of its own, which counts once",
  });
}

/** Where the packages of a `node_modules` are that are linked from elsewhere, by `npm link` or a path in `package.json`. */
function listLinked(packages: string): readonly string[] {
  if (!packages.endsWith("node_modules")) return [];
  const entries = listEntries(packages);
  const scopes = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith("@"));
  const scoped = scopes.flatMap(({ name }) => listEntries(join(packages, name)));
  return [...entries, ...scoped]
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(existsSync)
    .map((path) => realpathSync(path))
    .filter((path) => !path.includes("/node_modules/"));
}

/** What is in a folder; nothing where it is another user's. */
function listEntries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A folder and all above it. */
function listFolders(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}
