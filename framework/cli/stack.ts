/**
 * The stack that a command is about: its settings, its folder and its connection.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { type Connection, connectedServices } from "../connection/connection.ts";
import { findProjectRoot } from "../connection/project-root.ts";
import { type LocalStack, locateStackFolder, readStack } from "../connection/stack-folder.ts";
import { StewardError } from "../definitions/problem.ts";
import type { ProjectSpec } from "../definitions/spec.ts";
import type { Engine } from "../engine/engine.ts";
import type { Actor } from "../engine/messages.ts";
import { type LoadedProject, loadProject, type ProjectRequest } from "../project/load-project.ts";
import type { Store } from "../store/store.ts";
import type { Call } from "./command.ts";

/** The keys of `Pulumi.<stack>.yaml` that Steward reads. */
const stackFile = z.object({
  config: z.object({
    "steward:project": z.string(),
    "steward:environment": z.string().default("local"),
    /** A secret one is encrypted here, and its value is the worker's alone. */
    "steward:inputs": z
      .record(z.string(), z.union([z.string(), z.looseObject({ secure: z.string() })], "a text, or a secret"))
      .optional(),
    /** One that is secret has the token of a cluster. */
    "steward:runner": z.union([z.string(), z.looseObject({ secure: z.string() })]).default("process"),
  }),
});

/** Where a stack is, whatever its project says. */
export interface StackPlace {
  /** `local`. */
  readonly name: string;
  /** The folder with Pulumi.yaml. */
  readonly root: string;
  /** The folder of the stack's services. */
  readonly folder: string;
}

export interface Stack extends StackPlace {
  readonly loaded: LoadedProject;
  readonly project: ProjectSpec;
  /** The values that the stack supplies to the definitions, by name; nothing for one that is secret. */
  readonly inputs: Readonly<Record<string, string | undefined>>;
  /** Whether its training jobs run on a cluster. @default false */
  readonly hasCluster?: boolean;
}

/** Finds the stack that a call names, without evaluating its project. @throws StewardError when there is none */
export function locateCallStack(call: Pick<Call, "text">): StackPlace {
  const name = call.text("stack") ?? "local";
  const root = findProjectRoot(process.cwd());
  if (!existsSync(join(root, fileNameOf(name)))) {
    const known = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
    throw new StewardError({
      code: "stack-unknown",
      at: "",
      what: `there is no stack "${name}"`,
      expected: known.length > 0 ? `one of ${known.join(", ")}` : "a stack with a file, of which there is none",
      fix: `name another with --stack, or write ${fileNameOf(name)}`,
    });
  }
  return { name, root, folder: locateStackFolder(root, name) };
}

/**
 * Reads the stack that a call names, and evaluates its project.
 *
 * @param request what of the project is to be left alone
 * @throws StewardError with what is wrong with either
 */
export async function readCallStack(
  call: Pick<Call, "text">,
  request: Pick<ProjectRequest, "leavesGoldenFiles"> = {},
): Promise<Stack> {
  const place = locateCallStack(call);
  const { root, name } = place;
  const settings = readSettings(join(root, fileNameOf(name)), name);
  const file = resolve(root, settings["steward:project"]);
  const isUp = readStack(place.folder) !== undefined;
  const [loaded] = await Promise.all([
    loadProject({ file, environment: settings["steward:environment"], root, ...request }),
    // The project is evaluated in another process: meanwhile this one loads what nearly every command needs next.
    isUp && import("../engine/engine.ts"),
  ]);
  const hasCluster = settings["steward:runner"] !== "process";
  return { ...place, loaded, project: loaded.spec, inputs: readInputs(settings["steward:inputs"]), hasCluster };
}

function readInputs(inputs: Settings["steward:inputs"] = {}): Stack["inputs"] {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, typeof value === "string" ? value : undefined]),
  );
}

function fileNameOf(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}

type Settings = z.output<typeof stackFile>["config"];

function readSettings(path: string, stack: string): Settings {
  const file = relative(process.cwd(), path);
  const document = parseDocument(readFileSync(path, "utf8"));
  if (document.errors.length > 0) {
    // The first line says what and where; the lines after it quote the file.
    const problems = document.errors.map(
      ({ message }) =>
        ({
          code: "stack-invalid",
          at: "",
          what: "the stack file is no YAML",
          got: message.split(":\n")[0] ?? message,
          file,
        }) as const,
    );
    throw new StewardError(problems);
  }
  const read = stackFile.safeParse(document.toJS() ?? {}, { reportInput: true });
  if (read.success) return read.data.config;
  throw new StewardError(
    read.error.issues.map(({ path: at, message, input }) => {
      const [section, key] = at;
      const setting = key === undefined ? String(section ?? "config") : String(key);
      const fix = `npx pulumi config set --stack ${stack} ${key === undefined ? "steward:project" : setting} …`;
      const what =
        input === undefined
          ? `"${setting}" is missing in the stack file`
          : `"${setting}" of the stack file is not right: ${message}`;
      return { code: "stack-invalid", at: at.join("."), what, file, fix } as const;
    }),
  );
}

/** What was prepared for a stack. @throws StewardError when it was never brought up */
export function requirePrepared({ name, folder }: Pick<StackPlace, "name" | "folder">): LocalStack {
  const prepared = readStack(folder);
  if (prepared) return prepared;
  throw new StewardError({
    code: "stack-not-up",
    at: "",
    what: `stack "${name}" has not been brought up`,
    fix: `run npx pulumi up -s ${name}`,
  });
}

/** What was prepared for a stack whose object store runs. @throws StewardError when it was never brought up, or is down */
export async function requireStore(stack: Pick<StackPlace, "name" | "folder">): Promise<LocalStack> {
  const prepared = requirePrepared(stack);
  await requireRunning(stack.name, prepared.connection, connectedServices.store);
  return prepared;
}

/** What a command works with. */
export interface StackParts {
  readonly engine: Engine;
  /** Opens the store: most commands need none, and its client takes as long to load as everything else they do. */
  readonly openStore: () => Promise<Store>;
}

/** Opens the engine of a stack, and closes it after `work`. @throws StewardError when the stack was never brought up, or is down */
export async function withStack<T>(
  stack: Pick<StackPlace, "name" | "folder">,
  work: (parts: StackParts) => Promise<T>,
): Promise<T> {
  const { connection } = requirePrepared(stack);
  // Loaded here and not above: a command that was asked wrongly, or needs no engine, should not wait for its client.
  const [{ openEngine }] = await Promise.all([
    import("../engine/engine.ts"),
    requireRunning(stack.name, connection, connectedServices.engine),
  ]);
  await using engine = await openEngine(connection.engine);
  return await work({ engine, openStore: async () => (await import("../store/store.ts")).openStore(connection.store) });
}

/**
 * Refuses a stack of which a service does not run. Trying its address is not enough: while it is down, that of another
 * checkout may have taken its port, and would answer, and obey.
 */
async function requireRunning(stack: string, { stackFolder }: Connection, service: string): Promise<void> {
  if (stackFolder === undefined) return;
  const { openSupervisor } = await import("../supervisor/client.ts");
  const services = await (await openSupervisor(stackFolder)).list();
  if (services.some(({ name, pid }) => name === service && pid !== undefined)) return;
  throw new StewardError({
    code: "stack-not-up",
    at: "",
    what: `stack "${stack}" is down`,
    fix: `npx pulumi up -s ${stack} brings it back as it was`,
  });
}

/** Who gives the command: `--as`, else the user of this machine. */
export function findActor(call: Call): Actor {
  return { id: call.text("as") ?? userInfo().username, via: "cli" };
}
