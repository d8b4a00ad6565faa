/**
 * `steward predict`: asks an endpoint for a prediction, over the Open Inference Protocol like any client.
 * @module
 */
import { randomUUID } from "node:crypto";
import { StewardError } from "../../definitions/problem.ts";
import type { LiveEndpoint } from "../../engine/messages.ts";
import { modelPackageSchema } from "../../models/model-package.ts";
import type { Store } from "../../store/store.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { predictOne } from "../prediction.ts";
import { readCallStack, withStack } from "../stack.ts";

export const predictCommand: Command = {
  summary: "Ask an endpoint for a prediction.",
  arguments: "<endpoint> [features as JSON]",
  count: [1, 2],
  options: { ...stackOption, ...jsonOption },
  help: `
Without features it sends the real example that travels with the model package; given ones replace those of the example.

  npx steward predict late-arrival
  npx steward predict late-arrival '{"hour": 7, "origin": "SEA"}'`,
  run: async (call) => {
    const [name = "", text] = call.arguments;
    const stack = await readCallStack(call);
    const given = readFeatures(text);
    const { live, example, model } = await withStack(stack, async ({ engine, openStore }) => {
      const status = await engine.status({ project: stack.project.name, kind: "endpoint", name });
      if (status?.live?.kind === "endpoint" && status.desired.kind === "endpoint") {
        return {
          live: status.live,
          model: status.desired.model,
          example: await readExample(await openStore(), status.live),
        };
      }
      const got = status?.summary ?? `no endpoint "${name}"`;
      throw new StewardError({
        code: "endpoint-not-serving",
        at: `endpoint/${name}`,
        what: `endpoint "${name}" does not serve`,
        got,
        fix: "look at npx steward status",
      });
    });
    const request = { ...example, ...given };
    const answer = await predictOne({ address: live.address, model, id: randomUUID(), features: request });
    if (call.has("json")) call.print(JSON.stringify({ request, answer }, null, 2));
    else
      call.print(
        [
          `asked  ${JSON.stringify(request)}`,
          `answer ${JSON.stringify(answer.outputs)}`,
          `       version ${answer.version} of ${model}, package ${live.package.slice(0, 12)}, id ${answer.id}`,
        ].join("\n"),
      );
    return exitCodes.done;
  },
};

async function readExample(store: Store, { package: digest }: LiveEndpoint) {
  return (await store.getJson(digest, modelPackageSchema)).example;
}

function readFeatures(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const refuse = (got: string) =>
    new StewardError({
      code: "command-misused",
      at: "",
      what: "the features are not a JSON object",
      got,
      expected: '{"feature": value}',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse(text);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse(text);
  return { ...value };
}
