/**
 * `npx pulumi` as a part of another command, on the same terminal.
 * @module
 */
import { spawn } from "node:child_process";
import { extname, join } from "node:path";

const program = join(import.meta.dirname, `pulumi${extname(import.meta.filename)}`);

export interface PulumiCall {
  /** What follows `npx pulumi`. */
  readonly words: readonly string[];
  /** The folder with Pulumi.yaml. */
  readonly root: string;
  /** @default this process's own */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs Pulumi to its end. @returns its exit code */
export function callPulumi({ words, root, environment = process.env }: PulumiCall): Promise<number> {
  const child = spawn(process.execPath, [program, ...words], { stdio: "inherit", cwd: root, env: environment });
  // The terminal has told the child too; this process only waits for its orderly end.
  const stay = (): void => undefined;
  process.on("SIGINT", stay);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  }).finally(() => process.off("SIGINT", stay));
}
