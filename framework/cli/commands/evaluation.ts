/**
 * `steward evaluation`: what an evaluation found of a version of a model.
 * @module
 */
import { resolve } from "node:path";
import { formatEvaluation } from "../../evaluation/evaluation-text.ts";
import { writeWhole } from "../../supervisor/private-file.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findModelVersion, readModelVersion } from "../model-version.ts";
import { readCallStack, withStack } from "../stack.ts";

export const evaluationCommand: Command = {
  summary: "Show what the evaluation of a model found on its test rows: a table, or a page with plots.",
  arguments: "<model>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    candidate: {
      type: "boolean",
      help: "of the candidate that waits for a decision (default: of what is in production)",
    },
    html: { type: "string", help: "write one self-contained page to this file, and print where (default: none)" },
  },
  help: `
  npx steward evaluation late-arrival                        metrics with intervals, gates, tests
  npx steward evaluation late-arrival --html evaluation.html ROC, calibration, slices and more
  npx steward evaluation late-arrival --candidate            of the candidate that waits`,
  run: async (call) => {
    const [name = ""] = call.arguments;
    const file = call.text("html");
    const stack = await readCallStack(call);
    const { evaluation, version } = await withStack(stack, async ({ engine, openStore }) => {
      const status = await engine.status({ project: stack.project.name, kind: "model", name });
      const found = findModelVersion(name, status, call.has("candidate") ? "candidate" : "production");
      return readModelVersion(await openStore(), found);
    });
    if (file !== undefined) {
      const { formatReportPage } = await import("../../evaluation/report-page.ts");
      const page = formatReportPage({ model: name, evaluation, ...(version !== undefined && { version }) });
      writeWhole(resolve(file), page, 0o644);
    }
    if (call.has("json")) call.print(JSON.stringify(evaluation, null, 2));
    else if (file === undefined) call.print(formatEvaluation(evaluation).join("\n"));
    else call.print(`page: ${resolve(file)}`);
    return exitCodes.done;
  },
};
