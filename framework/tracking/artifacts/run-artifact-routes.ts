/**
 * The route by which the files of a run are listed without their address.
 * @module
 */
import { z } from "zod";
import { text } from "../registry/registry-name.ts";
import { jsonRoute, type Route } from "../route.ts";
import { missing } from "../tracking-failure.ts";
import { listArtifacts } from "./artifact-index.ts";
import { joinPath, readFolderPath } from "./artifact-path.ts";
import { readArtifactUri } from "./artifact-uri.ts";

export const runArtifactRoutes: readonly Route[] = [
  jsonRoute({
    method: "GET",
    path: "/api/2.0/mlflow/artifacts/list",
    input: z.object({ run_id: text.optional(), run_uuid: text.optional(), path: text.optional() }),
    async answer({ run_id, run_uuid = "", path }, { tools: { sql } }) {
      const folder = readFolderPath(path);
      const run = run_id ?? run_uuid;
      const [found] = await sql<{ artifact_uri: string }[]>`SELECT artifact_uri FROM runs WHERE run_id = ${run}`;
      if (!found) throw missing(`Run with id=${run} not found`);
      const files = await listArtifacts(sql, joinPath(readArtifactUri(found.artifact_uri), folder), folder);
      return { root_uri: found.artifact_uri, files };
    },
  }),
];
