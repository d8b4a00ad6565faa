/**
 * The stage: a checkout of its own, with nothing but the packages, in which one malformed project after the other is loaded.
 * @module
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { type Problem, StewardError } from "../../../framework/definitions/problem.ts";
import type { ProjectSpec } from "../../../framework/definitions/spec.ts";
import { loadProject } from "../../../framework/project/load-project.ts";

import { rightProject } from "./right-project.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const cli = join(repository, "framework", "cli", "main.ts");

/** What came of a project. */
export interface Outcome {
  readonly problems: readonly Problem[];
  /** What a reader sees. */
  readonly printed: string;
  readonly spec?: ProjectSpec;
  /** What is there afterwards and was not before, or is another. */
  readonly written: readonly string[];
}

/** What a command printed, and how it ended. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Stage {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "steward-messages-")));
  #count = 0;

  constructor() {
    writeFileSync(join(this.root, "package.json"), '{ "type": "module" }\n');
    writeFileSync(join(this.root, "Pulumi.yaml"), "name: messages\nruntime: nodejs\n");
    mkdirSync(join(this.root, "node_modules"));
    symlinkSync(repository, join(this.root, "node_modules", "steward"));
    for (const name of ["zod", "typescript", "@types"])
      symlinkSync(join(repository, "node_modules", name), join(this.root, "node_modules", name));
  }

  /** Loads the right project, so that what all need is compiled. */
  async warmUp(): Promise<Outcome> {
    return this.load({ "project.ts": rightProject });
  }

  /**
   * Loads a project from a folder of its own.
   *
   * @param patience within which it must come to its end, in milliseconds. @default a minute, which a slow machine needs
   */
  async load(files: Readonly<Record<string, string>>, patience = 60_000): Promise<Outcome> {
    this.#count += 1;
    const folder = join(this.root, `case-${this.#count}`);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const before = hashFiles(folder);
    const outcome = await this.#tryLoad(join(folder, "project.ts"), patience);
    const after = hashFiles(folder);
    const paths = new Set([...before.keys(), ...after.keys()]);
    return { ...outcome, written: [...paths].filter((path) => before.get(path) !== after.get(path)) };
  }

  async #tryLoad(file: string, patience: number): Promise<Omit<Outcome, "written">> {
    try {
      const { spec } = await loadProject({ file, environment: "local", root: this.root, patience });
      return { problems: [], printed: "", spec };
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      // The same wherever it runs.
      const folder = relative(process.cwd(), dirname(file));
      const neutral = (shown: string): string => shown.replaceAll(`${folder}/`, "").replaceAll(`${dirname(file)}/`, "");
      return { problems: error.problems.map((one) => neutralize(one, neutral)), printed: neutral(error.message) };
    }
  }

  /** Runs `steward plan` on a project of its own, as a person does. */
  async plan(source: string, words: readonly string[] = []): Promise<Printed> {
    this.#count += 1;
    const folder = `case-${this.#count}`;
    mkdirSync(join(this.root, folder));
    writeFileSync(join(this.root, folder, "project.ts"), source);
    writeFileSync(join(this.root, `Pulumi.${folder}.yaml`), `config:\n  steward:project: ${folder}/project.ts\n`);
    const child = spawn(process.execPath, [cli, "plan", "--stack", folder, ...words], { cwd: this.root });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    rmSync(join(this.root, `Pulumi.${folder}.yaml`));
    return { code, stdout, stderr: stderr.replaceAll(`${folder}/`, "") };
  }

  /** What the loading of all projects left beside them. */
  listLeftovers(): string[] {
    const own = new Set(["package.json", "Pulumi.yaml", "node_modules"]);
    const kept = new Set(["type-check", "evaluation"]);
    return readdirSync(this.root)
      .flatMap((name) =>
        name === ".steward" ? readdirSync(join(this.root, name)).filter((one) => !kept.has(one)) : [name],
      )
      .filter((name) => !own.has(name) && !/^case-\d+$/.test(name));
  }

  end(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function neutralize(problem: Problem, neutral: (text: string) => string): Problem {
  return { ...problem, ...(problem.file !== undefined && { file: neutral(problem.file) }) };
}

function hashFiles(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return new Map(
    paths.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), createHash("sha256").update(readFileSync(path)).digest("hex")];
    }),
  );
}
