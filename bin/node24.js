// Runs a TypeScript entry under a Node that strips types: the running one when it is new enough, else the one that was
// installed with this package. Plain JavaScript, since an older Node must be able to read it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const [major, minor] = process.versions.node.split(".").map(Number);

/** Types are stripped without a flag since 22.18. */
const stripsTypes = major > 22 || (major === 22 && minor >= 18);

/** Types are stripped without a warning since 24.12 and 25.2. */
const isSilent = major > 25 || (major === 25 && minor >= 2) || (major === 24 && minor >= 12);

function findNode() {
  if (stripsTypes) return process.execPath;
  const installed = join(root, "node_modules", ".bin", "node");
  if (existsSync(installed)) return installed;
  process.stderr.write(
    `✖ Node ${process.versions.node} is too old, and no newer one is installed beside Steward — use Node 22.18 or newer, or run npm ci again\n`,
  );
  process.exit(1);
}

/** Starts `entry`, a path in this package, with this process's arguments; signals and the exit code pass through. */
export async function run(entry) {
  const node = findNode();
  // Programs that are started in turn find this Node.
  process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  if (!isSilent) return start(node, entry);
  // A second process would cost as much as many a command. Where the folder cannot be written, code is compiled each time.
  module.enableCompileCache(join(root, ".steward", "code"));
  await import(pathToFileURL(join(root, entry)).href);
}

function start(node, entry) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", join(root, entry), ...process.argv.slice(2)], {
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
