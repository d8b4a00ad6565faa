/**
 * A process that takes the lock in the folder `argv[2]`, says so, and keeps it until its input ends. Run by the tests.
 * @module
 */
import { once } from "node:events";
import { withLock } from "../../framework/toolchain/lock.ts";

const [, , folder = ""] = process.argv;
const onWait = (holder: { pid: number }) => process.stdout.write(`waits for ${holder.pid}\n`);
await withLock(folder, { onWait }, async () => {
  process.stdout.write("holds\n");
  process.stdin.resume();
  await once(process.stdin, "end");
});
process.stdout.write("freed\n");
