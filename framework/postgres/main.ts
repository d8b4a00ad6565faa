/**
 * The program of a stack's database. Settings come from environment variables:
 *
 * - `STEWARD_DATABASE_FOLDER`: where its data are.
 * - `STEWARD_DATABASE_PASSWORD`: the owner's; secret.
 * - `STEWARD_PORT`: the port on 127.0.0.1.
 *
 * It ends with 0 after SIGTERM or SIGINT, with 1 when the server cannot start or ends by itself.
 * @module
 */
import { z } from "zod";
import { portVariable, runService } from "../http/service-program.ts";
import { startCluster } from "./cluster.ts";

await runService({
  what: "a database",
  settings: z.object({
    STEWARD_DATABASE_FOLDER: z.string().min(1),
    STEWARD_DATABASE_PASSWORD: z.string().min(16),
    STEWARD_PORT: portVariable,
  }),
  start: async (settings, report) => {
    const cluster = await startCluster({
      folder: settings.STEWARD_DATABASE_FOLDER,
      port: settings.STEWARD_PORT,
      password: settings.STEWARD_DATABASE_PASSWORD,
      report,
    });
    let closing = false;
    void cluster.ended.then((how) => {
      if (closing) return;
      report(`the server ended by itself: ${how}`);
      process.exit(1);
    });
    return {
      port: cluster.port,
      async close() {
        closing = true;
        await cluster.close();
      },
    };
  },
});
