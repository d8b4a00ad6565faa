/**
 * A checkout of a test's own: a copy of the sources with its own stacks, Pulumi state and ports, in which a test edits files
 * and runs commands as a person would.
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const root = join(import.meta.dirname, "../..");

/** What a deploy runs from. */
const copied = [
  "framework",
  "components",
  "stacks",
  "workflows",
  "examples",
  "bin",
  "Pulumi*.yaml",
  "package.json",
  "package-lock.json",
  ".npmrc",
];

/** Beside PATH, HOME and TMPDIR, what tells programs where this machine's package registries are. */
const registryVariables =
  /^(PIP_|UV_|npm_config_registry$|GOPROXY$|GONOSUMDB$|GOFLAGS$|SSL_CERT_|NODE_EXTRA_CA_CERTS$|(HTTPS?|NO)_PROXY$|STEWARD_CACHE$|XDG_CACHE_HOME$)/i;

export interface RunOptions {
  /** Added to the environment of a plain shell. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of stdout and stderr as it comes. @default nothing */
  readonly onLine?: (line: string) => void;
  /** Kills the command, and what it started in its process group, with SIGKILL. @default it runs to its end */
  readonly kill?: AbortSignal;
  /** Interrupts it as Ctrl-C in a terminal does: the whole process group gets SIGINT. @default it runs to its end */
  readonly interrupt?: AbortSignal;
}

export interface Ran {
  /** The exit code; 137 when it was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both as they came, without colours: what a person has read. */
  readonly output: string;
}

/** A process that belongs to a checkout. */
export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

export interface Checkout {
  readonly folder: string;
  /** Runs a command in the folder, in a plain shell: nothing is exported but PATH, HOME, TMPDIR and where registries are. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** `npx pulumi …` */
  pulumi(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** `npx steward …` */
  steward(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Rewrites a file of the copy. @throws Error when nothing of it changes */
  edit(path: string, change: (text: string) => string): void;
  /** Every process that was started from this copy or for one of its stacks. */
  processes(): readonly Leftover[];
  /** Brings the stacks down, removes the folder, and fails when a process was left. */
  end(): Promise<void>;
}

/**
 * Copies what a deploy needs: tracked files and those that git does not ignore, as they are now.
 *
 * @param name of the folder, below a temporary one that is removed with it. @default the temporary one itself
 */
export function copyCheckout(name = ""): Checkout {
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), "steward-e2e-")));
  const folder = join(temporary, name);
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z", "--", ...copied], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  for (const path of listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(root, path), join(folder, path));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));

  return openCheckout({ folder, temporary, bin: "bin" });
}

export interface CheckoutParts {
  /** The folder with Pulumi.yaml, absolute. */
  readonly folder: string;
  /** The folder that is removed in the end, absolute. */
  readonly temporary: string;
  /** Where the programs `pulumi` and `steward` are, relative to the folder. */
  readonly bin: string;
}

/** Opens a folder that is there as a checkout. */
export function openCheckout({ folder, temporary, bin }: CheckoutParts): Checkout {
  const running = new Set<ChildProcess>();
  const run = (command: string, args: readonly string[], options: RunOptions = {}) =>
    runIn(folder, { command, args, ...options, running });
  const processes = () => listProcesses(folder);
  return {
    folder,
    run,
    processes,
    pulumi: (args, options) => run("node", [`${bin}/pulumi.js`, ...args], options),
    steward: (args, options) => run("node", [`${bin}/steward.js`, ...args], options),
    edit(path, change) {
      const before = readFileSync(join(folder, path), "utf8");
      const after = change(before);
      if (after === before) throw new Error(`nothing of ${path} has changed`);
      writeFileSync(join(folder, path), after);
    },
    async end() {
      for (const child of running) killGroup(child);
      const stacks = join(folder, ".steward", "stacks");
      for (const stack of existsSync(stacks) ? readdirSync(stacks) : [])
        await run("node", [`${bin}/steward.js`, "down", "-s", stack]);
      const left = await settleProcesses(processes);
      for (const { pid } of left) killProcess(pid);
      rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      if (left.length > 0)
        throw new Error(`processes were left:\n${left.map(({ pid, command }) => `${pid} ${command}`).join("\n")}`);
    },
  };
}

interface Command extends RunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly running: Set<ChildProcess>;
}

async function runIn(
  folder: string,
  { command, args, env = {}, onLine, kill, interrupt, running }: Command,
): Promise<Ran> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...plainShell(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  kill?.addEventListener("abort", () => killGroup(child), { once: true });
  interrupt?.addEventListener("abort", () => child.pid && process.kill(-child.pid, "SIGINT"), { once: true });
  const output: string[] = [];
  const streams = [child.stdout, child.stderr].map((stream) => {
    const own: string[] = [];
    createInterface({ input: stream }).on("line", (line) => {
      const plain = withoutColours(line);
      own.push(plain);
      output.push(plain);
      onLine?.(plain);
    });
    return own;
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    // Not "close": services that the command started may hold its output open.
    child.once("exit", (exit, signal) => resolve(exit ?? (signal === "SIGKILL" ? 137 : 143)));
  });
  running.delete(child);
  // What was printed last is still in the pipes.
  await sleep(100);
  const [stdout = [], stderr = []] = streams;
  return { code, stdout: stdout.join("\n"), stderr: stderr.join("\n"), output: output.join("\n") };
}

function plainShell(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => /^(PATH|HOME|TMPDIR)$/.test(name) || registryVariables.test(name),
  );
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

function withoutColours(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) killProcess(-child.pid);
}

/** Kills a process, or the group of a negative number, unless it has just ended. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** What is left once those that are ending have ended. */
async function settleProcesses(list: () => readonly Leftover[]): Promise<readonly Leftover[]> {
  for (let attempt = 0; attempt < 50 && list().length > 0; attempt++) await sleep(100);
  return list();
}

/** Linux only: every process whose command line, environment or working directory names the folder. */
function listProcesses(folder: string): readonly Leftover[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const read = (file: string) => readFileSync(join("/proc", name, file), "utf8");
      try {
        const command = read("cmdline").replaceAll("\0", " ").trim();
        // A process that has ended and was not yet waited for has no command.
        const belongs =
          command !== "" &&
          [command, read("environ"), readlinkSync(join("/proc", name, "cwd"))].some((text) => text.includes(folder));
        return belongs ? [{ pid: Number(name), command }] : [];
      } catch {
        // It has ended meanwhile, or belongs to another user.
        return [];
      }
    });
}
