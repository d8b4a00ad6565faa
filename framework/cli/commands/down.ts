/**
 * `steward down`: stops the local processes of a stack and keeps everything else.
 * @module
 */
import { openSupervisor } from "../../supervisor/client.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { locateCallStack } from "../stack.ts";

export const downCommand: Command = {
  summary: "Stop the local processes of a stack; data, models and histories stay.",
  count: [0, 0],
  options: { ...stackOption, ...jsonOption },
  help: `
npx pulumi up brings everything back as it was. Removing a definition retires it; npx pulumi destroy ends a stack: three
different things.`,
  run: async (call) => {
    const { name, folder } = locateCallStack(call);
    const supervisor = await openSupervisor(folder);
    const before = (await supervisor.list()).filter(({ pid }) => pid !== undefined).map((service) => service.name);
    await supervisor.down();
    if (call.has("json")) call.print(JSON.stringify({ stopped: before }, null, 2));
    else if (before.length === 0) call.print(`nothing of stack "${name}" was running`);
    else call.print(`stopped ${before.join(", ")}. Nothing is lost; npx pulumi up -s ${name} goes on from here.`);
    return exitCodes.done;
  },
};
