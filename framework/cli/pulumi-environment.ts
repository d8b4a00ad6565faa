/**
 * What Pulumi's command line is told in its environment, and what its arguments say. Pure.
 * @module
 */
import { delimiter, dirname, join } from "node:path";

/** Where the state and the secrets of a checkout's stacks lie. */
export interface PulumiHome {
  /** The name in `Pulumi.yaml`, under which the backend keeps the stacks. */
  readonly project: string;
  /** Pulumi's own folder: its selections and histories. */
  readonly folder: string;
  /** The backend of the states: an absolute `file://` address. */
  readonly backend: string;
  /** The folder of the backend. */
  readonly state: string;
  /** The file with the passphrase of the states' secrets. */
  readonly passphrase: string;
}

export interface EnvironmentParts {
  /** What is set already, and stays. */
  readonly environment: NodeJS.ProcessEnv;
  readonly home: PulumiHome;
  /** Programs whose folders come first on PATH. */
  readonly programs: readonly string[];
}

/** The environment for Pulumi. Backend and passphrase are only set where the caller has set none. */
export function composePulumiEnvironment({ environment, home, programs }: EnvironmentParts): NodeJS.ProcessEnv {
  const hasPassphrase =
    environment["PULUMI_CONFIG_PASSPHRASE"] !== undefined || environment["PULUMI_CONFIG_PASSPHRASE_FILE"] !== undefined;
  const folders = [...new Set(programs.map(dirname)), ...(environment["PATH"] ? [environment["PATH"]] : [])];
  return {
    PULUMI_HOME: home.folder,
    PULUMI_BACKEND_URL: home.backend,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Where Node keeps the compiled code of the program and the provider: it saves each command a second or two.
    NODE_COMPILE_CACHE: join(home.folder, "code"),
    ...(hasPassphrase ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: home.passphrase }),
    ...environment,
    PATH: folders.join(delimiter),
  };
}

/** The stack that arguments name with `-s`, `--stack` or `--stack=`. @returns nothing when they name none */
export function findStackName(args: readonly string[]): string | undefined {
  for (const [i, arg] of args.entries()) {
    if (arg === "-s" || arg === "--stack") return args[i + 1];
    const [, name] = /^(?:--stack=|-s=?)(.+)$/.exec(arg) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The commands that run the program of a stack, under all their names. */
const deploying: ReadonlySet<string> = new Set(["up", "update", "preview", "pre", "watch", "refresh"]);

/** Whether arguments run the program of a stack, which may be its first time. */
export function deploys(args: readonly string[]): boolean {
  return deploying.has(findCommand(args) ?? "");
}

/** Whether arguments change a stack as its program asks. */
export function updates(args: readonly string[]): boolean {
  return ["up", "update"].includes(findCommand(args) ?? "");
}

function findCommand(args: readonly string[]): string | undefined {
  if (args.includes("--help") || args.includes("-h")) return undefined;
  const name = findStackName(args);
  return args.find((arg) => !arg.startsWith("-") && arg !== name);
}
