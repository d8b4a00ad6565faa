/**
 * Gets tools from the command line: `node framework/toolchain/main.ts [name…]`, all of them when none is named. Prints
 * the progress; the exit code is 0 when they are there, 1 when one could not be got, 2 for an unknown name, and 128 plus
 * the signal's number when it was interrupted.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import { Interruption, watchInterruption } from "./interruption.ts";
import { createReporter } from "./reporter.ts";
import { ensureTools } from "./toolchain.ts";
import { type ToolName, toolNames } from "./tools.ts";

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !isToolName(name));
  if (unknown.length > 0) {
    process.stderr.write(`✖ no tool is named ${unknown.join(", ")}; there are ${toolNames.join(", ")}\n`);
    return 2;
  }
  using interruption = watchInterruption();
  try {
    const asked = names.length === 0 ? toolNames : names.filter(isToolName);
    await ensureTools(asked, { reporter: createReporter(process.stdout), signal: interruption.signal });
    return 0;
  } catch (error) {
    if (error instanceof Interruption) {
      process.stderr.write(`${error.message}; nothing half-done is left, the next run continues\n`);
      return error.exitCode;
    }
    if (!(error instanceof StewardError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function isToolName(name: string): name is ToolName {
  return (toolNames as readonly string[]).includes(name);
}

process.exitCode = await main(process.argv.slice(2));
