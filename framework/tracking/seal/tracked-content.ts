/**
 * What a database has before it is rebuilt: whether it is empty, and where it is not, whether its experiments are those that were sealed.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import type { AnySql, Sql } from "../database.ts";
import type { TrackingStore } from "../tracking-tools.ts";
import { readRecords } from "./restore-records.ts";

/** Whether it has nothing but what every database has. */
export async function isEmpty(sql: AnySql): Promise<boolean> {
  const [found] = await sql<{ empty: boolean }[]>`
    SELECT NOT (EXISTS (SELECT 1 FROM runs) OR EXISTS (SELECT 1 FROM registered_models)
      OR EXISTS (SELECT 1 FROM logged_models) OR EXISTS (SELECT 1 FROM experiments WHERE experiment_id <> 0)) AS empty`;
  return found?.empty === true;
}

/** @throws StewardError `database-not-empty` where it has anything but what every database has */
export async function requireEmpty(sql: Sql): Promise<void> {
  if (await isEmpty(sql)) return;
  const [counts] = await sql<{ runs: number; models: number; experiments: number }[]>`
    SELECT (SELECT count(*)::int FROM runs) AS runs,
      (SELECT count(*)::int FROM registered_models) + (SELECT count(*)::int FROM logged_models) AS models,
      (SELECT count(*)::int FROM experiments WHERE experiment_id <> 0) AS experiments`;
  const { runs = 0, models = 0, experiments = 0 } = counts ?? {};
  throw new StewardError({
    code: "database-not-empty",
    at: "",
    what: "the database is not empty",
    got: `${runs} runs, ${models} models, ${experiments} experiments`,
    fix: "name an empty one; or add --add, which restores what it does not have and leaves what it has",
  });
}

/** @throws StewardError `database-not-empty` where an experiment of the database has the number of another one that was sealed */
export async function requireSameExperiments(sql: Sql, store: TrackingStore): Promise<void> {
  const sealed = new Map(
    (await readRecords(store)).flatMap(({ document: { record } }) =>
      record?.kind === "experiment" && record.id !== 0 ? [[record.id, record] as const] : [],
    ),
  );
  const present = await sql<{ id: number; name: string; created: number }[]>`
    SELECT experiment_id AS id, name, creation_time AS created FROM experiments WHERE experiment_id <> 0`;
  const other = present.find(({ id, created }) => sealed.has(id) && sealed.get(id)?.created !== created);
  if (!other) return;
  throw new StewardError({
    code: "database-not-empty",
    at: "",
    what: `experiment ${other.id} of the database is another one than that which was sealed under this number, and runs of both would be mixed`,
    got: other.name,
    expected: sealed.get(other.id)?.name ?? "",
    fix: "restore into an empty database",
  });
}
