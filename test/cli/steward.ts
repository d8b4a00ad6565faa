/**
 * The `steward` program as a person runs it: a process of its own, in a folder with stacks of a test's own.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describeSurroundings } from "../support/surroundings.ts";

const program = fileURLToPath(new URL("../../bin/steward.js", import.meta.url));
const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface Answered {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program. @param cwd @default the folder of the repository */
export async function runSteward(words: readonly string[], cwd = repository): Promise<Answered> {
  const child = spawn(process.execPath, [program, ...words], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: describeSurroundings(),
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** A folder with `Pulumi.yaml`, in which projects may import `steward`. */
export class Workspace implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "steward-cli-")));

  constructor(files: Readonly<Record<string, string>> = {}) {
    symlinkSync(join(repository, "node_modules"), join(this.folder, "node_modules"));
    this.write({ "Pulumi.yaml": "name: steward\n", ...files });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }

  run(...words: readonly string[]): Promise<Answered> {
    return runSteward(words, this.folder);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A project file of one dataset, whose source is `rows.csv` beside it. */
export const rowsProject = `import { z } from "zod";
import { csv, dataset, project } from ${JSON.stringify(join(repository, "framework/index.ts"))};
const rows = dataset("rows", { owner: "ops", schema: z.object({ at: z.date() }), eventTime: "at", source: csv("rows.csv") });
export default project("shop", { definitions: [rows] });
`;

export const localStack = "config:\n  steward:project: project.ts\n";
