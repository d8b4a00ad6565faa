/**
 * The routes of runs: made, changed, found, read.
 * @module
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { persist } from "../database.ts";
import { findExperiment, requireActive } from "../experiments/experiment.ts";
import { keyValues, required, texts, viewType, whole } from "../field.ts";
import { type Call, JsonText, jsonRoute, type Route } from "../route.ts";
import { findRuns } from "../search/find-runs.ts";
import { checkPageSize, cutPage, readPageToken } from "../search/page.ts";
import { readRunFilter, readRunOrders } from "../search/run-search.ts";
import { invalid } from "../tracking-failure.ts";
import { type Change, deleteRunTag, insertRun, moveRun, runStatuses, updateRun } from "./change-run.ts";
import { describeRunInfo, printRuns, readRun } from "./read-runs.ts";
import { checkTag, ownPrefix } from "./run-entry.ts";
import { inventName } from "./run-name.ts";

/** The run that a request is about. @throws TrackingFailure 400 where it says none */
export function requireRun(input: {
  readonly run_id?: string | undefined;
  readonly run_uuid?: string | undefined;
}): string {
  const id = input.run_id || input.run_uuid;
  if (id) return id;
  throw invalid("Missing value for required parameter 'run_id'.");
}

/** The fields that say which run a request is about. */
export const runFields = { run_id: z.string().optional(), run_uuid: z.string().optional() };

/** How many runs a search may return. */
const mostRuns = 50_000;

export const runRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/create",
    // It is sealed when it has ended.
    seals: false,
    input: z.object({
      experiment_id: z.string().default("0"),
      user_id: z.string().default(""),
      run_name: z.string().default(""),
      start_time: whole.optional(),
      tags: keyValues,
    }),
    async answer(input, { tools, actor }) {
      const tagName = input.tags.find(({ key }) => key === "mlflow.runName")?.value;
      if (input.run_name && tagName && input.run_name !== tagName) {
        throw invalid(
          `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${input.run_name}', mlflow.runName='${tagName}').`,
        );
      }
      for (const tag of input.tags) checkTag(tag);
      const experiment = await findExperiment(tools.sql, input.experiment_id);
      requireActive(experiment);
      const runId = randomUUID().replaceAll("-", "");
      const run = {
        runId,
        experimentId: experiment.experiment_id,
        name: input.run_name || tagName || inventName(),
        userId: input.user_id || actor,
        actor,
        startTime: input.start_time ?? tools.now(),
        artifactUri: `${experiment.artifact_location}/${runId}/artifacts`,
        tags: input.tags,
      };
      await persist(() => insertRun(tools.sql, run));
      // A client that hears of a failure would make a second run.
      return { run: await persist(() => readRun(tools.sql, runId)) };
    },
  }),
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/runs/get",
    input: z.object(runFields),
    async answer(input, { tools }) {
      return { run: await readRun(tools.sql, requireRun(input)) };
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/update",
    input: z.object({
      ...runFields,
      status: z.union([z.enum(runStatuses), z.literal([1, 2, 3, 4, 5])]).optional(),
      end_time: whole.optional(),
      run_name: z.string().optional(),
    }),
    async answer(input, call) {
      const { tools } = call;
      const status = typeof input.status === "number" ? runStatuses[input.status - 1] : input.status;
      const change = { status, endTime: input.end_time, name: input.run_name || undefined };
      const run = await persist(() => updateRun(tools.sql, changing(requireRun(input), call), change));
      tools.sealer.notify();
      return { run_info: describeRunInfo(run) };
    },
  }),
  ...(["deleted", "active"] as const).map((stage) =>
    jsonRoute({
      method: "POST",
      path: `/api/2.0/mlflow/runs/${stage === "deleted" ? "delete" : "restore"}`,
      input: z.object(runFields),
      async answer(input, call) {
        await persist(() => moveRun(call.tools.sql, changing(requireRun(input), call), stage));
        call.tools.sealer.notify();
        return {};
      },
    }),
  ),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/delete-tag",
    input: z.object({ ...runFields, key: required }),
    async answer({ key, ...input }, call) {
      if (key.startsWith(ownPrefix)) throw invalid(`tags that begin with '${ownPrefix}' are the server's own`);
      await persist(() => deleteRunTag(call.tools.sql, changing(requireRun(input), call), key));
      call.tools.sealer.notify();
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/search",
    seals: false,
    input: z.object({
      experiment_ids: texts,
      filter: z.string().default(""),
      run_view_type: viewType,
      max_results: whole.default(1000),
      order_by: texts,
      page_token: z.string().default(""),
    }),
    async answer(input, { tools }) {
      const size = checkPageSize(input.max_results, mostRuns);
      const offset = readPageToken(input.page_token);
      const found = await findRuns(tools, {
        experiments: input.experiment_ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number),
        view: input.run_view_type,
        clauses: readRunFilter(input.filter),
        orders: readRunOrders(input.order_by),
        offset,
        limit: size + 1,
      });
      const page = cutPage(found, { offset, size });
      const runs = await printRuns(tools.lookups, page.items);
      const next = page.token === undefined ? "" : `,"next_page_token":${JSON.stringify(page.token)}`;
      return new JsonText(`{"runs":[${runs.join(",")}]${next}}`);
    },
  }),
];

function changing(runId: string, { tools, actor }: Call): Change {
  return { runId, actor, now: tools.now() };
}
