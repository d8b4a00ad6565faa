/**
 * Runs for a bench of searches, the same in both servers' tables: written behind the servers' backs, since neither would be done
 * soon by its own protocol. Each run's values lie side by side, as they do when it logs them itself. What is drawn is drawn by digests, so that it is the same each time.
 * @module
 */
import type { Sql } from "postgres";
import type { AnySql } from "../../../framework/tracking/database.ts";
import { keepPrint, makePrints } from "../../../framework/tracking/runs/read-runs.ts";

export interface TrackedRuns {
  readonly runs: number;
  /** `m0`, `m1`, …: evenly between 0 and 1. */
  readonly metrics: number;
  /** The experiment, as the server calls it. */
  readonly experiment: string;
}

/** How many values the parameter `depth` has: `1` to this. */
export const depths = 10;

/** When the first run started. */
const firstStart = 1_700_000_000_000;

/** Fills the tables of Steward's server. */
export async function fillSteward(sql: Sql, given: TrackedRuns): Promise<void> {
  const experiment = Number(given.experiment);
  await sql.begin(async (transaction) => {
    await transaction.unsafe(drawRuns(given));
    await transaction`SET LOCAL search_path = tracking, pg_temp`;
    await transaction`
      INSERT INTO runs (run_id, experiment_id, name, status, user_id, actor, start_time, end_time, artifact_uri)
      SELECT run_id, ${experiment}, name, 'FINISHED', 'bench', 'bench', start, start + 1000, 'mlflow-artifacts:/' || run_id FROM drawn_runs`;
    await transaction`
      INSERT INTO metrics (run_id, key, step, timestamp, value) SELECT run_id, key, 0, start, value FROM drawn_metrics`;
    await transaction`
      INSERT INTO latest_metrics (run_id, key, experiment_id, value, step, timestamp)
      SELECT run_id, key, ${experiment}, value, 0, start FROM drawn_metrics`;
    await transaction`INSERT INTO params (run_id, key, value) SELECT run_id, key, value FROM drawn_params`;
    await transaction`
      INSERT INTO tags (run_id, key, value)
      SELECT run_id, key, value FROM drawn_runs, LATERAL (VALUES ('mlflow.runName', name), ('steward.actor', 'bench')) AS own (key, value)`;
  });
  await keepPrints(sql, experiment);
  await sql`VACUUM (ANALYZE)`;
}

/** How many runs are printed at once. */
const somePrints = 500;

/** They have ended, so they are sealed by the time that anybody searches them: that is all of a seal that a search meets. */
async function keepPrints(sql: Sql, experiment: number): Promise<void> {
  await sql`SET search_path = tracking`;
  const runs = await sql<{ run_id: string }[]>`
    UPDATE runs SET seals = 1 WHERE experiment_id = ${experiment} RETURNING run_id`;
  for (let from = 0; from < runs.length; from += somePrints) {
    const ids = runs.slice(from, from + somePrints).map(({ run_id }) => run_id);
    for (const [run, print] of await makePrints(sql as AnySql, ids))
      await keepPrint(sql as AnySql, { run, seals: 1, print });
  }
  await sql`SET search_path = "$user", public`;
}

/** Fills the tables of MLflow's server. */
export async function fillMlflow(sql: Sql, given: TrackedRuns): Promise<void> {
  const experiment = Number(given.experiment);
  await sql.begin(async (transaction) => {
    await transaction.unsafe(drawRuns(given));
    await transaction`
      INSERT INTO runs (run_uuid, experiment_id, name, source_type, source_name, entry_point_name, user_id, status, start_time,
        end_time, source_version, lifecycle_stage, artifact_uri)
      SELECT run_id, ${experiment}, name, 'UNKNOWN', '', '', 'bench', 'FINISHED', start, start + 1000, '', 'active',
        'mlflow-artifacts:/' || run_id FROM drawn_runs`;
    await transaction`
      INSERT INTO metrics (run_uuid, key, step, timestamp, value, is_nan)
      SELECT run_id, key, 0, start, value, false FROM drawn_metrics`;
    await transaction`
      INSERT INTO latest_metrics (run_uuid, key, step, timestamp, value, is_nan)
      SELECT run_id, key, 0, start, value, false FROM drawn_metrics`;
    await transaction`INSERT INTO params (run_uuid, key, value) SELECT run_id, key, value FROM drawn_params`;
    await transaction`
      INSERT INTO tags (run_uuid, key, value)
      SELECT run_id, key, value FROM drawn_runs, LATERAL (VALUES ('mlflow.runName', name), ('mlflow.user', 'bench')) AS own (key, value)`;
  });
  await sql`VACUUM (ANALYZE)`;
}

function drawRuns({ runs, metrics }: TrackedRuns): string {
  // The first 32 bits of a digest, as a share of all that they can be.
  const draw = (text: string) =>
    `(('x' || substr(md5(${text}), 1, 8))::bit(32)::bigint & 4294967295) / 4294967296.0::float8`;
  return `
    CREATE TEMP TABLE drawn_runs ON COMMIT DROP AS
      SELECT md5('run ' || n) AS run_id, 'run-' || n AS name, ${firstStart} + n * 1000::bigint AS start FROM generate_series(1, ${runs}) AS n;
    CREATE TEMP TABLE drawn_metrics ON COMMIT DROP AS
      SELECT run_id, start, 'm' || m AS key, ${draw("run_id || ' metric ' || m")} AS value
      FROM drawn_runs, generate_series(0, ${metrics - 1}) AS m ORDER BY start, m;
    CREATE TEMP TABLE drawn_params ON COMMIT DROP AS
      SELECT run_id, key, value FROM drawn_runs, LATERAL (VALUES
        ('depth', (1 + floor(${draw("run_id || ' depth'")} * ${depths}))::int::text),
        ('rate', (${draw("run_id || ' rate'")})::text),
        ('leaves', floor(${draw("run_id || ' leaves'")} * 256)::int::text)
      ) AS own (key, value) ORDER BY start, key;`;
}
