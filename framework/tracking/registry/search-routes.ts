/**
 * The routes by which the registry is searched.
 * @module
 */
import { z } from "zod";
import { texts, whole } from "../field.ts";
import { jsonRoute, type Route } from "../route.ts";
import { checkPageSize, cutPage, readPageToken } from "../search/page.ts";
import { readVersions } from "./model-version.ts";
import { readModels } from "./registered-model.ts";
import { text } from "./registry-name.ts";
import { modelCondition, modelOrder, versionCondition, versionOrder } from "./registry-search.ts";

const mostModels = 1_000;
const mostVersions = 200_000;
const asked = { filter: text.default(""), order_by: texts, page_token: text.default("") };

export const registrySearchRoutes: readonly Route[] = [
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/registered-models/search",
    input: z.object({ ...asked, max_results: whole.default(100) }),
    async answer(input, { tools: { sql } }) {
      const page = { offset: readPageToken(input.page_token), size: checkPageSize(input.max_results, mostModels) };
      const condition = modelCondition(sql, input.filter);
      const rest = sql`${modelOrder(sql, input.order_by)} LIMIT ${page.size + 1} OFFSET ${page.offset}`;
      const { items, token } = cutPage(await readModels(sql, condition, rest), page);
      return { registered_models: items, ...(token !== undefined && { next_page_token: token }) };
    },
  }),
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/model-versions/search",
    input: z.object({ ...asked, max_results: whole.default(10_000) }),
    async answer(input, { tools: { sql } }) {
      const page = { offset: readPageToken(input.page_token), size: checkPageSize(input.max_results, mostVersions) };
      const condition = versionCondition(sql, input.filter);
      const rest = sql`${versionOrder(sql, input.order_by)} LIMIT ${page.size + 1} OFFSET ${page.offset}`;
      const { items, token } = cutPage(await readVersions(sql, condition, rest), page);
      return { model_versions: items, ...(token !== undefined && { next_page_token: token }) };
    },
  }),
];
