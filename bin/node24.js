// Runs a program of Steward under a Node that knows its language: the running one when it is new enough, else the one that was
// installed with this package. Plain JavaScript, since an older Node must be able to read it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const [major, minor] = process.versions.node.split(".").map(Number);

/** Types are stripped since 22.18, and `using` is understood since 24. */
const isNewEnough = major >= 24;

/** Types are stripped without a warning since 24.12 and 25.2. */
const isSilent = major > 25 || (major === 25 && minor >= 2) || (major === 24 && minor >= 12);

/** The nearest folder, from `start` upward, that has `path`. */
function findUpward(start, path) {
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, path))) return at;
    if (dirname(at) === at) return undefined;
  }
}

function findNode() {
  if (isNewEnough) return process.execPath;
  const installed = join("node_modules", ".bin", "node");
  const folder = findUpward(root, installed);
  if (folder !== undefined) return join(folder, installed);
  process.stderr.write(
    `✖ Node ${process.versions.node} is too old, and no newer one is installed beside Steward — use Node 24 or newer, or run npm ci again\n`,
  );
  process.exit(1);
}

/**
 * Starts a program with this process's arguments; signals and the exit code pass through.
 *
 * @param program its path in this package without extension: TypeScript where Steward runs from its sources, else JavaScript
 */
export async function run(program) {
  const node = findNode();
  // Programs that are started in turn find this Node.
  process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  const built = join(root, `${program}.js`);
  const entry = existsSync(built) ? built : join(root, `${program}.ts`);
  if (!isSilent) return start(node, entry);
  // A second process would cost as much as many a command. Where the folder cannot be written, code is compiled each time.
  const project = findUpward(process.cwd(), "Pulumi.yaml");
  if (project !== undefined) module.enableCompileCache(join(project, ".steward", "code"));
  await import(pathToFileURL(entry).href);
}

function start(node, entry) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", entry, ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // A terminal sends its signals to the whole group: the child has them already, and this process only waits for its end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT") child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
