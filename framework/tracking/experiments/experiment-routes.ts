/**
 * The routes of experiments.
 * @module
 */
import { z } from "zod";
import { persist, type Sql } from "../database.ts";
import { keyValues, longestKey, required, texts, viewType, whole } from "../field.ts";
import { type Call, jsonRoute, type Route } from "../route.ts";
import { checkKey } from "../runs/run-entry.ts";
import { checkPageSize, cutPage, readPageToken } from "../search/page.ts";
import { invalid, missing, TrackingFailure } from "../tracking-failure.ts";
import { describeExperiment, type Experiment, experimentColumns, findExperiment, requireActive } from "./experiment.ts";
import { findExperiments } from "./find-experiments.ts";

const longestName = 500;
const longestTag = 20_000;
const mostExperiments = 50_000;

const search = jsonRoute({
  method: "POST",
  path: "/api/2.0/mlflow/experiments/search",
  seals: false,
  input: z.object({
    filter: z.string().default(""),
    order_by: texts,
    view_type: viewType,
    max_results: whole.default(1000),
    page_token: z.string().default(""),
  }),
  async answer(input, { tools }) {
    const size = checkPageSize(input.max_results, mostExperiments);
    const offset = readPageToken(input.page_token);
    const { filter, order_by: orderBy, view_type: view } = input;
    const found = await findExperiments(tools.sql, { filter, orderBy, view, offset, limit: size + 1 });
    const { items, token } = cutPage(found, { offset, size });
    return { experiments: items.map(describeExperiment), ...(token !== undefined && { next_page_token: token }) };
  },
});

export const experimentRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/experiments/create",
    input: z.object({ name: required, artifact_location: z.string().default(""), tags: keyValues }),
    async answer({ name, artifact_location, tags }, { tools }) {
      checkName(name);
      if (artifact_location !== "") {
        throw invalid(
          "Invalid value for parameter 'artifact_location': this server keeps artifacts itself; leave the location out",
        );
      }
      for (const tag of tags) checkExperimentTag(tag);
      return { experiment_id: String(await createExperiment(tools.sql, { name, tags, now: tools.now() })) };
    },
  }),
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/experiments/get",
    input: z.object({ experiment_id: required }),
    async answer({ experiment_id: id }, { tools }) {
      return { experiment: describeExperiment(await findExperiment(tools.sql, id)) };
    },
  }),
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/experiments/get-by-name",
    input: z.object({ experiment_name: required }),
    async answer({ experiment_name: name }, { tools }) {
      const { sql } = tools;
      const [experiment] = await sql<Experiment[]>`
        SELECT ${experimentColumns(sql)} FROM experiments e WHERE e.name = ${name}`;
      if (!experiment) throw missing(`Could not find experiment with name '${name}'`);
      return { experiment: describeExperiment(experiment) };
    },
  }),
  search,
  { ...search, method: "GET" },
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/experiments/update",
    input: z.object({ experiment_id: required, new_name: required }),
    async answer({ experiment_id: id, new_name: name }, { tools }) {
      checkName(name);
      const experiment = await findExperiment(tools.sql, id);
      if (experiment.lifecycle_stage !== "active") {
        throw new TrackingFailure("INVALID_STATE", "Cannot rename a non-active experiment.");
      }
      const now = tools.now();
      await refuseTaken(
        name,
        persist(
          () => tools.sql`
            UPDATE experiments SET name = ${name}, last_update_time = ${now} WHERE experiment_id = ${experiment.experiment_id}`,
        ),
      );
      return {};
    },
  }),
  ...(["deleted", "active"] as const).map((stage) =>
    jsonRoute({
      method: "POST",
      path: `/api/2.0/mlflow/experiments/${stage === "deleted" ? "delete" : "restore"}`,
      input: z.object({ experiment_id: required }),
      async answer({ experiment_id: id }, call) {
        await moveExperiment(id, call, stage);
        return {};
      },
    }),
  ),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/experiments/set-experiment-tag",
    input: z.object({ experiment_id: required, key: required, value: z.string().default("") }),
    async answer({ experiment_id: id, key, value }, { tools }) {
      checkExperimentTag({ key, value });
      const experiment = await findExperiment(tools.sql, id);
      requireActive(experiment);
      await persist(
        () => tools.sql`
          INSERT INTO experiment_tags (experiment_id, key, value) VALUES (${experiment.experiment_id}, ${key}, ${value})
          ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value`,
      );
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/experiments/delete-experiment-tag",
    input: z.object({ experiment_id: required, key: required }),
    async answer({ experiment_id: id, key }, { tools }) {
      const experiment = await findExperiment(tools.sql, id);
      requireActive(experiment);
      const { count } = await tools.sql`
        DELETE FROM experiment_tags WHERE experiment_id = ${experiment.experiment_id} AND key = ${key}`;
      if (count === 0) throw missing(`No tag with name: ${key} in experiment with id ${experiment.experiment_id}`);
      return {};
    },
  }),
];

async function createExperiment(
  sql: Sql,
  {
    name,
    tags,
    now,
  }: { readonly name: string; readonly tags: readonly { key: string; value: string }[]; readonly now: number },
): Promise<number> {
  const create = async (): Promise<number> => {
    const [made] = await sql<{ experiment_id: number }[]>`
      WITH next AS (SELECT nextval(pg_get_serial_sequence('experiments', 'experiment_id')) AS id), made AS (
        INSERT INTO experiments (experiment_id, name, artifact_location, creation_time, last_update_time)
        SELECT id, ${name}, 'mlflow-artifacts:/' || id, ${now}, ${now} FROM next RETURNING experiment_id
      ), tagged AS (
        INSERT INTO experiment_tags (experiment_id, key, value)
        SELECT id, t.key, t.value FROM next, unnest(${tags.map(({ key }) => key)}::text[],
          ${tags.map(({ value }) => value)}::text[]) AS t(key, value)
      )
      SELECT experiment_id FROM made`;
    return made?.experiment_id ?? 0;
  };
  return refuseTaken(name, persist(create));
}

/** What is done to runs with their experiment is done to all at once, and none of it is lost. */
async function moveExperiment(id: string, { tools, actor }: Call, stage: "active" | "deleted"): Promise<void> {
  const experiment = await findExperiment(tools.sql, id);
  if (experiment.lifecycle_stage === stage) {
    throw missing(`No Experiment with id=${experiment.experiment_id} exists that is not ${stage}`);
  }
  const now = tools.now();
  const { experiment_id } = experiment;
  await persist(() =>
    tools.sql.begin(async (sql) => {
      await sql`
        UPDATE experiments SET lifecycle_stage = ${stage}, last_update_time = ${now} WHERE experiment_id = ${experiment_id}`;
      await sql`
        WITH moved AS (
          UPDATE runs SET lifecycle_stage = ${stage}, deleted_time = ${stage === "deleted" ? now : null},
            seal_due = seal_due OR seals > 0
          WHERE experiment_id = ${experiment_id} AND lifecycle_stage <> ${stage} RETURNING run_id, seals
        )
        INSERT INTO amendments (run_id, at, actor, what)
        SELECT run_id, ${now}, ${actor}, ${sql.json({ lifecycle: stage })} FROM moved WHERE seals > 0`;
    }),
  );
  tools.sealer.notify();
}

function checkName(name: string): void {
  if (name.length > longestName) throw invalid(`'name' exceeds the maximum length of ${longestName} characters`);
}

function checkExperimentTag({ key, value }: { readonly key: string; readonly value: string }): void {
  checkKey(key, "tag");
  if (key.length > longestKey || value.length > longestTag) {
    throw invalid(`the value of tag '${key}' exceeds the maximum length of ${longestTag} characters`);
  }
}

/** Names are unique, those of deleted experiments too. */
async function refuseTaken<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "23505")) throw error;
    throw new TrackingFailure("RESOURCE_ALREADY_EXISTS", `Experiment(name=${name}) already exists.`);
  }
}
