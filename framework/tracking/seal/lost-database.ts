/**
 * A database that has lost what the store has sealed. Until that is restored nothing is answered from it and nothing of it sealed: what is new
 * would take the numbers and the names of what was there.
 * @module
 */
import type { Sql } from "../database.ts";
import { TrackingFailure } from "../tracking-failure.ts";
import type { TrackingStore } from "../tracking-tools.ts";
import { readRecords } from "./restore-records.ts";
import { sealPrefix } from "./sealed-run.ts";
import { isEmpty } from "./tracked-content.ts";

/** The lock in the database that a rebuild has to itself. */
const rebuildLock = 7_140_052_392;

/** Says whether what was sealed is still to be restored. */
export type IsLost = () => Promise<boolean>;

/** Looks whether a database has lost what was sealed; once it has it, the answer stays no and costs nothing. */
export async function watchLost(sql: Sql, store: TrackingStore): Promise<IsLost> {
  let lost = (await isEmpty(sql)) && (await hasSealed(store));
  return async () => {
    if (lost) {
      lost = await sql.begin(async (transaction) => {
        const [rebuild] = await transaction<{ ended: boolean }[]>`
          SELECT pg_try_advisory_xact_lock_shared(${rebuildLock}) AS ended`;
        return rebuild?.ended !== true || (await isEmpty(transaction));
      });
    }
    return lost;
  };
}

/** Restores while no other rebuild does, and while nothing is answered from what is half there. */
export async function whileRebuilding<T>(sql: Sql, restore: () => Promise<T>): Promise<T> {
  // A lock is its connection's: it ends with it, however the rebuild does.
  const connection = await sql.reserve();
  try {
    await connection`SELECT pg_advisory_lock(${rebuildLock})`;
    try {
      return await restore();
    } finally {
      await connection`SELECT pg_advisory_unlock(${rebuildLock})`;
    }
  } finally {
    connection.release();
  }
}

/** How a request is refused meanwhile. */
export function refuseLost(): TrackingFailure {
  return new TrackingFailure(
    "INVALID_STATE",
    "the database is empty, and the store has what was tracked before: restore it first, with npx steward rebuild",
  );
}

/** Whether a rebuild would restore anything. */
async function hasSealed(store: TrackingStore): Promise<boolean> {
  for await (const _ of store.listNames(sealPrefix)) return true;
  return (await readRecords(store)).some(
    ({ document: { record } }) =>
      record !== null && record.kind !== "model-version" && !(record.kind === "experiment" && record.id === 0),
  );
}
