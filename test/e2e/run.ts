/**
 * `npm run e2e -- <name>`: the longer end-to-end runs, which `npm test` leaves out.
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "long");
const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => file.slice(0, -".test.ts".length))
  : [];
const [name] = process.argv.slice(2);

if (name === undefined || (name !== "all" && !names.includes(name))) {
  process.stderr.write(`npm run e2e -- <name>, where <name> is all${names.map((known) => `, ${known}`).join("")}\n`);
  process.exitCode = 2;
} else if (names.length === 0) {
  process.stdout.write("there are no longer end-to-end runs yet\n");
} else {
  const files = name === "all" ? [] : [join("test/e2e/long", `${name}.test.ts`)];
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--project", "e2e-long", ...files],
    { stdio: "inherit" },
  );
  process.exitCode = status ?? 1;
}
