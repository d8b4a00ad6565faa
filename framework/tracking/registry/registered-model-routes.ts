/**
 * The routes of registered models: made, read, changed, called otherwise, removed, with their tags.
 * @module
 */
import { z } from "zod";
import { jsonRoute, type Route } from "../route.ts";
import { TrackingFailure } from "../tracking-failure.ts";
import { findModel, readModel } from "./registered-model.ts";
import { readModelName, readTag, readTagKey, readTags, tag, text } from "./registry-name.ts";

const root = "/api/2.0/mlflow/registered-models";
const named = z.object({ name: text });

export const registeredModelRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path: `${root}/create`,
    input: z.object({ name: text, tags: z.array(tag).default([]), description: text.optional() }),
    async answer(input, { tools: { sql, now }, actor }) {
      const name = readModelName(input.name);
      const tags = readTags(input.tags);
      const model = await sql.begin(async (transaction) => {
        const at = now();
        const row = { name, description: input.description ?? null, created: at, updated: at, actor };
        const [made] = await transaction<{ id: number }[]>`
          INSERT INTO registered_models ${transaction(row)} ON CONFLICT (name) DO NOTHING RETURNING id`;
        if (!made) throw refuseSecond(`Registered Model (name=${name}) already exists.`);
        for (const one of tags) {
          await transaction`INSERT INTO registered_model_tags ${transaction({ model: made.id, ...one })}`;
        }
        return readModel(transaction, made.id);
      });
      return { registered_model: model };
    },
  }),
  jsonRoute({
    method: "GET",
    path: `${root}/get`,
    input: named,
    answer: async ({ name }, { tools: { sql } }) => ({
      registered_model: await readModel(sql, await findModel(sql, name)),
    }),
  }),
  jsonRoute({
    method: "PATCH",
    path: `${root}/update`,
    input: named.extend({ description: text.optional() }),
    async answer({ name, description = null }, { tools: { sql, now } }) {
      const id = await findModel(sql, name);
      await sql`UPDATE registered_models SET description = ${description}, updated = ${now()} WHERE id = ${id}`;
      return { registered_model: await readModel(sql, id) };
    },
  }),
  jsonRoute({
    method: "POST",
    path: `${root}/rename`,
    input: named.extend({ new_name: text.default("") }),
    async answer(input, { tools: { sql, now } }) {
      const name = readModelName(input.new_name, "new_name");
      const model = await sql.begin(async (transaction) => {
        const id = await findModel(transaction, input.name);
        const taken = transaction`SELECT 1 FROM registered_models WHERE name = ${name} AND id <> ${id}`;
        // The constraint holds where two are renamed at once; this is for the message.
        if ((await taken).length > 0) throw refuseSecond(`Registered Model (name=${name}) already exists.`);
        const at = now();
        await transaction`UPDATE registered_models SET name = ${name}, updated = ${at} WHERE id = ${id}`;
        await transaction`UPDATE model_versions SET updated = ${at} WHERE model = ${id}`;
        return readModel(transaction, id);
      });
      return { registered_model: model };
    },
  }),
  jsonRoute({
    method: "DELETE",
    path: `${root}/delete`,
    input: named,
    async answer({ name }, { tools: { sql } }) {
      await sql`DELETE FROM registered_models WHERE id = ${await findModel(sql, name)}`;
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: `${root}/set-tag`,
    input: named.extend({ key: text.default(""), value: text.default("") }),
    async answer({ name, ...given }, { tools: { sql, now } }) {
      const { key, value } = readTag(given);
      const model = await findModel(sql, name);
      await sql`
        INSERT INTO registered_model_tags ${sql({ model, key, value })}
        ON CONFLICT (model, key) DO UPDATE SET value = excluded.value`;
      await sql`UPDATE registered_models SET updated = ${now()} WHERE id = ${model}`;
      return {};
    },
  }),
  jsonRoute({
    method: "DELETE",
    path: `${root}/delete-tag`,
    input: named.extend({ key: text.default("") }),
    async answer({ name, key }, { tools: { sql, now } }) {
      readTagKey(key);
      const model = await findModel(sql, name);
      await sql`DELETE FROM registered_model_tags WHERE model = ${model} AND key = ${key}`;
      await sql`UPDATE registered_models SET updated = ${now()} WHERE id = ${model}`;
      return {};
    },
  }),
];

/** What is said of a name that is taken. Clients that register a model go on when they hear it. */
function refuseSecond(message: string): TrackingFailure {
  return new TrackingFailure("RESOURCE_ALREADY_EXISTS", message);
}
