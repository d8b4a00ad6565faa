/**
 * The program of the thread of `profile-numbers-apart.ts`. It ends when it has answered.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { withDuckDb } from "../duckdb.ts";
import { profileNumbers } from "./profile-numbers.ts";
import type { NumbersAnswer, NumbersTask } from "./profile-numbers-apart.ts";

const { folder, part }: NumbersTask = workerData;
const ending = new AbortController();
const { signal } = ending;
parentPort?.once("message", () => ending.abort(new Error("nobody wants the profile")));

const answer = await withDuckDb(folder, (db) => profileNumbers(db, part, { signal }), { signal, threads: 1 }).then(
  (found): NumbersAnswer => ({ found }),
  (error: unknown): NumbersAnswer => ({ failure: error instanceof Error ? error.message : String(error) }),
);
parentPort?.postMessage(answer);
parentPort?.close();
