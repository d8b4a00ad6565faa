/**
 * `steward card`: the card of the version of a model that is in production.
 * @module
 */
import { describeModelCard, formatModelCard } from "../../evaluation/model-card.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findModelVersion, findRunGpus, readModelVersion } from "../model-version.ts";
import { readCallStack, withStack } from "../stack.ts";

export const cardCommand: Command = {
  summary: "Write the card of a model in production: owner, risk, use, data, metrics, code.",
  arguments: "<model>",
  count: [1, 1],
  options: { ...stackOption, ...jsonOption },
  help: `
The card is derived from the package, its evaluation and the definition it was released under.

  npx steward card late-arrival > card.md`,
  run: async (call) => {
    const [name = ""] = call.arguments;
    const stack = await readCallStack(call);
    const card = await withStack(stack, async ({ engine, openStore }) => {
      const status = await engine.status({ project: stack.project.name, kind: "model", name });
      const store = await openStore();
      const parts = await readModelVersion(store, findModelVersion(name, status));
      const gpus = await findRunGpus(store, parts.package.run);
      return describeModelCard({ ...parts, ...(gpus && { gpus }) });
    });
    call.print(call.has("json") ? JSON.stringify(card, null, 2) : formatModelCard(card));
    return exitCodes.done;
  },
};
