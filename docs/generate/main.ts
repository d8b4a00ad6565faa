/**
 * `npm run docs`: writes the generated pages. Whoever forgets it is told so by `test/docs/generated.test.ts`.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { composePages } from "./page.ts";

for (const { path, text } of composePages()) {
  const file = join(import.meta.dirname, "../..", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${path}\n`);
}
