/**
 * Closed loops by wrk: so many connections, each of which asks the next row as soon as it has its answer.
 * @module
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { type AskedRow, path } from "./bench-model.ts";
import { cores } from "./pinned-server.ts";

const run = promisify(execFile);

const connections = 64;

/** Writes a script that asks the rows one after the other, and again from the first. */
export async function writeWrkScript(file: string, asked: readonly AskedRow[]): Promise<void> {
  const bodies = asked.map(({ body }) => `  [==[${body}]==],`);
  const lines = [
    "local bodies = {",
    ...bodies,
    "}",
    'local headers = { ["Content-Type"] = "application/json" }',
    "local requests = {}",
    "function init()",
    `  for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", "${path}", headers, body) end`,
    "end",
    "local at = 0",
    "function request()",
    "  at = at % #requests + 1",
    "  return requests[at]",
    "end",
    "",
  ];
  await writeFile(file, lines.join("\n"));
}

export interface ClosedLoop {
  readonly port: number;
  /** The script. */
  readonly script: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** @returns requests per second. @throws Error where a request was not answered with 200 */
export async function measureRate({ port, script, seconds, signal }: ClosedLoop): Promise<number> {
  const flags = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script];
  const command = ["-c", cores.client, "wrk", ...flags, `http://127.0.0.1:${port}`];
  const { stdout } = await run("taskset", command, { signal });
  return readRate(stdout);
}

/** Reads what wrk prints. @throws Error where a request was not answered with 200 */
function readRate(printed: string): number {
  const rate = /^Requests\/sec:\s+([\d.]+)/m.exec(printed)?.[1];
  if (rate === undefined || /Non-2xx|Socket errors/.test(printed)) throw new Error(`wrk had trouble: ${printed}`);
  return Number(rate);
}
