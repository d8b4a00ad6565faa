/**
 * `npm run e2e -- <name>`: the longer end-to-end runs, which `npm test` leaves out. `all` leaves out those that install gigabytes.
 * @module
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "../..");
/** The file of each run: those of this folder, and those that stand among the tests of what they are about. */
const files = new Map(
  globSync(["test/e2e/long/*.test.ts", "test/**/*.long.test.ts", "test/**/*.wheels.test.ts"], { cwd: root })
    .map((file) => [basename(file).replace(/(\.long|\.wheels)?\.test\.ts$/, ""), file] as const)
    .sort(),
);
const [name] = process.argv.slice(2);

const chosen = name === undefined || name === "all" ? undefined : files.get(name);

if (name === undefined || (name !== "all" && chosen === undefined)) {
  process.stderr.write(`npm run e2e -- <name>, where <name> is ${["all", ...files.keys()].join(", ")}\n`);
  process.exitCode = 2;
} else {
  const kind = chosen?.endsWith(".wheels.test.ts") ? "e2e-wheels" : "e2e-long";
  const command = ["node_modules/vitest/vitest.mjs", "run", "--project", kind, ...(chosen ? [chosen] : [])];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
