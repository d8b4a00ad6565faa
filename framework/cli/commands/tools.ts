/**
 * `steward tools`: gets the servers of the local platform ahead of the first deploy.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import { watchInterruption } from "../../toolchain/interruption.ts";
import { createReporter } from "../../toolchain/reporter.ts";
import { ensureTools } from "../../toolchain/toolchain.ts";
import { type ToolName, toolNames } from "../../toolchain/tools.ts";
import { type Command, exitCodes, jsonOption } from "../command.ts";

export const toolsCommand: Command = {
  summary: "Find or build the servers of the local platform, ahead of the first deploy.",
  arguments: "[tool…]",
  count: [0, toolNames.length],
  options: { ...jsonOption },
  help: `
They are ${toolNames.join(", ")}.
What PATH has in a version that fits is used; the rest is built once, from pinned source, for all projects of a user.`,
  run: async (call) => {
    const asked = call.arguments.length === 0 ? toolNames : requireTools(call.arguments);
    using interruption = watchInterruption();
    // With --json, stdout is for the result alone.
    const reporter = createReporter(call.has("json") ? process.stderr : process.stdout);
    const tools = await ensureTools(asked, { reporter, signal: interruption.signal });
    if (call.has("json")) call.print(JSON.stringify(tools, null, 2));
    return exitCodes.done;
  },
};

function requireTools(words: readonly string[]): readonly ToolName[] {
  const names = words.filter(isToolName);
  const unknown = words.filter((word) => !isToolName(word));
  if (unknown.length === 0) return names;
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: `no tool is named ${unknown.join(", ")}`,
    expected: `one of ${toolNames.join(", ")}`,
    fix: "see npx steward tools --help",
  });
}

function isToolName(word: string): word is ToolName {
  return (toolNames as readonly string[]).includes(word);
}
