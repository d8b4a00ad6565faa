/**
 * The program of the tracking server. Settings come from environment variables:
 *
 * - `STEWARD_CONNECTION`: where the store is, as JSON; secret.
 * - `STEWARD_TRACKING_DATABASE`: the address of the database, with its password; secret.
 * - `STEWARD_TRACKING_TOKENS`: who may ask, as JSON: `[{"actor":"anna","token":"..."}]`; secret. None: everybody on this machine.
 * - `STEWARD_TRACKING_NAMES`: by which names the server is called beside those of loopback, as a JSON array. None: `[]`.
 * - `STEWARD_PORT`: the port on 127.0.0.1.
 *
 * It ends with 0 after SIGTERM or SIGINT, when what was under way is durable and answered; with 1 when it cannot start.
 * @module
 */
import { z } from "zod";
import { connectionSchema } from "../connection/connection.ts";
import { jsonVariable, portVariable, runService } from "../http/service-program.ts";
import { openStore } from "../store/store.ts";
import { startTrackingServer } from "./tracking-server.ts";

const tokenSchema = z.strictObject({ actor: z.string().min(1), token: z.string().min(16) });

await runService({
  what: "a tracking server",
  settings: z.object({
    STEWARD_CONNECTION: jsonVariable.pipe(connectionSchema),
    STEWARD_TRACKING_DATABASE: z.string().min(1),
    STEWARD_TRACKING_TOKENS: jsonVariable.pipe(z.array(tokenSchema)).default([]),
    STEWARD_TRACKING_NAMES: jsonVariable.pipe(z.array(z.string().min(1))).default([]),
    STEWARD_PORT: portVariable,
  }),
  start: (settings, report) =>
    startTrackingServer({
      database: settings.STEWARD_TRACKING_DATABASE,
      store: openStore(settings.STEWARD_CONNECTION.store),
      owner: settings.STEWARD_CONNECTION.owner,
      tokens: settings.STEWARD_TRACKING_TOKENS,
      names: settings.STEWARD_TRACKING_NAMES,
      port: settings.STEWARD_PORT,
      report,
    }),
});
