/**
 * Optuna with its own storage, as the peer of a study whose trials cost nothing.
 * @module
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { ensureEnvironment } from "../../../framework/training/environment.ts";
import type { TrainingTools } from "../../../framework/training/training-tools.ts";
import { startPostgres } from "../../support/postgres.ts";

const run = promisify(execFile);
const answerSchema = z.object({ seconds: z.number() });

export interface Optuna {
  /** Runs a study of its own. @returns what a trial took, in seconds */
  run(storage: "postgres" | "memory", sampler: string, seed: number): Promise<number>;
  /** Ends its PostgreSQL, which writes without waiting for the disk. */
  stop(): Promise<void>;
}

/** Starts PostgreSQL and builds Optuna's environment. */
export async function startOptuna(
  trials: number,
  { tools, signal }: { readonly tools: TrainingTools; readonly signal: AbortSignal },
): Promise<Optuna> {
  const { python } = await ensureEnvironment({ ...tools, lock: join(import.meta.dirname, "optuna.lock"), signal });
  const program = join(import.meta.dirname, "optuna_postgres.py");
  const postgres = await startPostgres();
  // Which driver there is has to be said.
  const address = postgres.url.replace(/^postgres:/, "postgresql+psycopg2:");
  return {
    run: async (storage, sampler, seed) => {
      const where = storage === "memory" ? storage : address;
      const { stdout } = await run(python, [program, where, sampler, `${trials}`, `${seed}`], { signal });
      return answerSchema.parse(JSON.parse(stdout)).seconds;
    },
    stop: () => postgres.stop(),
  };
}
