/**
 * `steward card`: the card of the version of a model that is in production.
 * @module
 */
import { describeModelCard, formatModelCard } from "../../evaluation/model-card.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findModelVersion, readModelVersion } from "../model-version.ts";
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
      return describeModelCard(await readModelVersion(await openStore(), findModelVersion(name, status)));
    });
    call.print(call.has("json") ? JSON.stringify(card, null, 2) : formatModelCard(card));
    return exitCodes.done;
  },
};
