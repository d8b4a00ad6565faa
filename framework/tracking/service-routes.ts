/**
 * What the tracking server says of itself.
 * @module
 */
import { z } from "zod";
import { jsonRoute, type Route, rawRoute } from "./route.ts";

/** As whose server it answers: clients of 3.4 and later ask, and send spans only to those. */
const spokenVersion = "3.17.2";

const textType = { "content-type": "text/plain; charset=utf-8" };

export const serviceRoutes: readonly Route[] = [
  rawRoute({
    method: "GET",
    path: "/health",
    open: true,
    answer: async (_asked, { tools }) => {
      await tools.sql`SELECT 1`;
      return { status: 200, body: "OK", headers: textType };
    },
  }),
  rawRoute({
    method: "GET",
    path: "/version",
    open: true,
    answer: () => ({ status: 200, body: spokenVersion, headers: textType }),
  }),
  jsonRoute({
    method: "GET",
    path: "/api/3.0/mlflow/server-info",
    input: z.object({}),
    answer: () => ({ store_type: "SqlStore", workspaces_enabled: false }),
  }),
];
