/**
 * A worker for the entities of these tests, run as a service of the test's stack.
 * @module
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { connectionSchema } from "../../../framework/connection/connection.ts";
import { taskQueue } from "../../../framework/engine/entity-names.ts";

const { engine } = connectionSchema.parse(JSON.parse(process.env["STEWARD_CONNECTION"] ?? "null"));
Runtime.install({ logger: new DefaultLogger("ERROR") });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: engine.address }),
  namespace: engine.namespace,
  taskQueue,
  workflowsPath: fileURLToPath(new URL("entities.ts", import.meta.url)),
});
createServer((_request, response) => response.writeHead(worker.getState() === "RUNNING" ? 200 : 503).end()).listen(
  process.env["STEWARD_HEALTH_SOCKET"],
);
await worker.run();
process.exit();
