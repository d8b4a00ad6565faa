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
import { type Problem, StewardError } from "../../definitions/problem.ts";
import { openStore } from "../../store/store.ts";
import { startIntake } from "./intake.ts";

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
  STEWARD_INTAKE_TOKEN: z.string().min(16),
  STEWARD_DATASETS: json.pipe(z.array(z.string().min(1))),
  STEWARD_PORT: z.coerce.number().int().min(1).max(65_535),
});

function readSettings(environment: NodeJS.ProcessEnv): z.output<typeof settingsSchema> {
  const parsed = settingsSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new StewardError(
    parsed.error.issues.map(({ path: [variable, ...path], message }): Problem => {
      const place = path.length > 0 ? ` at ${z.core.toDotPath(path)}` : "";
      const what = `the environment variable "${String(variable)}" is not what an intake needs${place}`;
      return { code: "environment-variable-invalid", at: "", what, got: message };
    }),
  );
}

function report(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

try {
  const settings = readSettings(process.env);
  const intake = await startIntake({
    datasets: settings.STEWARD_DATASETS,
    token: settings.STEWARD_INTAKE_TOKEN,
    store: openStore(settings.STEWARD_CONNECTION.store),
    port: settings.STEWARD_PORT,
    report,
  });
  report(`listening on 127.0.0.1:${intake.port}`);
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  report(`ending after ${signal}`);
  await intake.close();
  process.exit(0);
} catch (error) {
  report(error instanceof StewardError ? error.message : String(error instanceof Error ? error.stack : error));
  process.exit(1);
}
