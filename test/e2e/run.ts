/**
 * `npm run e2e -- <name>`: the longer end-to-end runs, which `npm test` leaves out, and as `drawn` all of what it takes a part of.
 * `all` leaves out those that install gigabytes.
 * @module
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "../..");
/** The file of each run: those of this folder, and those that stand among the tests of what they are about. */
const files = new Map(
  globSync(["test/e2e/long/*.test.ts", "test/**/*.long.test.ts", "test/**/*.wheels.test.ts"], { cwd: root })
    .map((file) => [basename(file).replace(/(\.long|\.wheels)?\.test\.ts$/, ""), file] as const)
    .sort(),
);
/** Those that ask how much of what is drawn they take. */
const drawn = globSync("test/**/*.test.ts", { cwd: root })
  .filter((file) => readFileSync(join(root, file), "utf8").includes("support/drawn.ts"))
  .sort();

/** Runs files of a project; all of it where none are named. @returns whether they passed */
function run(project: string, chosen: readonly string[] = [], env: Readonly<Record<string, string>> = {}): boolean {
  const command = ["node_modules/vitest/vitest.mjs", "run", "--project", project, ...chosen];
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  return status === 0;
}

/** Each in its project: a file that its project does not have would be passed over in silence. */
function runDrawn(): boolean {
  const all = { STEWARD_DRAWN: "all" };
  const isReal = (file: string) => file.endsWith(".real.test.ts");
  const [real, unit] = [drawn.filter(isReal), drawn.filter((file) => !isReal(file))];
  const passed = [run("unit", unit, all), real.length === 0 || run("e2e", real, all)];
  return !passed.includes(false);
}

const [name] = process.argv.slice(2);
const chosen = name === undefined ? undefined : files.get(name);

if (name === "all") {
  const passed = [run("e2e-long"), runDrawn()];
  process.exitCode = passed.includes(false) ? 1 : 0;
} else if (name === "drawn") {
  process.exitCode = runDrawn() ? 0 : 1;
} else if (chosen !== undefined) {
  process.exitCode = run(chosen.endsWith(".wheels.test.ts") ? "e2e-wheels" : "e2e-long", [chosen]) ? 0 : 1;
} else {
  process.stderr.write(`npm run e2e -- <name>, where <name> is ${["all", "drawn", ...files.keys()].join(", ")}\n`);
  process.exitCode = 2;
}
