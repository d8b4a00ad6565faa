/**
 * The program of a model server. Settings come from environment variables:
 *
 * - `STEWARD_CONNECTION`: where the store is, as JSON; secret.
 * - `STEWARD_ENDPOINT`, `STEWARD_MODEL`: the names of the endpoint and of its model.
 * - `STEWARD_PORT`: the port on 127.0.0.1.
 * - `STEWARD_SEGMENTS`: the replica's own folder for the request log.
 * - `STEWARD_LOG`: what is logged, as JSON: `{"requests":"all","durability":"disk"}`.
 * - `STEWARD_ONLINE`: how features are served that are looked up, as JSON: `{"maxAge":"2 hours"}`. None: null where there is none.
 * - `STEWARD_ONLINE_FOLDER`: the folder of the online store; `STEWARD_ONLINE_URL`, secret: the server that is used in its place.
 *
 * It ends with 0 after SIGTERM or SIGINT, when what was under way is answered and logged; with 1 when it cannot start or
 * the log cannot be flushed.
 * @module
 */
import { z } from "zod";
import { connectionSchema } from "../connection/connection.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { endpointSpec } from "../definitions/spec.ts";
import { openOnlineStore } from "../features/online/open-online.ts";
import { openStore } from "../store/store.ts";
import { startServer } from "./server.ts";

/** JSON in a variable. A value that is none is not quoted: it may be secret. */
const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: "no JSON" });
    return z.NEVER;
  }
});

const settingsSchema = z.object({
  STEWARD_CONNECTION: json.pipe(connectionSchema),
  STEWARD_ENDPOINT: z.string().min(1),
  STEWARD_MODEL: z.string().min(1),
  STEWARD_PORT: z.coerce.number().int().min(1).max(65_535),
  STEWARD_SEGMENTS: z.string().min(1),
  STEWARD_LOG: json.pipe(endpointSpec.shape.log),
  STEWARD_ONLINE: json.pipe(endpointSpec.shape.online).optional(),
  STEWARD_ONLINE_FOLDER: z.string().min(1).optional(),
  STEWARD_ONLINE_URL: z.string().min(1).optional(),
});

function readSettings(environment: NodeJS.ProcessEnv): z.output<typeof settingsSchema> {
  const parsed = settingsSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new StewardError(
    parsed.error.issues.map(({ path: [variable, ...path], message }): Problem => {
      const place = path.length > 0 ? ` at ${z.core.toDotPath(path)}` : "";
      const what = `the environment variable "${String(variable)}" is not what a model server needs${place}`;
      return { code: "environment-variable-invalid", at: "", what, got: message };
    }),
  );
}

function report(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

try {
  const settings = readSettings(process.env);
  const {
    STEWARD_CONNECTION: { owner },
    STEWARD_ONLINE: online,
    STEWARD_ONLINE_FOLDER: folder,
    STEWARD_ONLINE_URL: url,
  } = settings;
  const server = await startServer({
    endpoint: settings.STEWARD_ENDPOINT,
    model: settings.STEWARD_MODEL,
    store: openStore(settings.STEWARD_CONNECTION.store),
    segmentFolder: settings.STEWARD_SEGMENTS,
    log: settings.STEWARD_LOG,
    online,
    ...(folder !== undefined && {
      openOnline: () =>
        openOnlineStore({ folder, prefix: owner, ...(url !== undefined && { url }) }, { readOnly: true }),
    }),
    port: settings.STEWARD_PORT,
    report,
  });
  report(`listening on 127.0.0.1:${server.port}`);
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  report(`ending after ${signal}`);
  await server.close();
  process.exit(0);
} catch (error) {
  report(error instanceof StewardError ? error.message : String(error instanceof Error ? error.stack : error));
  process.exit(1);
}
