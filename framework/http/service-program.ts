/**
 * What the programs of services have in common: settings from environment variables, lines for a log, an end after a signal.
 * @module
 */
import { z } from "zod";
import { type Problem, StewardError } from "../definitions/problem.ts";

/** JSON in a variable. A value that is none is not quoted: it may be secret. */
export const jsonVariable = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: "no JSON" });
    return z.NEVER;
  }
});

/** A port to listen on, in a variable. */
export const portVariable = z.coerce.number().int().min(1).max(65_535);

export interface ServiceProgram<S extends z.ZodType> {
  /** What it is, in words: `a model server`. */
  readonly what: string;
  /** Its variables. */
  readonly settings: S;
  /** Starts it; it listens on the port when the promise is resolved. */
  readonly start: (settings: z.output<S>, report: (line: string) => void) => Promise<Service>;
}

interface Service {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Runs a service until SIGTERM or SIGINT, then closes it and ends the process with 0; with 1 when it cannot start or close. Its
 * lines go to stderr.
 */
export async function runService<S extends z.ZodType>(program: ServiceProgram<S>): Promise<never> {
  try {
    const service = await program.start(readSettings(program, process.env), report);
    report(`listening on 127.0.0.1:${service.port}`);
    const signal = await new Promise<string>((resolve) => {
      for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
    });
    report(`ending after ${signal}`);
    await service.close();
    process.exit(0);
  } catch (error) {
    report(error instanceof StewardError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exit(1);
  }
}

function readSettings<S extends z.ZodType>(
  { what, settings }: Pick<ServiceProgram<S>, "what" | "settings">,
  environment: NodeJS.ProcessEnv,
): z.output<S> {
  const parsed = settings.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new StewardError(
    parsed.error.issues.map(({ path: [variable, ...path], message }): Problem => {
      const place = path.length > 0 ? ` at ${z.core.toDotPath(path)}` : "";
      const said = `the environment variable "${String(variable)}" is not what ${what} needs${place}`;
      return { code: "environment-variable-invalid", at: "", what: said, got: message };
    }),
  );
}

function report(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}
