/**
 * A process that adds 1 to the number in the file `argv[3]`, `argv[4]` times, each time under the lock in the folder
 * `argv[2]`. Run by the tests.
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { withLock } from "../../framework/toolchain/lock.ts";

const [, , folder = "", file = "", times] = process.argv;
for (let i = 0; i < Number(times); i++) {
  await withLock(folder, {}, async () => {
    await writeFile(file, String(Number(await readFile(file, "utf8")) + 1));
  });
}
