/**
 * Parameters of logged models: each is written once, and the same again is no error.
 * @module
 */
import type { AnySql } from "../database.ts";
import { longestKey } from "../field.ts";
import type { Tag } from "../registry/registry-name.ts";
import { invalid } from "../tracking-failure.ts";

/** How long a value may be, in characters. */
const longestValue = 6_000;

/** Parameters of which each key is there once, the last of several winning. @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what is too long */
export function readModelParams(params: readonly Tag[]): Tag[] {
  for (const { key, value } of params) {
    if (key === "") throw invalid("Missing value for required parameter 'key'.");
    if ([...key].length > longestKey)
      throw invalid(`'Param key' exceeds the maximum length of ${longestKey} characters`);
    if ([...value].length > longestValue)
      throw invalid(`'Param value' exceeds the maximum length of ${longestValue} characters`);
  }
  return [...new Map(params.map((one) => [one.key, one])).values()];
}

/** Writes parameters. @throws TrackingFailure `INVALID_PARAMETER_VALUE` where one has another value already */
export async function logModelParams(sql: AnySql, model: string, params: readonly Tag[]): Promise<void> {
  if (params.length === 0) return;
  const rows = params.map(({ key, value }) => ({ model_id: model, key, value }));
  await sql`INSERT INTO logged_model_params ${sql(rows)} ON CONFLICT (model_id, key) DO NOTHING`;
  const kept = await sql<Tag[]>`
    SELECT key, value FROM logged_model_params WHERE model_id = ${model} AND key = ANY(${rows.map(({ key }) => key)})`;
  const values = new Map(kept.map(({ key, value }) => [key, value]));
  const changed = params.find(({ key, value }) => values.get(key) !== value);
  if (!changed) return;
  const before = `old value '${values.get(changed.key)}', new value '${changed.value}'`;
  throw invalid(
    `Changing param values is not allowed. Param with key='${changed.key}' was already logged with ${before}`,
  );
}
