/**
 * `npm run bench -- <name>`: runs a bench, whose last lines are `name value unit goal yes|no`.
 * @module
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".bench.ts"));
const names = files.map((file) => file.slice(0, -".bench.ts".length));
const [name] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`npm run bench -- <name>, where <name> is ${names.join(", ")}\n`);
  process.exitCode = 2;
} else {
  await import(pathToFileURL(join(import.meta.dirname, `${name}.bench.ts`)).href);
}
