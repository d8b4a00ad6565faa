/**
 * The routes by which a run says which models it made: as clients of 3.x say it, and as older ones do, in a tag.
 * @module
 */
import { z } from "zod";
import type { AnySql } from "../database.ts";
import { whole } from "../field.ts";
import { text } from "../registry/registry-name.ts";
import { jsonRoute, type Route } from "../route.ts";
import { writeAmendments } from "../runs/amendment.ts";
import { type KnownRun, refuseRun } from "../runs/decide-entries.ts";
import { invalid } from "../tracking-failure.ts";

/** The tag that older clients read what a run logged from. */
const historyTag = "mlflow.log-model.history";
/** How long its value may be, in characters: as long as that of any tag. */
const longestHistory = 8_000;
const neededFields = ["artifact_path", "flavors", "utc_time_created", "run_id"] as const;

export const runModelRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/outputs",
    input: z.object({
      run_id: text.min(1),
      models: z.array(z.object({ model_id: text.min(1), step: whole.nullish().transform((step) => step ?? 0) })),
    }),
    async answer({ run_id, models }, { tools: { sql, now, sealer }, actor }) {
      const last = new Map(models.map(({ model_id, step }) => [model_id, step]));
      const rows = [...last].map(([model_id, step]) => ({ run_id, direction: "output", model_id, step }));
      await sql.begin(async (transaction) => {
        const seals = await lockRun(transaction, run_id);
        if (rows.length === 0) return;
        await transaction`
          INSERT INTO run_models ${transaction(rows)}
          ON CONFLICT (run_id, direction, model_id) DO UPDATE SET step = greatest(run_models.step, excluded.step)`;
        if (seals > 0)
          await writeAmendments(transaction, [{ runId: run_id, actor, what: { outputs: [...last.keys()] } }], now());
      });
      sealer.notify();
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/log-model",
    input: z.object({ run_id: text.min(1), model_json: text.min(1) }),
    async answer({ run_id, model_json }, { tools: { sql, now, sealer }, actor }) {
      const model = readModelJson(model_json, run_id);
      await sql.begin(async (transaction) => {
        const seals = await lockRun(transaction, run_id);
        const [before] = await transaction<{ value: string }[]>`
          SELECT value FROM tags WHERE run_id = ${run_id} AND key = ${historyTag}`;
        const value = addToHistory(before?.value, model);
        await transaction`
          INSERT INTO tags ${transaction({ run_id, key: historyTag, value })}
          ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value`;
        if (seals > 0)
          await writeAmendments(
            transaction,
            [{ runId: run_id, actor, what: { tag: { key: historyTag, value } } }],
            now(),
          );
      });
      sealer.notify();
      return {};
    },
  }),
];

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what describes no model of this run */
export function readModelJson(json: string, run: string): Readonly<Record<string, unknown>> {
  const model = z.record(z.string(), z.unknown()).safeParse(parse(json));
  if (!model.success) throw invalid("Malformed model info. The model_json is no JSON object.");
  const lacking = neededFields.filter((field) => !Object.hasOwn(model.data, field));
  if (lacking.length > 0) throw invalid(`Model json is missing mandatory fields: ${lacking.join(", ")}`);
  if (model.data["run_id"] === run) return model.data;
  throw invalid("The run_id of the model_json is not the one of the run that it is logged for.");
}

/** The history with one model more; the same again, as a client sends that heard no answer, changes nothing. */
export function addToHistory(before: string | undefined, model: Readonly<Record<string, unknown>>): string {
  const models = z.array(z.unknown()).safeParse(before === undefined ? [] : parse(before));
  const known = models.success ? models.data : [];
  const added = JSON.stringify(model);
  const value = JSON.stringify(known.some((one) => JSON.stringify(one) === added) ? known : [...known, model]);
  if ([...value].length <= longestHistory) return value;
  throw invalid(`'${historyTag}' exceeds the maximum length of ${longestHistory} characters`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Locks a run that can be written to. @returns how often it was sealed */
async function lockRun(sql: AnySql, run: string): Promise<number> {
  const [found] = await sql<KnownRun[]>`
    SELECT run_id, lifecycle_stage, seals FROM runs WHERE run_id = ${run} FOR UPDATE`;
  const failure = refuseRun(run, found);
  if (failure) throw failure;
  return found?.seals ?? 0;
}
