/**
 * A program for the supervisor to run. It answers on `PORT` or on its health socket, and does what its variables say.
 * @module
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";

const { PORT, STEWARD_HEALTH_SOCKET, STARTS, SICK, DRAINED, CRASH, STUBBORN, SAY, CHILD } = process.env;

// One line per start: the pid, and what else it was started with.
if (STARTS) appendFileSync(STARTS, `${process.pid} ${SAY ?? ""}\n`);
if (SAY) process.stdout.write(`${SAY}\n`);
if (CRASH) {
  process.stderr.write("cannot go on\n");
  process.exit(Number(CRASH));
}
if (CHILD) {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  appendFileSync(CHILD, `${child.pid}\n`);
}
if (STUBBORN) process.on("SIGTERM", () => process.stdout.write("not now\n"));
if (DRAINED) {
  setInterval(() => {
    if (existsSync(DRAINED)) process.exit(0);
  }, 50);
}
createServer((_request, response) => {
  response.statusCode = SICK && existsSync(SICK) ? 500 : 200;
  response.end();
}).listen(PORT ? { host: "127.0.0.1", port: Number(PORT) } : STEWARD_HEALTH_SOCKET);
