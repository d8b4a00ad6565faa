/**
 * `steward experiments`: what is tracked.
 * @module
 */
import { listExperiments } from "../../tracking/client/read-runs.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { describeExperiment, formatExperiments } from "../run-text.ts";
import { openTracking, serverOption } from "../tracking-access.ts";

export const experimentsCommand: Command = {
  summary: "List the experiments that are tracked.",
  count: [0, 0],
  options: { ...stackOption, ...jsonOption, ...serverOption },
  help: `
Each training job of a stack has an experiment of its name, beside those that scripts make.

  npx steward experiments
  npx steward experiments --server http://127.0.0.1:5000      of any server that speaks MLflow's REST API`,
  run: async (call) => {
    const client = await openTracking(call);
    const experiments = await listExperiments(client);
    if (call.has("json")) call.print(JSON.stringify(experiments.map(describeExperiment), null, 2));
    else call.print(formatExperiments(experiments).join("\n"));
    return exitCodes.done;
  },
};
