/**
 * Commits in a process that stays up, as a worker's do: `commit-worker.ts <pattern> <folder>`. Says that it is up, then
 * answers each line, the base to commit on, with the root and its rows, and the milliseconds that it took.
 * @module
 */
import { createInterface } from "node:readline";
import { openCommits } from "./commit-rows.ts";

const [pattern = "", folder = ""] = process.argv.slice(2);
const commit = openCommits({ pattern, folder, prefix: "worker" });
process.stdout.write("up\n");
for await (const base of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const committed = await commit(base);
  process.stdout.write(`${JSON.stringify({ ...committed, milliseconds: performance.now() - start })}\n`);
}
process.exit(0);
