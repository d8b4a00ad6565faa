/**
 * `steward destroy`: ends a stack, after saying what shall become of what is live.
 * @module
 */
import { connectedServices } from "../../connection/connection.ts";
import { readStack } from "../../connection/stack-folder.ts";
import { StewardError } from "../../definitions/problem.ts";
import { openEngine } from "../../engine/engine.ts";
import { exportClosedHistories, exportOpenHistories } from "../../engine/history-export.ts";
import { openStore } from "../../store/store.ts";
import { openSupervisor } from "../../supervisor/client.ts";
import { type Command, exitCodes, stackOption } from "../command.ts";
import { callPulumi } from "../pulumi-program.ts";
import { locateCallStack } from "../stack.ts";

export const destroyCommand: Command = {
  summary: "End a stack, retiring or abandoning what is live; plain npx pulumi destroy refuses while an endpoint is.",
  count: [0, 0],
  options: {
    ...stackOption,
    retire: { type: "boolean", help: "retire every endpoint, model and dataset first" },
    abandon: { type: "boolean", help: "stop the compute and keep all evidence as it is" },
    yes: { type: "boolean", short: "y", help: "do not ask again" },
  },
  help: `
Data, models and histories stay in the stack's folder in both cases. Before it abandons, it exports every history, open ones as far
as they have come, to the bucket that nothing can be deleted from.

  npx steward destroy --retire
  npx steward destroy --abandon`,
  run: async (call) => {
    const { name, root, folder } = locateCallStack(call);
    const choices = ["retire", "abandon"].filter((choice) => call.has(choice));
    const [choice] = choices;
    if (choices.length !== 1 || !choice) {
      const got = choices.length === 0 ? "neither" : "both";
      throw new StewardError({
        code: "command-misused",
        at: "",
        what: "say what shall become of what is live",
        got,
        expected: "--retire or --abandon",
      });
    }
    if (choice === "abandon") call.print(await exportHistories(folder));
    const words = ["destroy", "-s", name, ...(call.has("yes") ? ["--yes"] : [])];
    // Told to the provider by its environment: a destroy runs no program and reads no new setting.
    const environment = { ...process.env, STEWARD_DESTROY: choice };
    return (await callPulumi({ words, root, environment })) === 0 ? exitCodes.done : exitCodes.failed;
  },
};

/** Exports all histories of a stack, whose services are brought up for it. What prevents it does not keep a stack alive. */
async function exportHistories(folder: string): Promise<string> {
  const prepared = readStack(folder);
  if (!prepared) return "the stack was never brought up: it has no histories";
  try {
    const supervisor = await openSupervisor(folder);
    await supervisor.revive();
    // Another checkout's engine may have the port of one that this stack never had.
    for (const service of Object.values(connectedServices)) await supervisor.waitReady(service);
    const { owner, engine: address, store: place } = prepared.connection;
    const [project = owner] = owner.split("/");
    await using engine = await openEngine(address);
    const store = openStore(place);
    const closed = await exportClosedHistories(engine.client, store, { project });
    const open = await exportOpenHistories(engine.client, store, project);
    return `exported ${closed.length} closed and ${open} open histories to bucket ${place.lockedBucket}`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `! the histories could not be exported, they stay in the engine's own files below ${folder}:\n${why}`;
  }
}
