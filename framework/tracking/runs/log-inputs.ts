/**
 * What a run took in: datasets and logged models.
 * @module
 */
import { z } from "zod";
import type { Sql } from "../database.ts";
import { keyValues } from "../field.ts";
import { invalid } from "../tracking-failure.ts";
import { type Amendment, writeAmendments } from "./amendment.ts";
import { refuseRun } from "./decide-entries.ts";
import type { RunRow } from "./read-runs.ts";

const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

const datasetInputSchema = z.object({
  tags: keyValues,
  dataset: z.object({
    name: z.string().min(1).max(500),
    digest: z.string().min(1).max(36),
    source_type: optionalText,
    source: optionalText.pipe(z.string().max(65_535)),
    schema: optionalText.pipe(z.string().max(1_048_575)),
    profile: optionalText.pipe(z.string().max(16_777_215)),
  }),
});

export const inputsSchema = z.object({
  run_id: z.string().min(1),
  datasets: z.array(datasetInputSchema).max(1000).default([]),
  models: z
    .array(z.object({ model_id: z.string().min(1) }))
    .max(1000)
    .default([]),
});

/** How large a body that tells of datasets may be, in bytes: a profile may be 16 MiB. */
export const largestInputs = 24 * 2 ** 20;

/** The tag of an input that says what the dataset was for. */
const contextTag = "mlflow.data.context";

/** What goes into a run. */
export interface Inputs {
  readonly runId: string;
  readonly actor: string;
  readonly now: number;
  readonly datasets: z.output<typeof inputsSchema>["datasets"];
  /** The ids of logged models. */
  readonly models: readonly string[];
}

/**
 * Records what a run took in. Recorded again, it is so once, with the tags of the first time.
 * @throws TrackingFailure 404 for a run that is not there, 400 for one that is deleted
 */
export async function logInputs(sql: Sql, { runId, actor, now, datasets, models }: Inputs): Promise<void> {
  for (const { key, value } of datasets.flatMap(({ tags }) => tags)) {
    if (key.length > 255 || value.length > 500) throw invalid(`tag '${key.slice(0, 50)}' of an input is too long`);
  }
  await sql.begin(async (transaction) => {
    const [run] = await transaction<RunRow[]>`SELECT * FROM runs WHERE run_id = ${runId} FOR NO KEY UPDATE`;
    const failure = refuseRun(runId, run);
    if (failure || !run) throw failure;
    const amendments: Amendment[] = [];
    for (const { dataset, tags } of datasets) {
      const context = tags.find(({ key }) => key === contextTag)?.value ?? null;
      await transaction`
        INSERT INTO datasets ${transaction({ ...dataset, experiment_id: run.experiment_id })} ON CONFLICT DO NOTHING`;
      const { count } = await transaction`
        INSERT INTO run_datasets (run_id, dataset_id, tags, context)
        SELECT ${runId}, dataset_id, ${transaction.json(tags)}, ${context} FROM datasets
        WHERE experiment_id = ${run.experiment_id} AND name = ${dataset.name} AND digest = ${dataset.digest}
        ON CONFLICT DO NOTHING`;
      const { name, digest } = dataset;
      if (count > 0) amendments.push({ runId, actor, what: { dataset: { name, digest } } });
    }
    const rows = [...new Set(models)].map((model_id) => ({ run_id: runId, direction: "input", model_id }));
    if (rows.length > 0) {
      const added = await transaction<{ model_id: string }[]>`
        INSERT INTO run_models ${transaction(rows)} ON CONFLICT DO NOTHING RETURNING model_id`;
      for (const { model_id } of added) amendments.push({ runId, actor, what: { "input-model": { model_id } } });
    }
    if (run.seals > 0) await writeAmendments(transaction, amendments, now);
  });
}
