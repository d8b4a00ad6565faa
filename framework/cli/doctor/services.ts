/**
 * How the services of a stack are.
 * @module
 */
import { readStack } from "../../connection/stack-folder.ts";
import { StewardError } from "../../definitions/problem.ts";
import { openSupervisor } from "../../supervisor/client.ts";
import type { ServiceStatus } from "../../supervisor/service.ts";
import type { StackPlace } from "../stack.ts";
import type { Finding } from "./finding.ts";

/** Looks at a stack's services and starts nothing. @param locate finds the stack; what it throws is a finding, too */
export async function checkServices(locate: () => StackPlace): Promise<readonly Finding[]> {
  try {
    const { folder, name } = locate();
    const section = `Stack ${name}`;
    if (!readStack(folder)) {
      const detail = `none yet: npx pulumi up -s ${name} brings the stack up`;
      return [{ section, what: "services", verdict: "ok", detail }];
    }
    const supervisor = await openSupervisor(folder);
    return (await supervisor.list()).map((status) => judgeService(section, status));
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    // What was found so far should be shown all the same.
    return error.problems.map(({ code, what, fix, file }) => ({
      section: "Stack",
      what: "stack",
      // Whoever has no project yet looks at the machine first.
      verdict: code === "project-missing" ? "warning" : "missing",
      detail: fix ? `${what}: ${fix}` : what,
      ...(file === undefined ? {} : { path: file }),
    }));
  }
}

function judgeService(section: string, { name, state, pid, reason, log }: ServiceStatus): Finding {
  if (state === "ready") return { section, what: name, verdict: "ok", detail: `ready, process ${pid}` };
  const cure = state === "stopped" ? "; npx pulumi up brings it back" : "";
  return {
    section,
    what: name,
    verdict: "warning",
    detail: `${state}${reason ? `: ${reason}` : ""}${cure}`,
    path: log,
  };
}
