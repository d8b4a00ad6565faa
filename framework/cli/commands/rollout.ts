/**
 * `steward rollout`: a person's decision on a version that an endpoint moves to step by step.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { StewardError } from "../../definitions/problem.ts";
import type { EntityAddress } from "../../engine/engine.ts";
import type { EntityStatus } from "../../engine/entity-status.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findActor, readCallStack, withStack } from "../stack.ts";
import { actorOptions } from "./decide.ts";

/** How long it is watched what becomes of a decision, in milliseconds. */
const watched = 30_000;

export const rolloutCommand: Command = {
  summary: "Move an endpoint's canary on to its next step, or take it back.",
  arguments: "<endpoint> advance|abort",
  count: [2, 2],
  options: { ...stackOption, ...jsonOption, ...actorOptions },
  help: `
A canary goes on, holds and goes back by itself. A decision goes before what was seen, and stands in the endpoint's history
with who made it and why.

  npx steward status late-arrival                                      look first: its share, and what was seen of it
  npx steward rollout late-arrival advance --reason "a quiet night"    to the next step, however little was seen
  npx steward rollout late-arrival abort --reason "wrong for SEA"      all callers back to the version before`,
  run: async (call) => {
    const [name = "", does = ""] = call.arguments;
    if (does !== "advance" && does !== "abort")
      throw new StewardError({
        code: "command-misused",
        at: "",
        what: `"${does}" is nothing that can become of a canary`,
        expected: "advance or abort",
      });
    const stack = await readCallStack(call);
    const entity: EntityAddress = { project: stack.project.name, kind: "endpoint", name };
    const after = await withStack(stack, async ({ engine }) => {
      const before = await engine.status(entity);
      await engine[does](entity, { actor: findActor(call), reason: call.text("reason") ?? "" });
      for (let left = watched; ; left -= 100) {
        const now = await engine.status(entity);
        if (!now || left <= 0 || hasMoved(before, now)) return now;
        await delay(100);
      }
    });
    call.print(call.has("json") ? JSON.stringify(after, null, 2) : `${name}: ${after ? describe(after) : "gone"}`);
    return exitCodes.done;
  },
};

/** What became of it. Pure. */
function describe({ canary, summary }: EntityStatus): string {
  return canary ? `version ${canary.version} goes to ${canary.percent} % of callers` : summary;
}

/** Whether the canary is another step's, or gone. Pure. */
function hasMoved(before: EntityStatus | undefined, now: EntityStatus): boolean {
  return now.canary?.percent !== before?.canary?.percent || (now.canary?.since ?? "") > (before?.canary?.since ?? "");
}
