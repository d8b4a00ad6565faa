/**
 * Replays every open history against a new bundle, before it takes the place of the one that runs: what would not replay
 * would hang after the deploy, and is an error of the preview instead. So is an entity that a newer Steward has taken further.
 * @module
 */
import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { connectionSchema } from "../framework/connection/connection.ts";
import { StewardError } from "../framework/definitions/problem.ts";
import { createEngine } from "../framework/engine/engine.ts";
import { entityTypes } from "../framework/engine/entity-names.ts";

async function main(): Promise<number> {
  const { STEWARD_CONNECTION: connectionText, STEWARD_BUNDLE: codePath, STEWARD_PROJECT: project } = process.env;
  if (!connectionText || !codePath || !project)
    throw new Error("STEWARD_CONNECTION, STEWARD_BUNDLE and STEWARD_PROJECT must be set");
  // What fails is said below, in the words of a preview.
  Runtime.install({ logger: new DefaultLogger("ERROR", () => undefined) });
  const { engine } = connectionSchema.parse(JSON.parse(connectionText));
  const connection = await Connection.connect({ address: engine.address, connectTimeout: 5_000 }).catch(
    () => undefined,
  );
  // A stack whose engine has never run has no histories.
  if (!connection) return 0;
  const client = new Client({ connection, namespace: engine.namespace });
  await createEngine(client, () => connection.close()).list(project);
  // Runs of the other types are pinned to the build they began on; only entities move to the new one.
  const types = Object.values(entityTypes).map((type) => `"${type}"`);
  const query = `WorkflowType IN (${types.join(",")}) AND ExecutionStatus = "Running" AND WorkflowId STARTS_WITH "${project}/"`;
  let failed = 0;
  const histories = client.workflow.list({ query }).intoHistories();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories)) {
    if (!error) continue;
    failed++;
    process.stderr.write(
      `✖ the open history of ${workflowId} does not replay on the changed workflows: ${error.message}\n`,
    );
  }
  await connection.close();
  if (failed > 0)
    process.stderr.write(`keep the old path behind \`patched("…")\`, so that open entities go on as they began\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof StewardError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 1;
});
