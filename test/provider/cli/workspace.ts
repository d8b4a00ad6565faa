/**
 * A Pulumi project in a folder of its own, driven by the real command line, for tests of the provider. The program reads
 * what it declares from `declare.json` beside it, so that a test changes data, not code.
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { composePulumiEnvironment } from "../../../framework/cli/pulumi-environment.ts";
import { installLanguageHost, preparePulumiHome } from "../../../framework/cli/pulumi-home.ts";
import { identifyProcess } from "../../../framework/toolchain/process-identity.ts";
import type { ReadyTool } from "../../../framework/toolchain/survey.ts";
import { ensureTools } from "../../../framework/toolchain/toolchain.ts";
import { describeSurroundings } from "../../support/surroundings.ts";

const root = resolve(import.meta.dirname, "../../..");

/** One resource of the program; `{ $of, $output }` stands for an output of one declared before, `{ $secret }` for a secret. */
export interface Declared {
  readonly name: string;
  readonly type: string;
  readonly inputs: unknown;
  readonly dependsOn?: readonly string[];
}

export interface Finished {
  readonly code: number | null;
  /** What it printed, both streams. */
  readonly output: string;
}

/** A stack's resource as the state has it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly initErrors?: readonly string[];
}

export interface Running {
  interrupt(): void;
  /**
   * Kills Pulumi and nothing else, waits until the provider has noticed and ended, and ends what Pulumi's language host
   * left behind.
   */
  killHard(): Promise<void>;
  readonly finished: Promise<Finished>;
}

interface Child {
  readonly pid: number;
  readonly command: string;
}

function listChildren(parent: number | undefined): readonly Child[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, ppid, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === parent ? [{ pid: Number(pid), command }] : [];
  });
}

export class Workspace implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "steward-provider-"));
  /** The folder that the stack's services live in. */
  readonly stackFolder = join(this.folder, "stack");
  readonly #pulumi: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(pulumi: ReadyTool, host: ReadyTool) {
    mkdirSync(this.stackFolder, { mode: 0o700 });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(
      join(this.folder, "Pulumi.yaml"),
      JSON.stringify({
        name: "tests",
        runtime: { name: "nodejs", options: { typescript: false } },
        main: "program.ts",
        plugins: { providers: [{ name: "steward", path: join(root, "framework/provider") }] },
      }),
    );
    writeFileSync(
      join(this.folder, "program.ts"),
      `import ${JSON.stringify(join(root, "test/provider/cli/program.ts"))};\n`,
    );
    this.#pulumi = pulumi.path;
    const home = preparePulumiHome(this.folder);
    if (dirname(host.path) !== dirname(pulumi.path)) installLanguageHost(home, host);
    const plain = { ...describeSurroundings(), TEST_DECLARE: join(this.folder, "declare.json") };
    this.#environment = composePulumiEnvironment({
      environment: plain,
      home,
      programs: [process.execPath, pulumi.path],
    });
  }

  /** Opens a workspace with its stack `local` made. */
  static async open(): Promise<Workspace> {
    const { pulumi, "pulumi-language-nodejs": host } = await ensureTools(["pulumi", "pulumi-language-nodejs"]);
    const workspace = new Workspace(pulumi, host);
    const made = await workspace.run(["stack", "init", "local"]);
    if (made.code !== 0) throw new Error(made.output);
    return workspace;
  }

  declare(resources: readonly Declared[]): void {
    writeFileSync(join(this.folder, "declare.json"), JSON.stringify(resources));
  }

  /** Starts a command of Pulumi. */
  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
    const child = spawn(this.#pulumi, [...args, "--non-interactive", "--color", "never"], {
      cwd: this.folder,
      env: { ...this.#environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const finished = Promise.all([
      new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done)),
      text(child.stdout),
      text(child.stderr),
    ]).then(([code, out, err]) => ({ code, output: `${out}${err}` }));
    return {
      finished,
      interrupt: () => child.kill("SIGINT"),
      killHard: async () => {
        const children = listChildren(child.pid);
        child.kill("SIGKILL");
        await finished;
        for (const provider of children.filter(({ command }) => command.includes("framework/provider/main.ts"))) {
          while (identifyProcess(provider.pid)) await sleep(100);
        }
        for (const { pid } of children) if (identifyProcess(pid)) process.kill(pid, "SIGKILL");
      },
    };
  }

  /** Runs a command of Pulumi to its end. */
  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return this.start(args, environment).finished;
  }

  up(environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return this.run(["up", "--yes", "--skip-preview"], environment);
  }

  preview(): Promise<Finished> {
    return this.run(["preview", "--diff"]);
  }

  /** The bytes of the state as they lie on disk. */
  rawState(): string {
    return readFileSync(join(this.folder, ".steward/state/.pulumi/stacks/tests/local.json"), "utf8");
  }

  /** The resources of the state, secrets left encrypted. */
  async state(): Promise<readonly StateResource[]> {
    const { output } = await this.run(["stack", "export"]);
    const exported: { deployment: { resources?: StateResource[] } } = JSON.parse(output);
    return exported.deployment.resources ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
