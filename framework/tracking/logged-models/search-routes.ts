/**
 * The route by which logged models are searched.
 * @module
 */
import { z } from "zod";
import { texts, whole } from "../field.ts";
import { text } from "../registry/registry-name.ts";
import { jsonRoute, type Route } from "../route.ts";
import { checkPageSize, cutPage, readPageToken } from "../search/page.ts";
import { invalid } from "../tracking-failure.ts";
import { readLoggedModels } from "./logged-model.ts";
import { loggedModelCondition, loggedModelOrder } from "./logged-model-search.ts";

const mostModels = 1_000;
const optionalText = text.nullish().transform((value) => value ?? "");
const dataset = { dataset_name: optionalText, dataset_digest: optionalText };

export const loggedModelSearchRoutes: readonly Route[] = [
  jsonRoute({
    method: "POST",
    path: "/api/2.0/mlflow/logged-models/search",
    seals: false,
    input: z.object({
      experiment_ids: texts,
      filter: text.default(""),
      datasets: z.array(z.object(dataset)).default([]),
      order_by: z.array(z.object({ field_name: text, ascending: z.boolean().nullish(), ...dataset })).default([]),
      max_results: whole.default(50),
      page_token: text.default(""),
    }),
    async answer(input, { tools: { sql } }) {
      const page = { offset: readPageToken(input.page_token), size: checkPageSize(input.max_results, mostModels) };
      if (input.experiment_ids.length === 0) throw invalid("Missing value for required parameter 'experiment_ids'.");
      if (input.datasets.some(({ dataset_name: name }) => name === "")) {
        throw invalid("`dataset_name` in the `datasets` clause must be specified.");
      }
      const order = input.order_by.map((one) => ({ ...one, ascending: one.ascending ?? true }));
      const asked = { ...input, order_by: order };
      const rest = sql`${loggedModelOrder(sql, order)} LIMIT ${page.size + 1} OFFSET ${page.offset}`;
      const { items, token } = cutPage(await readLoggedModels(sql, loggedModelCondition(sql, asked), rest), page);
      return { models: items, ...(token !== undefined && { next_page_token: token }) };
    },
  }),
];
