/**
 * Which of several entries are written, and why others are not. Pure.
 * @module
 */
import { invalid, missing, type TrackingFailure } from "../tracking-failure.ts";
import type { KeyValue, RunEntry } from "./run-entry.ts";

/** A run, as far as whoever logs to it must know it. */
export interface KnownRun {
  readonly run_id: string;
  readonly lifecycle_stage: string;
  /** How often it was sealed. */
  readonly seals: number;
}

/** A parameter that a run has. */
export interface StoredParam extends KeyValue {
  readonly run_id: string;
}

export interface Decided {
  readonly accepted: readonly RunEntry[];
  /** Parameters that are not there yet. */
  readonly params: readonly (KeyValue & { readonly runId: string; readonly actor: string })[];
  /** By the positions of the entries. */
  readonly failures: ReadonlyMap<number, TrackingFailure>;
}

/** Decides on entries in their order: of two that give a parameter different values, the first one counts. */
export function decideEntries(
  entries: readonly RunEntry[],
  { known, stored }: { readonly known: readonly KnownRun[]; readonly stored: readonly StoredParam[] },
): Decided {
  const runs = new Map(known.map((run) => [run.run_id, run]));
  const values = new Map(stored.map(({ run_id, key, value }) => [`${run_id} ${key}`, value]));
  const accepted: RunEntry[] = [];
  const params: (KeyValue & { readonly runId: string; readonly actor: string })[] = [];
  const failures = new Map<number, TrackingFailure>();
  for (const [index, entry] of entries.entries()) {
    const { runId, actor } = entry;
    const failure = refuseRun(runId, runs.get(runId)) ?? refuseParams(entry, values);
    if (failure) {
      failures.set(index, failure);
      continue;
    }
    accepted.push(entry);
    for (const { key, value } of entry.params) {
      if (values.has(`${runId} ${key}`)) continue;
      values.set(`${runId} ${key}`, value);
      params.push({ runId, actor, key, value });
    }
  }
  return { accepted, params, failures };
}

/** Why nothing can be logged to a run; nothing where it can. */
export function refuseRun(
  runId: string,
  run: Pick<KnownRun, "lifecycle_stage"> | undefined,
): TrackingFailure | undefined {
  if (run === undefined) return missing(`Run with id=${runId} not found`);
  if (run.lifecycle_stage === "active") return undefined;
  return invalid(`The run ${runId} must be in the 'active' state. Current state is ${run.lifecycle_stage}.`);
}

function refuseParams({ runId, params }: RunEntry, values: ReadonlyMap<string, string>): TrackingFailure | undefined {
  for (const { key, value } of params) {
    const old = values.get(`${runId} ${key}`);
    if (old !== undefined && old !== value) {
      return invalid(
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${old}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
      );
    }
  }
  return undefined;
}
