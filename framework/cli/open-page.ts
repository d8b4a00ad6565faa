/**
 * Shows a page in the browser of whoever sits at the machine.
 * @module
 */
import { spawn } from "node:child_process";

/** Whether a page is shown: as it is wished, else where a person at a desktop reads what is printed. Pure. */
export function isShown(
  wished: boolean | undefined,
  {
    platform,
    isTerminal,
    env,
  }: { readonly platform: string; readonly isTerminal: boolean; readonly env: NodeJS.ProcessEnv },
): boolean {
  if (wished !== undefined) return wished;
  if (!isTerminal || env["CI"] !== undefined || env["SSH_CONNECTION"] !== undefined) return false;
  return platform === "darwin" || platform === "win32" || Boolean(env["DISPLAY"] ?? env["WAYLAND_DISPLAY"]);
}

const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Shows a file in the browser, and waits for nothing: where there is none, its place was printed. */
export function openPage(file: string, wished: boolean | undefined): void {
  const { platform, env, stdout } = process;
  if (!isShown(wished, { platform, env, isTerminal: stdout.isTTY === true })) return;
  const [program, ...words] = openers[platform] ?? ["xdg-open"];
  const child = spawn(program, [...words, file], { detached: true, stdio: "ignore" });
  child.once("error", () => undefined);
  child.unref();
}
