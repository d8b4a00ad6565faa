/**
 * `steward plan`: what applying the project would do.
 * @module
 */
import { readStack } from "../../connection/stack-folder.ts";
import { plan } from "../../plan/plan.ts";
import { requireCommitted } from "../../project/git-state.ts";
import { collectFacts, collectLocalFacts } from "../collect-facts.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { formatPlan, formatPlanMarkdown } from "../plan-text.ts";
import { readCallStack, withStack } from "../stack.ts";

export const planCommand: Command = {
  summary: "Show what applying the project would ingest, train, evaluate, release and retire.",
  count: [0, 0],
  options: {
    ...stackOption,
    ...jsonOption,
    markdown: { type: "boolean", help: "print Markdown, for a pull request" },
    check: { type: "boolean", help: `exit with ${exitCodes.changes} when there are changes` },
  },
  help: `
Each consequence is "will", "if" a condition holds, or "unknown until" a step tells. Nothing is changed.

  npx steward plan                       what npx pulumi up would set going
  npx steward plan --markdown >plan.md   the same as a table for a pull request
  npx steward plan --check               for a pipeline that must not change anything`,
  exits: [`${exitCodes.changes} --check found changes`],
  run: async (call) => {
    const stack = await readCallStack(call);
    await requireCommitted(stack.project, stack.loaded.folder);
    // A stack that was never brought up has no engine to ask: everything is new.
    const facts = readStack(stack.folder)
      ? await withStack(stack, ({ engine, openStore }) => collectFacts(stack, { engine, store: openStore }))
      : await collectLocalFacts(stack);
    const planned = plan(stack.project, facts);
    if (call.has("json")) call.print(JSON.stringify(planned, null, 2));
    else call.print(call.has("markdown") ? formatPlanMarkdown(planned) : formatPlan(planned));
    return call.has("check") && planned.changes ? exitCodes.changes : exitCodes.done;
  },
};
