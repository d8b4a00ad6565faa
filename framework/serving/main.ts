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
import { endpointSpec } from "../definitions/spec.ts";
import { openOnlineStore } from "../features/online/open-online.ts";
import { jsonVariable, portVariable, runService } from "../http/service-program.ts";
import { openStore } from "../store/store.ts";
import { startServer } from "./server.ts";

await runService({
  what: "a model server",
  settings: z.object({
    STEWARD_CONNECTION: jsonVariable.pipe(connectionSchema),
    STEWARD_ENDPOINT: z.string().min(1),
    STEWARD_MODEL: z.string().min(1),
    STEWARD_PORT: portVariable,
    STEWARD_SEGMENTS: z.string().min(1),
    STEWARD_LOG: jsonVariable.pipe(endpointSpec.shape.log),
    STEWARD_ONLINE: jsonVariable.pipe(endpointSpec.shape.online).optional(),
    STEWARD_ONLINE_FOLDER: z.string().min(1).optional(),
    STEWARD_ONLINE_URL: z.string().min(1).optional(),
  }),
  start: (settings, report) => {
    const { STEWARD_CONNECTION: connection, STEWARD_ONLINE_FOLDER: folder, STEWARD_ONLINE_URL: url } = settings;
    return startServer({
      endpoint: settings.STEWARD_ENDPOINT,
      model: settings.STEWARD_MODEL,
      store: openStore(connection.store),
      segmentFolder: settings.STEWARD_SEGMENTS,
      log: settings.STEWARD_LOG,
      online: settings.STEWARD_ONLINE,
      ...(folder !== undefined && {
        openOnline: () =>
          openOnlineStore({ folder, prefix: connection.owner, ...(url !== undefined && { url }) }, { readOnly: true }),
      }),
      port: settings.STEWARD_PORT,
      report,
    });
  },
});
