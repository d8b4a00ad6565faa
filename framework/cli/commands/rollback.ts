/**
 * `steward rollback`: releases an earlier version again.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { StewardError } from "../../definitions/problem.ts";
import type { EntityAddress } from "../../engine/engine.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findActor, readCallStack, withStack } from "../stack.ts";
import { actorOptions } from "./decide.ts";

export const rollbackCommand: Command = {
  summary: "Put an earlier version of a model back into production.",
  arguments: "<model>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    ...actorOptions,
    to: { type: "string", help: "the version to go back to (default: the one before the one in production)" },
  },
  help: `
The earlier package is released again under the next version number; nothing is trained. It stays until the definition
changes and a new candidate passes its gates.

  npx steward rollback late-arrival --reason "wrong answers for SEA"
  npx steward rollback late-arrival --to 3`,
  run: async (call) => {
    const [name = ""] = call.arguments;
    const stack = await readCallStack(call);
    const entity: EntityAddress = { project: stack.project.name, kind: "model", name };
    const to = readVersion(call.text("to"));
    const status = await withStack(stack, async ({ engine }) => {
      const message = {
        actor: findActor(call),
        reason: call.text("reason") ?? "",
        ...(to === undefined ? {} : { to }),
      };
      const { generation } = await engine.rollback(entity, message);
      for (;;) {
        const now = await engine.status(entity);
        if (!now || now.settled >= generation) return now;
        await delay(100);
      }
    });
    call.print(
      call.has("json")
        ? JSON.stringify(status, null, 2)
        : `${status?.state === "ready" ? "✔" : "✖"} ${name}: ${status?.summary ?? ""}`,
    );
    return status?.state === "ready" ? exitCodes.done : exitCodes.failed;
  },
};

function readVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: '"--to" is not a version',
    got: text,
    expected: "a whole number from 1",
  });
}
