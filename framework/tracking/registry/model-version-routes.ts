/**
 * The routes of model versions: registered, read, described, moved between stages, removed, with their tags.
 * @module
 */
import { z } from "zod";
import { jsonRoute, type Route } from "../route.ts";
import { missing } from "../tracking-failure.ts";
import { findVersion, readVersionOf, readVersions } from "./model-version.ts";
import { findModel } from "./registered-model.ts";
import { readModelName, readTag, readTagKey, readTags, tag, text } from "./registry-name.ts";
import { resolveSource } from "./resolve-source.ts";
import { readStage, requireActive } from "./stage.ts";

const root = "/api/2.0/mlflow/model-versions";
const models = "/api/2.0/mlflow/registered-models";
const named = z.object({ name: text, version: z.coerce.string().default("") });

/** Both ways in which clients ask. */
const latestVersions = (["GET", "POST"] as const).map((method) =>
  jsonRoute({
    method,
    path: `${models}/get-latest-versions`,
    seals: false,
    input: z.object({ name: text, stages: z.union([z.array(text), text.transform((one) => [one])]).default([]) }),
    async answer({ name, stages }, { tools: { sql } }) {
      const model = await findModel(sql, name);
      const asked = stages.map(readStage);
      const condition = sql`v.model = ${model} AND (${asked.length === 0} OR v.stage = ANY(${asked}))
        AND NOT EXISTS (
          SELECT 1 FROM model_versions AS w WHERE w.model = v.model AND w.stage = v.stage AND w.version > v.version)`;
      return { model_versions: await readVersions(sql, condition, sql`ORDER BY v.version`) };
    },
  }),
);

export const modelVersionRoutes: readonly Route[] = [
  ...latestVersions,
  jsonRoute({
    method: "POST",
    path: `${root}/create`,
    input: z.object({
      name: text,
      source: text.min(1),
      run_id: text.default(""),
      model_id: text.default(""),
      run_link: text.optional(),
      description: text.optional(),
      tags: z.array(tag).default([]),
    }),
    async answer(
      { name, tags: given, run_link = null, description = null, ...origin },
      { tools: { sql, now }, actor },
    ) {
      readModelName(name);
      const tags = readTags(given);
      const made = await sql.begin(async (transaction) => {
        const resolved = await resolveSource(transaction, origin);
        const at = now();
        // The row is locked until the end, so that two versions never get one number.
        const [numbered] = await transaction<{ model: number; version: number }[]>`
          UPDATE registered_models SET numbered = numbered + 1, updated = ${at} WHERE name = ${name}
          RETURNING id AS model, numbered AS version`;
        if (!numbered) throw missing(`Registered Model with name=${name} not found`);
        const key = { model: numbered.model, version: numbered.version };
        const row = { ...key, created: at, updated: at, actor, description, run_link, ...resolved };
        await transaction`INSERT INTO model_versions ${transaction(row)}`;
        for (const one of tags) await transaction`INSERT INTO model_version_tags ${transaction({ ...key, ...one })}`;
        return readVersionOf(transaction, key);
      });
      return { model_version: made };
    },
  }),
  jsonRoute({
    method: "GET",
    path: `${root}/get`,
    input: named,
    answer: async (asked, { tools: { sql } }) => ({
      model_version: await readVersionOf(sql, await findVersion(sql, asked)),
    }),
  }),
  jsonRoute({
    method: "GET",
    path: `${root}/get-download-uri`,
    input: named,
    async answer(asked, { tools: { sql } }) {
      const { model, version } = await findVersion(sql, asked);
      const [found] = await sql<{ artifact_uri: string }[]>`
        SELECT location AS artifact_uri FROM model_versions WHERE model = ${model} AND version = ${version}`;
      return { artifact_uri: found?.artifact_uri };
    },
  }),
  jsonRoute({
    method: "PATCH",
    path: `${root}/update`,
    input: named.extend({ description: text.optional() }),
    async answer({ description = null, ...asked }, { tools: { sql, now } }) {
      const key = await findVersion(sql, asked);
      await sql`
        UPDATE model_versions SET description = ${description}, updated = ${now()}
        WHERE model = ${key.model} AND version = ${key.version}`;
      return { model_version: await readVersionOf(sql, key) };
    },
  }),
  jsonRoute({
    method: "POST",
    path: `${root}/transition-stage`,
    input: named.extend({
      stage: text.default(""),
      archive_existing_versions: z.union([z.boolean(), z.stringbool()]).default(false),
    }),
    async answer({ stage: given, archive_existing_versions: archive, ...asked }, { tools: { sql, now } }) {
      const stage = readStage(given);
      if (archive) requireActive(stage);
      const moved = await sql.begin(async (transaction) => {
        const key = await findVersion(transaction, asked);
        const { model, version } = key;
        const at = now();
        await transaction`UPDATE registered_models SET updated = ${at} WHERE id = ${model}`;
        if (archive) {
          await transaction`
            UPDATE model_versions SET stage = 'Archived', updated = ${at}
            WHERE model = ${model} AND version <> ${version} AND stage = ${stage}`;
        }
        await transaction`
          UPDATE model_versions SET stage = ${stage}, updated = ${at} WHERE model = ${model} AND version = ${version}`;
        return readVersionOf(transaction, key);
      });
      return { model_version: moved };
    },
  }),
  jsonRoute({
    method: "DELETE",
    path: `${root}/delete`,
    input: named,
    async answer(asked, { tools: { sql, now } }) {
      const { model, version } = await findVersion(sql, asked);
      await sql`UPDATE registered_models SET updated = ${now()} WHERE id = ${model}`;
      await sql`DELETE FROM model_versions WHERE model = ${model} AND version = ${version}`;
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: `${root}/set-tag`,
    input: named.extend({ key: text.default(""), value: text.default("") }),
    async answer({ key: givenKey, value: givenValue, ...asked }, { tools: { sql } }) {
      const { key, value } = readTag({ key: givenKey, value: givenValue });
      const { model, version } = await findVersion(sql, asked);
      await sql`
        INSERT INTO model_version_tags ${sql({ model, version, key, value })}
        ON CONFLICT (model, version, key) DO UPDATE SET value = excluded.value`;
      return {};
    },
  }),
  jsonRoute({
    method: "DELETE",
    path: `${root}/delete-tag`,
    input: named.extend({ key: text.default("") }),
    async answer({ key, ...asked }, { tools: { sql } }) {
      readTagKey(key);
      const { model, version } = await findVersion(sql, asked);
      await sql`DELETE FROM model_version_tags WHERE model = ${model} AND version = ${version} AND key = ${key}`;
      return {};
    },
  }),
];
