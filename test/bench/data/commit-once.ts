/**
 * One commit, as the process that the bench times: `commit-once.ts <pattern> <folder> <base>`. Prints the root and its rows.
 * @module
 */
import { openCommits } from "./commit-rows.ts";

const [pattern = "", folder = "", base = ""] = process.argv.slice(2);
const committed = await openCommits({ pattern, folder })(base);
process.stdout.write(`${JSON.stringify(committed)}\n`);
