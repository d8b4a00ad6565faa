import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openSupervisor } from "../../framework/supervisor/client.ts";
import { identifyProcess } from "../../framework/toolchain/process-identity.ts";
import { failure } from "../support/failure.ts";
import { describeServer, isLiving, limit } from "./stack.ts";

/** Greets as a supervisor of protocol 2 on the socket it is given, and prints every request. */
const newerSupervisor = `
  const [socket, greeting] = process.argv.slice(1);
  require("node:http").createServer((request, response) => {
    console.log(request.method, request.url);
    response.end(greeting);
  }).listen(socket, () => console.log("listening"));
`;

it("a supervisor of a newer Steward is asked nothing and goes on", limit, async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "steward-newer-"));
  const socket = join(folder, "socket");
  const greeting = { protocol: 2, folder, process: { pid: 1, started: "", machine: "" }, goingDown: false };
  const child = spawn(process.execPath, ["-e", newerSupervisor, socket, JSON.stringify(greeting)]);
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  let heard = "";
  child.stdout.on("data", (chunk) => {
    heard += chunk;
  });
  await once(child.stdout, "data");
  mkdirSync(join(folder, "run"));
  const address = { socket, process: identifyProcess(child.pid ?? 0) };
  writeFileSync(join(folder, "run", "supervisor.json"), JSON.stringify(address));

  const supervisor = await openSupervisor(folder);
  const service = await describeServer("web");
  for (const ask of [
    () => supervisor.list(),
    () => supervisor.apply(service),
    () => supervisor.revive(),
    () => supervisor.remove("web"),
    () => supervisor.down(),
  ]) {
    const { problems } = await failure(ask());
    expect(problems).toMatchObject([{ code: "format-newer", at: folder, got: 'format "supervisor/2"' }]);
  }
  expect(isLiving(child.pid ?? 0)).toBe(true);
  expect(new Set(heard.trim().split("\n"))).toEqual(new Set(["listening", "GET /"]));
});
