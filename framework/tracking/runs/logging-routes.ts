/**
 * The routes by which runs log, and by which what they logged is read.
 * @module
 */
import { z } from "zod";
import { persist } from "../database.ts";
import { keyValue, required, texts, whole } from "../field.ts";
import { jsonRoute, type Route } from "../route.ts";
import { checkPageSize, readPageToken } from "../search/page.ts";
import { invalid } from "../tracking-failure.ts";
import { inputsSchema, largestInputs, logInputs } from "./log-inputs.ts";
import { readHistory, sampleHistories } from "./metric-history.ts";
import { readRun } from "./read-runs.ts";
import { batchSchema, checkEntry, checkTag, largestBatch, metricSchema, type RunEntry } from "./run-entry.ts";
import { requireRun, runFields } from "./run-routes.ts";

const nothing: Pick<RunEntry, "metrics" | "params" | "tags"> = { metrics: [], params: [], tags: [] };

/** How many values of a history are returned at most. */
const mostPoints = 25_000;
/** How many runs are asked for their histories at once. */
const mostHistories = 100;

// What is logged is told to the sealer by the writer, where there is something to seal.
export const loggingRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/log-metric",
    seals: false,
    input: metricSchema.extend(runFields),
    async answer({ run_id, run_uuid, ...metric }, { tools, actor }) {
      const entry = { ...nothing, runId: requireRun({ run_id, run_uuid }), actor, metrics: [metric] };
      checkEntry(entry);
      await tools.writer.log(entry);
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/log-parameter",
    seals: false,
    input: keyValue.extend(runFields),
    async answer({ key, value, ...run }, { tools, actor }) {
      const entry = { ...nothing, runId: requireRun(run), actor, params: [{ key, value }] };
      checkEntry(entry);
      await tools.writer.log(entry);
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/set-tag",
    seals: false,
    input: keyValue.extend(runFields),
    async answer({ key, value, ...run }, { tools, actor }) {
      checkTag({ key, value });
      await tools.writer.log({ ...nothing, runId: requireRun(run), actor, tags: [{ key, value }] });
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/log-batch",
    seals: false,
    input: batchSchema,
    most: largestBatch,
    async answer({ run_id, metrics, params, tags }, { tools, actor }) {
      const entry = { runId: run_id, actor, metrics, params, tags };
      checkEntry(entry);
      await tools.writer.log(entry);
      return {};
    },
  }),
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/runs/log-inputs",
    input: inputsSchema,
    most: largestInputs,
    async answer({ run_id, datasets, models }, { tools, actor }) {
      const given = {
        runId: run_id,
        actor,
        now: tools.now(),
        datasets,
        models: models.map(({ model_id }) => model_id),
      };
      await persist(() => logInputs(tools.sql, given));
      tools.sealer.notify();
      return {};
    },
  }),
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/metrics/get-history",
    input: z.object({
      ...runFields,
      metric_key: required,
      max_results: whole.optional(),
      page_token: z.string().default(""),
    }),
    async answer({ metric_key: key, max_results, page_token, ...run }, { tools }) {
      const runId = requireRun(run);
      const size = max_results === undefined ? undefined : checkPageSize(max_results, Number.MAX_SAFE_INTEGER);
      const offset = readPageToken(page_token);
      const page = size === undefined ? undefined : { offset, size };
      const { items, token } = await readHistory(tools.sql, { runId, key }, page);
      // A run without the metric has an empty history; one that is not there is refused.
      if (items.length === 0) await readRun(tools.sql, runId);
      return { metrics: items, ...(token !== undefined && { next_page_token: token }) };
    },
  }),
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/metrics/get-history-bulk-interval",
    input: z.object({
      run_ids: texts,
      metric_key: required,
      max_results: whole.default(320),
      start_step: whole.optional(),
      end_step: whole.optional(),
    }),
    async answer({ run_ids: runIds, metric_key: key, max_results, start_step: from, end_step: to }, { tools }) {
      if (runIds.length > mostHistories) throw invalid(`at most ${mostHistories} runs are asked for at once`);
      if ((from === undefined) !== (to === undefined)) {
        throw invalid("If either start step or end step are specified, both must be specified.");
      }
      if (from !== undefined && to !== undefined && from > to) {
        throw invalid(`end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`);
      }
      const most = Math.max(1, Math.min(max_results, mostPoints));
      const steps = from === undefined || to === undefined ? {} : { steps: { from, to } };
      return { metrics: await sampleHistories(tools.sql, { runIds, key, most, ...steps }) };
    },
  }),
];
