/**
 * What the programs of services have in common: settings from environment variables, lines for a log, an end after a signal.
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { type GroupMember, joinGroup } from "./processes/group-member.ts";
import { type GroupOptions, type LeftBehind, type MergeAnswers, ProcessGroup } from "./processes/process-group.ts";
import type { WatchLimits } from "./processes/watchdog.ts";

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
  /** Starts it; it listens on the port when the promise is resolved. @param member where it is one of several processes */
  readonly start: (settings: z.output<S>, report: (line: string) => void, member?: GroupMember) => Promise<Service>;
  /** In which processes it runs: they share its port. @default in this one */
  readonly processes?: (settings: z.output<S>) => Processes | undefined;
}

/** Several processes of a service, and one more that sees to them. */
export interface Processes {
  readonly count: number;
  /** The port that they share. */
  readonly port: number;
  /** When a process is given up. @default 10 s of silence, 60 s of work */
  readonly limits?: WatchLimits;
  /** How two answers to a question become one, by the question. @default the answers of the last 64 that ended are kept */
  readonly merge?: MergeAnswers;
  /** What a process that ended has left. @default nothing */
  readonly left?: GroupOptions["left"];
  /** What the processes of a group before this one left, once the port is free. @default nothing */
  readonly before?: () => Promise<LeftBehind>;
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
    const settings = readSettings(program, process.env);
    const member = program.processes && joinGroup(process.env);
    const processes = member ? undefined : program.processes?.(settings);
    const service = await (processes ? startGroup(processes) : program.start(settings, report, member));
    report(`listening on 127.0.0.1:${service.port}${processes ? `, processes: ${processes.count}` : ""}`);
    member?.ready();
    const signal = await new Promise<string>((resolve) => {
      for (const name of ["SIGTERM", "SIGINT"] as const) {
        const end = () => resolve(name);
        // Where all processes of a service are signalled, its group passes the signal on once more: that must not cut short what it ends.
        if (member) process.on(name, end);
        else process.once(name, end);
      }
      if (!member) return;
      // Without who sees to it, it would hold on to the port as a service that nobody knows of.
      const orphan = () => resolve("the end of its group");
      if (process.connected) process.once("disconnect", orphan);
      else orphan();
    });
    report(`ending after ${signal}`);
    await service.close();
    process.exit(0);
  } catch (error) {
    report(error instanceof StewardError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exit(1);
  }
}

/** Starts the processes of the program that runs now. @throws Error where somebody has the port, or one of them cannot start */
async function startGroup({ count, port, limits, merge, left, before }: Processes): Promise<Service> {
  await checkFree(port);
  const behind = { left, before: await before?.() };
  const group = new ProcessGroup({ program: process.argv[1] ?? "", count, report, limits, merge, ...behind });
  const close = async (): Promise<void> => {
    if (!(await group.close("SIGTERM"))) throw new Error("a process did not end as it should");
  };
  await group.start().catch(async (error: unknown) => {
    await close().catch(() => undefined);
    throw error;
  });
  return { port, close };
}

/** How long the processes of a group that was killed may hold on to the port, in milliseconds. */
const patience = 5_000;

/** Processes that share a port would share it with a stranger too. @throws Error `EADDRINUSE` */
async function checkFree(port: number): Promise<void> {
  for (const begun = performance.now(); ; await sleep(100)) {
    try {
      const server = createServer().listen(port, "127.0.0.1");
      await once(server, "listening");
      server.close();
      await once(server, "close");
      return;
    } catch (error) {
      if (performance.now() - begun > patience) throw error;
    }
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
