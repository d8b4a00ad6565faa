/**
 * `npm run campaign -- <name>`: a seeded campaign at its full count; `npm test` runs the same files at their short one.
 * @module
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".test.ts".length));
const [name] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`npm run campaign -- <name>, where <name> is ${names.join(", ")}\n`);
  process.exitCode = 2;
} else {
  const words = ["node_modules/vitest/vitest.mjs", "run", "--project", "campaigns", `test/campaigns/${name}.test.ts`];
  const { status } = spawnSync(process.execPath, words, {
    stdio: "inherit",
    env: { ...process.env, STEWARD_CAMPAIGN: "full" },
  });
  process.exitCode = status ?? 1;
}
