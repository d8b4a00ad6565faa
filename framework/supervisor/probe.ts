/**
 * Asks a program whether it serves.
 * @module
 */
import { get } from "node:http";
import { connect } from "node:net";
import type { Probe } from "./service.ts";

/** How long an answer may take. A machine that trains a model is slow without being ill. */
const patienceMilliseconds = 5_000;

/** Probes once. Yields why the program does not serve, or nothing when it does. */
export function runProbe(probe: Probe, healthSocket: string): Promise<string | undefined> {
  switch (probe.kind) {
    case "tcp":
      return connectTo(probe.port);
    case "http":
      return request({ host: "127.0.0.1", port: probe.port, path: probe.path }, `port ${probe.port}`);
    case "socket":
      return request({ socketPath: healthSocket, path: probe.path }, "the socket STEWARD_HEALTH_SOCKET");
  }
}

function connectTo(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, signal: AbortSignal.timeout(patienceMilliseconds) });
    const settle = (failure?: string) => {
      socket.destroy();
      resolve(failure);
    };
    socket.once("connect", () => settle());
    socket.once("error", (error) => settle(`port ${port} does not accept a connection: ${explain(error)}`));
  });
}

interface Target {
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly path: string;
}

function request(target: Target, place: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    // One connection per probe: an agent would keep an idle one open, and find it dead after a restart.
    const asked = get({ ...target, agent: false, signal: AbortSignal.timeout(patienceMilliseconds) }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(
        statusCode >= 200 && statusCode < 300 ? undefined : `GET ${target.path} on ${place} answered ${statusCode}`,
      );
    });
    asked.once("error", (error) => resolve(`GET ${target.path} on ${place} failed: ${explain(error)}`));
  });
}

function explain(error: Error): string {
  if (error.name === "AbortError") return `no answer within ${patienceMilliseconds / 1000} s`;
  return "code" in error ? String(error.code) : error.message;
}
