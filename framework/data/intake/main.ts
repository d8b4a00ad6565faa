/**
 * The program of the intake. Settings come from environment variables:
 *
 * - `STEWARD_CONNECTION`: where the store is, as JSON; secret.
 * - `STEWARD_INTAKE_TOKEN`: what whoever pushes must show; secret.
 * - `STEWARD_DATASETS`: the names of the datasets that take rows, as a JSON array.
 * - `STEWARD_PORT`: the port on 127.0.0.1.
 *
 * It ends with 0 after SIGTERM or SIGINT, when what was under way is in the store and answered; with 1 when it cannot start.
 * @module
 */
import { z } from "zod";
import { connectionSchema } from "../../connection/connection.ts";
import { jsonVariable, portVariable, runService } from "../../http/service-program.ts";
import { openStore } from "../../store/store.ts";
import { startIntake } from "./intake.ts";

await runService({
  what: "an intake",
  settings: z.object({
    STEWARD_CONNECTION: jsonVariable.pipe(connectionSchema),
    STEWARD_INTAKE_TOKEN: z.string().min(16),
    STEWARD_DATASETS: jsonVariable.pipe(z.array(z.string().min(1))),
    STEWARD_PORT: portVariable,
  }),
  start: (settings, report) =>
    startIntake({
      datasets: settings.STEWARD_DATASETS,
      token: settings.STEWARD_INTAKE_TOKEN,
      store: openStore(settings.STEWARD_CONNECTION.store),
      port: settings.STEWARD_PORT,
      report,
    }),
});
