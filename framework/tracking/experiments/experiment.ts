/**
 * Experiments: what runs are gathered under.
 * @module
 */
import type { AnySql } from "../database.ts";
import type { KeyValue } from "../runs/run-entry.ts";
import { invalid, missing } from "../tracking-failure.ts";

/** A row of the table of experiments, with the tags. */
export interface Experiment {
  readonly experiment_id: number;
  readonly name: string;
  readonly artifact_location: string;
  readonly lifecycle_stage: string;
  /** In milliseconds since 1970. */
  readonly creation_time: number;
  readonly last_update_time: number;
  readonly tags: readonly KeyValue[];
}

/** What is selected of an experiment `e`. */
export function experimentColumns(sql: AnySql) {
  return sql`e.*, coalesce((
    SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
    FROM experiment_tags t WHERE t.experiment_id = e.experiment_id), '[]'::json) AS tags`;
}

/** As a client is told of it. */
export function describeExperiment({ experiment_id, ...experiment }: Experiment): object {
  return { experiment_id: String(experiment_id), ...experiment, workspace: "default" };
}

/** @throws TrackingFailure 404 where there is none of this id, deleted ones among them */
export async function findExperiment(sql: AnySql, id: string): Promise<Experiment> {
  const number = readExperimentId(id);
  const [experiment] = await sql<Experiment[]>`
    SELECT ${experimentColumns(sql)} FROM experiments e WHERE e.experiment_id = ${number}`;
  if (experiment) return experiment;
  throw missing(`No Experiment with id=${number} exists`);
}

/** The number of an experiment. @throws TrackingFailure 400 for what is none */
export function readExperimentId(id: string): number {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw invalid(`Invalid experiment ID: '${id.slice(0, 100)}'`);
}

/** @throws TrackingFailure 400 for one that is deleted */
export function requireActive({ experiment_id, lifecycle_stage }: Experiment): void {
  if (lifecycle_stage === "active") return;
  throw invalid(`The experiment ${experiment_id} must be in the 'active' state. Current state is ${lifecycle_stage}.`);
}
