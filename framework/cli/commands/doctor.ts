/**
 * `steward doctor`: what was found where, how it stands against the security floors, and what is missing.
 * @module
 */
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { formatFindings } from "../doctor/finding.ts";
import { checkMachine } from "../doctor/machine.ts";
import { checkPrograms } from "../doctor/programs.ts";
import { checkRegistries } from "../doctor/registries.ts";
import { checkServices } from "../doctor/services.ts";
import { locateCallStack } from "../stack.ts";

export const doctorCommand: Command = {
  summary: "Check this machine and a stack: room, programs, versions, services.",
  count: [0, 0],
  options: {
    ...stackOption,
    ...jsonOption,
    network: { type: "boolean", help: "ask the registries, too, whether they answer" },
  },
  help: `
Nothing is installed, started or, without --network, asked for over the network. What is missing is built by the first
npx pulumi up, or beforehand by npx steward tools. Exits with 1 when something is missing that nothing brings by itself.`,
  run: async (call) => {
    const findings = [
      ...checkMachine(process.cwd()),
      ...(await checkPrograms()),
      ...(call.has("network") ? await checkRegistries() : []),
      ...(await checkServices(() => locateCallStack(call))),
    ];
    if (call.has("json")) call.print(JSON.stringify(findings, null, 2));
    else call.print(formatFindings(findings, process.stdout.columns ?? 80));
    return findings.some(({ verdict }) => verdict === "missing") ? exitCodes.failed : exitCodes.done;
  },
};
