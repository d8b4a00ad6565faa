/**
 * `steward predict`: asks an endpoint for a prediction like any client: by features, over the Open Inference Protocol, or by
 * the columns of a row, over the typed route.
 * @module
 */
import { randomUUID } from "node:crypto";
import { StewardError } from "../../definitions/problem.ts";
import { formatDuration } from "../../definitions/units.ts";
import type { LiveEndpoint } from "../../engine/entity-status.ts";
import { modelPackageSchema } from "../../models/model-package.ts";
import type { Store } from "../../store/store.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { predictOne, predictRow, type RowPrediction } from "../prediction.ts";
import { readCallStack, withStack } from "../stack.ts";

export const predictCommand: Command = {
  summary: "Ask an endpoint for a prediction.",
  arguments: "<endpoint> [features as JSON]",
  count: [1, 2],
  options: {
    ...stackOption,
    ...jsonOption,
    row: {
      type: "string",
      help: "ask by the columns of a row, as JSON: the server computes and looks up the features",
    },
  },
  help: `
Without features it sends the real example that travels with the model package; given ones replace those of the example.

  npx steward predict late-arrival
  npx steward predict late-arrival '{"hour": 7, "origin": "SEA"}'
  npx steward predict late-arrival --row '{"origin": "SEA", "destination": "LAX", "distance": 954}'`,
  run: async (call) => {
    const [name = "", text] = call.arguments;
    const stack = await readCallStack(call);
    const row = call.text("row");
    if (row !== undefined && text !== undefined) {
      throw new StewardError({
        code: "command-misused",
        at: "",
        what: "a prediction is asked for by features and by a row at once",
        expected: "one of the two",
      });
    }
    const given = readFeatures(row ?? text, row === undefined ? "features" : "row");
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
    if (row !== undefined) {
      const answer = await predictRow({ address: live.address, endpoint: name, row: given });
      call.print(
        call.has("json") ? JSON.stringify({ request: given, answer }, null, 2) : formatRowAnswer(given, answer),
      );
      return exitCodes.done;
    }
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

/** What was asked and answered, with the features that were found. */
function formatRowAnswer(row: Readonly<Record<string, unknown>>, answer: RowPrediction): string {
  const { id, model, features, freshnessSeconds, outputs } = answer;
  const age = freshnessSeconds === undefined ? "" : `, looked up as of ${formatDuration(freshnessSeconds)} ago`;
  return [
    `asked    ${JSON.stringify(row)}`,
    `features ${JSON.stringify(features)}${age}`,
    `answer   ${JSON.stringify(outputs)}`,
    `         version ${model.version} of ${model.name}, package ${model.package.slice(0, 12)}, id ${id}`,
  ].join("\n");
}

function readFeatures(text: string | undefined, what: "features" | "row"): Record<string, unknown> {
  if (text === undefined) return {};
  const refuse = (got: string) =>
    new StewardError({
      code: "command-misused",
      at: "",
      what: what === "row" ? "the row is not a JSON object" : "the features are not a JSON object",
      got,
      expected: what === "row" ? '{"column": value}' : '{"feature": value}',
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
