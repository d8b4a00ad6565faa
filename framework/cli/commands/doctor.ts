/**
 * `steward doctor`: what was found where, and what is missing.
 * @module
 */
import { readStack } from "../../connection/stack-folder.ts";
import { StewardError } from "../../definitions/problem.ts";
import { formatDuration } from "../../definitions/units.ts";
import { openSupervisor } from "../../supervisor/client.ts";
import type { ServiceStatus } from "../../supervisor/service.ts";
import { findPython } from "../../toolchain/python.ts";
import { findTools } from "../../toolchain/toolchain.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { locateCallStack } from "../stack.ts";

/** The newest security release of each line of Node that strips types, as of 2026-10. */
const securityFloors: Readonly<Record<number, string>> = { 22: "22.23.4", 24: "24.22.1", 26: "26.12.1" };

type Verdict = "ok" | "warning" | "missing";

interface Finding {
  readonly what: string;
  readonly verdict: Verdict;
  readonly detail: string;
}

const marks: Readonly<Record<Verdict, string>> = { ok: "✔", warning: "!", missing: "✖" };

export const doctorCommand: Command = {
  summary: "Check this machine and a stack: tools, versions, services.",
  count: [0, 0],
  options: { ...stackOption, ...jsonOption },
  help: `
Nothing is installed or started. What is missing is built by npm run tools, which npm run demo and npm test call by
themselves. Exits with 1 when something is missing that nothing will bring by itself.`,
  run: async (call) => {
    const findings = [
      checkNode(process.versions.node),
      await checkPython(),
      ...(await checkTools()),
      ...(await checkServices(call)),
    ];
    if (call.has("json")) call.print(JSON.stringify(findings, null, 2));
    else {
      const width = Math.max(...findings.map(({ what }) => what.length));
      for (const { what, verdict, detail } of findings)
        call.print(`${marks[verdict]} ${what.padEnd(width)}  ${detail}`);
    }
    return findings.some(({ verdict }) => verdict === "missing") ? exitCodes.failed : exitCodes.done;
  },
};

/** Judges a version of Node against the newest security release of its line. */
export function checkNode(version: string): Finding {
  const [major = 0] = version.split(".").map(Number);
  const floor = securityFloors[major];
  const what = `node ${version}`;
  if (floor === undefined)
    return { what, verdict: "warning", detail: "not a line with long-term support: 22, 24 or 26" };
  if (compareVersions(version, floor) >= 0) return { what, verdict: "ok", detail: process.execPath };
  return { what, verdict: "warning", detail: `security fixes since; ${floor} or newer has them (${process.execPath})` };
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

async function checkPython(): Promise<Finding> {
  try {
    const { path, version } = await findPython();
    return { what: `python ${version}`, verdict: "ok", detail: path };
  } catch (error) {
    return {
      what: "python",
      verdict: "missing",
      detail: error instanceof StewardError ? error.message : String(error),
    };
  }
}

async function checkTools(): Promise<Finding[]> {
  const tools = await findTools();
  return tools.map(({ name, version, path, seconds, state }) => {
    if (path) return { what: `${name} ${version}`, verdict: "ok", detail: path };
    const why = state === "damaged" ? "damaged in the cache" : "not there yet";
    return {
      what: name,
      verdict: "warning",
      detail: `${why}: npm run tools makes it, about ${formatDuration(seconds)} on two cores`,
    };
  });
}

async function checkServices(call: Call): Promise<Finding[]> {
  try {
    const { folder } = locateCallStack(call);
    if (!readStack(folder))
      return [{ what: "services", verdict: "ok", detail: "none declared: the stack was never brought up" }];
    const supervisor = await openSupervisor(folder);
    return (await supervisor.list()).map(judgeService);
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    // What was found so far should be shown all the same.
    return error.problems.map(({ what, fix }) => ({
      what: "stack",
      verdict: "missing",
      detail: fix ? `${what}; ${fix}` : what,
    }));
  }
}

function judgeService({ name, state, pid, reason, log }: ServiceStatus): Finding {
  if (state === "ready") return { what: name, verdict: "ok", detail: `ready, process ${pid}` };
  const cure = state === "stopped" ? "; npx pulumi up brings it back" : "";
  return { what: name, verdict: "warning", detail: `${state}${reason ? `: ${reason}` : ""}${cure} (${log})` };
}
