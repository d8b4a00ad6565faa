/**
 * Programs found on PATH.
 * @module
 */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** How long a program may take to print its version, in milliseconds. */
const answerMilliseconds = 20_000;

/** Every executable file of this name on PATH, in PATH's order, each folder once. */
export async function listOnPath(name: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = new Set((environment["PATH"] ?? "").split(delimiter).filter(isToolFolder));
  const paths = [...folders].map((folder) => join(folder, name));
  const executable = await Promise.all(paths.map(isExecutable));
  return paths.filter((_, i) => executable[i]);
}

/** Whether a path is a file that may be run. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** What a program prints, whatever its exit code; empty when it cannot be run or takes too long. */
export function askProgram(path: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile(path, args, { env: environment, timeout: answerMilliseconds }, (_error, stdout, stderr) => {
      resolve(`${stdout}\n${stderr}`);
    });
  });
}

/**
 * Folders of npm packages hold wrappers, such as this package's own `pulumi`, which would ask for the tool again; what a
 * relative folder holds depends on where one stands.
 */
function isToolFolder(folder: string): boolean {
  return isAbsolute(folder) && !folder.replace(/\/$/, "").endsWith(join("node_modules", ".bin"));
}
