/**
 * The routes of aliases: names of a model's versions that move, such as `champion`.
 * @module
 */
import { z } from "zod";
import type { AnySql } from "../database.ts";
import { jsonRoute, type Route } from "../route.ts";
import { invalid, missing } from "../tracking-failure.ts";
import { findVersion, readVersionOf, type VersionKey } from "./model-version.ts";
import { findModel } from "./registered-model.ts";
import { isLatest, readAlias, readNewAlias, text } from "./registry-name.ts";

const path = "/api/2.0/mlflow/registered-models/alias";
const input = z.object({ name: text, alias: text.default("") });

export const aliasRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path,
    input: input.extend({ version: z.coerce.string().default("") }),
    async answer(asked, { tools: { sql } }) {
      const alias = readNewAlias(asked.alias);
      const { model, version } = await findVersion(sql, asked);
      await sql`
        INSERT INTO registered_model_aliases ${sql({ model, alias, version })}
        ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version`;
      return {};
    },
  }),
  jsonRoute({
    method: "DELETE",
    path,
    input,
    async answer({ name, alias }, { tools: { sql } }) {
      readAlias(alias);
      const model = await findModel(sql, name);
      await sql`DELETE FROM registered_model_aliases WHERE model = ${model} AND alias = ${alias}`;
      return {};
    },
  }),
  jsonRoute({
    method: "GET",
    path,
    input,
    answer: async ({ name, alias }, { tools: { sql } }) => ({
      model_version: await readVersionOf(sql, await findAliased(sql, name, alias)),
    }),
  }),
];

/**
 * The version that an alias means; `latest` means the one with the highest number.
 * @throws TrackingFailure `INVALID_PARAMETER_VALUE` where there is no such alias: clients tell it from a missing model by that
 */
export async function findAliased(sql: AnySql, name: string, alias: string): Promise<VersionKey> {
  readAlias(alias);
  const model = await findModel(sql, name);
  const latest = isLatest(alias);
  const [found] = latest
    ? await sql<{ version: number | null }[]>`SELECT max(version) AS version FROM model_versions WHERE model = ${model}`
    : await sql<{ version: number | null }[]>`
        SELECT version FROM registered_model_aliases WHERE model = ${model} AND alias = ${alias}`;
  if (found && found.version !== null) return { model, version: found.version };
  throw latest
    ? missing(`Latest version not found for model ${name}.`)
    : invalid(`Registered model alias ${alias} not found.`);
}
