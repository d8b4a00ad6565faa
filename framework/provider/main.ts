/**
 * The provider's process: Pulumi starts it with the address of its engine, reads the port from the first line it prints,
 * and ends it when the operation is over.
 * @module
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { openEngine } from "../engine/engine.ts";
import { openStore } from "../store/store.ts";
import { openSupervisor } from "../supervisor/client.ts";
import { createBackend } from "./backend.ts";
import { openReporters } from "./progress.ts";
import { Provider } from "./provider.ts";
import { createHandlers } from "./server.ts";

/** Specs and their diffs are small, but a project may have many: the engine itself allows as much. */
const largestMessage = 400 * 1024 * 1024;

/** How often the provider looks whether Pulumi, killed, has left it behind, in milliseconds. */
const orphanCheck = 2_000;

const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const provider = new Provider({
  backend: createBackend({ openEngine, openStore: async (connection) => openStore(connection), openSupervisor }),
  reporterOf: openReporters(engineAddress),
  environment: process.env,
  // Pulumi starts providers where it starts the program.
  folder: process.cwd(),
});

const server = new Server({
  "grpc.max_receive_message_length": largestMessage,
  "grpc.max_send_message_length": largestMessage,
});
server.addService(providerService.ResourceProviderService, createHandlers(provider));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, orphanCheck).unref();
