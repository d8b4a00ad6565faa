/**
 * `steward runs`: the runs of an experiment.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import { searchRuns } from "../../tracking/client/read-runs.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { requireExperiment } from "../compared-runs.ts";
import { arrangeTree, describeRun, formatRuns } from "../run-text.ts";
import { openTracking, serverOption } from "../tracking-access.ts";

const defaultLimit = 50;
const mostRuns = 50_000;

export const runsCommand: Command = {
  summary: "List the runs of an experiment: status, times, metrics, and the parameters that differ.",
  arguments: "<experiment>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    filter: { type: "string", help: `those alone that it holds for: "metrics.auc > 0.7" (default: all)` },
    order: { type: "string", help: `"metrics.auc DESC" (default: the newest first)` },
    limit: { type: "string", help: `how many at most (default: ${defaultLimit})` },
    tree: { type: "boolean", help: "show trials below their study, and other runs below what they are part of" },
    ...serverOption,
  },
  help: `
A training job has an experiment of its name. A study is a run, and its trials are runs that are part of it.
Filters are MLflow's: metrics, params, tags and attributes, compared by =, !=, <, >, LIKE, ILIKE or IN, joined by AND.

  npx steward runs late-search --tree
  npx steward runs late-search --filter "metrics.auc > 0.7 AND params.boosting = 'dart'" --order "metrics.auc DESC"`,
  run: async (call) => {
    const [name = ""] = call.arguments;
    const limit = readLimit(call.text("limit"));
    const client = await openTracking(call);
    const experiment = await requireExperiment(client, name);
    const asked = { experiments: [experiment.id], filter: call.text("filter"), order: call.text("order") };
    // One more than is shown tells whether there are more.
    const found = await searchRuns(client, { ...asked, limit: limit + 1 });
    const runs = found.slice(0, limit);
    if (call.has("json")) {
      call.print(JSON.stringify(runs.map(describeRun), null, 2));
      return exitCodes.done;
    }
    if (runs.length === 0) call.print(`no run of ${experiment.name} is like that`);
    else
      call.print(formatRuns(call.has("tree") ? arrangeTree(runs) : runs.map((run) => ({ run, depth: 0 }))).join("\n"));
    if (found.length > limit) call.print(`  … and more: --limit shows more than ${limit}`);
    return exitCodes.done;
  },
};

function readLimit(text: string | undefined): number {
  if (text === undefined) return defaultLimit;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= mostRuns) return limit;
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: '"--limit" is no count of runs',
    got: text,
    expected: `a whole number from 1 to ${mostRuns}`,
  });
}
