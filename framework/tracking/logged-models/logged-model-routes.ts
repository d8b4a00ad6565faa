/**
 * The routes of logged models: made, finished, read, removed, with their tags and parameters.
 * @module
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { listArtifacts } from "../artifacts/artifact-index.ts";
import { joinPath, readFolderPath } from "../artifacts/artifact-path.ts";
import { readArtifactUri } from "../artifacts/artifact-uri.ts";
import type { AnySql } from "../database.ts";
import { findExperiment, requireActive } from "../experiments/experiment.ts";
import { type readTag, readTags, tag, text } from "../registry/registry-name.ts";
import { jsonRoute, type Route } from "../route.ts";
import { invalid, missing } from "../tracking-failure.ts";
import { loggedModelStatuses, noLoggedModel, readLoggedModel } from "./logged-model.ts";
import { logModelParams, readModelParams } from "./logged-model-params.ts";

const root = "/api/2.0/mlflow/logged-models";
const one = `${root}/{model_id}`;
const modelId = z.object({ model_id: text });

/** How the status is sent: by its name, or by the number that it has in the protocol. */
const status = z.union([
  z.enum(loggedModelStatuses.map((name) => `LOGGED_MODEL_${name}` as const)).transform((name) => readStatus(name)),
  z.coerce
    .number()
    .int()
    .min(1)
    .max(loggedModelStatuses.length)
    .transform((number) => loggedModelStatuses[number - 1] ?? "PENDING"),
]);

export const loggedModelRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path: root,
    input: z.object({
      experiment_id: text.min(1),
      name: text.default(""),
      model_type: text.default(""),
      source_run_id: text.default(""),
      params: z.array(tag).default([]),
      tags: z.array(tag).default([]),
    }),
    async answer(input, { tools: { sql, now }, actor }) {
      const params = readModelParams(input.params);
      const tags = readTags(input.tags);
      const model = await sql.begin(async (transaction) => {
        const experiment = await findExperiment(transaction, input.experiment_id);
        requireActive(experiment);
        const { experiment_id, artifact_location } = experiment;
        const { source_run_id } = input;
        if (source_run_id !== "") await requireRun(transaction, source_run_id);
        const model_id = `m-${randomBytes(16).toString("hex")}`;
        const at = now();
        const row = {
          model_id,
          experiment_id,
          name: readName(input.name) || `model-${model_id.slice(2, 10)}`,
          artifact_uri: `${artifact_location.replace(/\/$/, "")}/models/${model_id}/artifacts`,
          created: at,
          updated: at,
          model_type: input.model_type || null,
          source_run_id: source_run_id || null,
          actor,
        };
        await transaction`INSERT INTO logged_models ${transaction(row)}`;
        await logModelParams(transaction, model_id, params);
        await setTags(transaction, model_id, tags);
        return readLoggedModel(transaction, model_id);
      });
      return { model };
    },
  }),
  jsonRoute({
    method: "GET",
    path: one,
    input: modelId.extend({ allow_deleted: z.stringbool().default(false) }),
    answer: async ({ model_id, allow_deleted: allowDeleted }, { tools: { sql } }) => ({
      model: await readLoggedModel(sql, model_id, { allowDeleted }),
    }),
  }),
  jsonRoute({
    method: "PATCH",
    path: one,
    input: modelId.extend({ status }),
    async answer({ model_id, status: next }, { tools: { sql, now } }) {
      await sql`UPDATE logged_models SET status = ${next}, updated = ${now()} WHERE model_id = ${model_id}`;
      return { model: await readLoggedModel(sql, model_id, { allowDeleted: true }) };
    },
  }),
  jsonRoute({
    method: "DELETE",
    path: one,
    input: modelId,
    async answer({ model_id }, { tools: { sql, now } }) {
      const { count } = await sql`
        UPDATE logged_models SET lifecycle_stage = 'deleted', updated = ${now()} WHERE model_id = ${model_id}`;
      if (count === 0) throw noLoggedModel(model_id);
      return {};
    },
  }),
  jsonRoute({
    method: "PATCH",
    path: `${one}/tags`,
    input: modelId.extend({ tags: z.array(tag).default([]) }),
    async answer({ model_id, tags }, { tools: { sql } }) {
      const set = readTags(tags);
      await requireModel(sql, model_id);
      await setTags(sql, model_id, set);
      return { model: await readLoggedModel(sql, model_id, { allowDeleted: true }) };
    },
  }),
  // Clients send a key as it is: a slash in it is one in the path.
  jsonRoute({
    method: "DELETE",
    path: `${one}/tags/{tag_key*}`,
    input: modelId.extend({ tag_key: text }),
    async answer({ model_id, tag_key }, { tools: { sql } }) {
      await requireModel(sql, model_id);
      const { count } = await sql`DELETE FROM logged_model_tags WHERE model_id = ${model_id} AND key = ${tag_key}`;
      if (count === 0) throw missing(`No tag with key '${tag_key}' found for model with ID '${model_id}'.`);
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: `${one}/params`,
    input: modelId.extend({ params: z.array(tag).default([]) }),
    async answer({ model_id, params }, { tools: { sql } }) {
      const logged = readModelParams(params);
      await requireModel(sql, model_id);
      await sql.begin((transaction) => logModelParams(transaction, model_id, logged));
      return {};
    },
  }),
  jsonRoute({
    method: "GET",
    path: `${one}/artifacts/directories`,
    input: modelId.extend({ artifact_directory_path: text.default("") }),
    async answer({ model_id, artifact_directory_path: path }, { tools: { sql } }) {
      const folder = readFolderPath(path);
      const { info } = await readLoggedModel(sql, model_id);
      const files = await listArtifacts(sql, joinPath(readArtifactUri(info.artifact_uri), folder), folder);
      return { root_uri: info.artifact_uri, files };
    },
  }),
];

function readStatus(name: `LOGGED_MODEL_${(typeof loggedModelStatuses)[number]}`) {
  return name.slice("LOGGED_MODEL_".length) as (typeof loggedModelStatuses)[number];
}

/** An empty name is none. @throws TrackingFailure `INVALID_PARAMETER_VALUE` for one that would not do as part of an address */
function readName(name: string): string {
  if (name.length <= 500 && !/[/:.%"']/.test(name)) return name;
  throw invalid(
    `Invalid model name (${name.slice(0, 500)}) provided. Model name must be a non-empty string and cannot contain the following characters: / : . % " '`,
  );
}

async function requireRun(sql: AnySql, run: string): Promise<void> {
  const found = await sql`SELECT 1 FROM runs WHERE run_id = ${run}`;
  if (found.length === 0) throw missing(`Run with id=${run} not found`);
}

async function requireModel(sql: AnySql, id: string): Promise<void> {
  const found = await sql`SELECT 1 FROM logged_models WHERE model_id = ${id}`;
  if (found.length === 0) throw noLoggedModel(id);
}

async function setTags(sql: AnySql, model: string, tags: readonly ReturnType<typeof readTag>[]): Promise<void> {
  if (tags.length === 0) return;
  const rows = tags.map(({ key, value }) => ({ model_id: model, key, value }));
  await sql`
    INSERT INTO logged_model_tags ${sql(rows)} ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value`;
}
