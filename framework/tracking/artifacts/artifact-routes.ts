/**
 * The routes of artifacts: files of runs and logged models, sent, listed, read and removed.
 * @module
 */
import { z } from "zod";
import { jsonRoute, type Route, rawRoute } from "../route.ts";
import { missing, TrackingFailure } from "../tracking-failure.ts";
import { amendArtifacts } from "./artifact-amendment.ts";
import { openBytes, takeBytes } from "./artifact-bytes.ts";
import { findArtifact, listArtifacts, recordArtifact, removeArtifacts } from "./artifact-index.ts";
import { readArtifactPath, readFolderPath } from "./artifact-path.ts";

const root = "/api/2.0/mlflow-artifacts";
const path = `${root}/artifacts/{path*}`;

/** The bytes are somebody's, and a browser that is led here must take them for no page. */
const inert = {
  "content-type": "application/octet-stream",
  "content-disposition": "attachment",
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
};

export const artifactRoutes: readonly Route[] = [
  rawRoute({
    method: "PUT",
    path,
    async answer({ parameters, request }, { tools: { sql, store, now, sealer }, actor }) {
      const place = readArtifactPath(parameters["path"] ?? "");
      const object = await takeBytes(store, request);
      const updated = now();
      await sql.begin(async (transaction) => {
        await recordArtifact(transaction, { path: place, object, updated, actor });
        await amendArtifacts(transaction, { path: place, actor, sha256: object.sha256, at: updated });
      });
      sealer.notify();
      return { status: 200, body: {} };
    },
  }),
  rawRoute({
    method: "GET",
    path,
    async answer({ parameters }, { tools: { sql, store } }) {
      const place = readArtifactPath(parameters["path"] ?? "");
      const object = await findArtifact(sql, place);
      if (!object) throw missing(`No artifact at '${place}'.`);
      const headers = { ...inert, "content-length": String(object.size), etag: `"${object.sha256}"` };
      return { status: 200, body: await openBytes(store, object), headers };
    },
  }),
  jsonRoute({
    method: "GET",
    path: `${root}/artifacts`,
    input: z.object({ path: z.string().optional() }),
    answer: async (input, { tools: { sql } }) => ({ files: await listArtifacts(sql, readFolderPath(input.path)) }),
  }),
  rawRoute({
    method: "DELETE",
    path,
    async answer({ parameters }, { tools: { sql, now, sealer }, actor }) {
      const place = readArtifactPath(parameters["path"] ?? "");
      await sql.begin(async (transaction) => {
        const removed = await removeArtifacts(transaction, place);
        if (removed > 0) await amendArtifacts(transaction, { path: place, actor, at: now() });
      });
      sealer.notify();
      return { status: 200, body: {} };
    },
  }),
  // Clients send the file as a whole when they are told so in these words.
  ...["create", "complete", "abort"].map((step) =>
    rawRoute({
      method: "POST",
      path: `${root}/mpu/${step}/{path*}`,
      answer: () => refuse("Multipart upload is not supported for the current artifact repository"),
    }),
  ),
  rawRoute({
    method: "GET",
    path: `${root}/presigned/{path*}`,
    answer: () => refuse("Multipart download is not supported for the current artifact repository"),
  }),
];

function refuse(message: string): never {
  throw new TrackingFailure("NOT_IMPLEMENTED", message);
}
