/**
 * `steward approve` and `steward reject`: a person's decision on the candidate that waits.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import type { EntityAddress } from "../../engine/engine.ts";
import { type Call, type Command, exitCodes, jsonOption, type Option, stackOption } from "../command.ts";
import { findActor, readCallStack, withStack } from "../stack.ts";

/** Options of whoever decides something. */
export const actorOptions: Readonly<Record<"as" | "reason", Option>> = {
  as: { type: "string", help: "who decides (default: the user of this machine)" },
  reason: { type: "string", help: "why; it is kept in the history (default: none)" },
};

export const approveCommand = createDecision("approve");
export const rejectCommand = createDecision("reject");

function createDecision(verb: "approve" | "reject"): Command {
  const does = verb === "approve" ? "Agree to the release of" : "Turn down";
  return {
    summary: `${does} the candidate of a model that waits for approval.`,
    arguments: "<model>",
    count: [1, 1],
    options: {
      ...stackOption,
      ...jsonOption,
      ...actorOptions,
      candidate: {
        type: "string",
        help: "the digest that was looked at, or its beginning (default: the one that waits)",
      },
    },
    help: `
A decision is bound to one candidate: when model, evaluation or policy changes, it is void and must be given again.

  npx steward status late-arrival                      look first: metrics, gates, the candidate's digest
  npx steward ${verb} late-arrival --as ops-lead --reason "looked at the slices"`,
    run: (call) => decide(verb, call),
  };
}

async function decide(verb: "approve" | "reject", call: Call): Promise<number> {
  const [name = ""] = call.arguments;
  const stack = await readCallStack(call);
  const entity: EntityAddress = { project: stack.project.name, kind: "model", name };
  const after = await withStack(stack, async ({ engine }) => {
    const status = await engine.status(entity);
    const waiting = status?.candidate;
    const meant = call.text("candidate");
    if (!waiting || (meant !== undefined && !names(meant, waiting.digest))) {
      throw new StewardError({
        code: "candidate-unknown",
        at: `model/${name}`,
        what:
          meant === undefined
            ? `model "${name}" has no candidate that waits for a decision`
            : `candidate "${meant}" does not wait for a decision`,
        got: waiting ? `candidate ${waiting.digest.slice(0, 12)} waits` : (status?.summary ?? "no such model"),
        fix: "look at npx steward status",
      });
    }
    await engine[verb](entity, {
      actor: findActor(call),
      candidate: waiting.digest,
      reason: call.text("reason") ?? "",
    });
    return engine.status(entity);
  });
  call.print(
    call.has("json")
      ? JSON.stringify(after, null, 2)
      : `${verb === "approve" ? "✔" : "✖"} ${name}: ${after?.summary ?? ""}`,
  );
  return exitCodes.done;
}

/**
 * Whether a word names a candidate: its digest, or the beginning of it. An empty word, as a shell makes of a variable that is
 * not set, names none.
 */
export function names(word: string, digest: string): boolean {
  return word !== "" && digest.startsWith(word);
}
