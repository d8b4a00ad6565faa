import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../framework/store/store.ts";
import { findFreePort } from "../../support/minio.ts";
import { startServerProgram } from "../../support/server-program.ts";
import { useStore } from "../../support/test-store.ts";
import { eventually } from "../storm-model.ts";
import { endpoint, model, releaseFlights, routes } from "../typed/given-flights.ts";

const given = useStore();
let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-begun-again-"));
});
afterEach(async () => {
  if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
});

/** The processes that answer, as the system knows them. */
async function findMembers(): Promise<readonly number[]> {
  const found = spawn("pgrep", ["-P", String(child?.pid), "-f", "serving/main"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return (await text(found.stdout)).split("\n").flatMap((line) => (line === "" ? [] : [Number(line)]));
}

/** Asks on a connection of its own, so that any of the processes may answer. @returns the status, or 0 where the connection broke */
async function ask(port: number, path: string, body: object): Promise<number> {
  const sent = { method: "POST", body: JSON.stringify(body), headers: { connection: "close" } };
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...sent, signal: AbortSignal.timeout(20_000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

async function start(served = model): Promise<{ readonly port: number; readonly output: () => string }> {
  const port = await findFreePort();
  const change = { STEWARD_SERVER_PROCESSES: "2", STEWARD_ENDPOINT: endpoint, STEWARD_MODEL: served };
  const place = { store: given.connection, folder, port };
  const { child: started, output } = startServerProgram(place, { change, detached: true });
  child = started;
  await eventually(() => (started.exitCode === null ? output() : `it ended: ${output()}`)).toContain("processes: 2");
  return { port, output };
}

const row = { id: 9, origin: "JFK", distance: 1000 };
const inputs = [
  { name: "id", datatype: "FP64", shape: [1], data: [9] },
  { name: "hour", datatype: "FP64", shape: [1], data: [2] },
  { name: "far", datatype: "BOOL", shape: [1], data: [true] },
  { name: "origin", datatype: "BYTES", shape: [1], data: ["JFK"] },
];

describe("a process of a model server that is begun again", { timeout: 120_000 }, () => {
  it("takes no connection before it can answer: a kill costs what was under way", async () => {
    const sets = [{ ...routes, columns: routes.columns.slice(0, 4) }];
    await releaseFlights(openStore(given.connection, { cacheFolder: join(folder, "cache") }), folder, { sets });
    const { port, output } = await start();
    const statuses: number[] = [];
    let goesOn = true;
    const askOn = async (path: string, body: object): Promise<void> => {
      while (goesOn) {
        statuses.push(await ask(port, path, body));
        await sleep(5);
      }
    };
    const typed = [`/${endpoint}/predict`, row] as const;
    const open = [`/v2/models/${model}/infer`, { inputs }] as const;
    const clients = [typed, typed, open, open].map(([path, body]) => askOn(path, body));
    await eventually(() => statuses.length).toBeGreaterThan(50);
    for (let turn = 1; turn <= 3; turn++) {
      const [one] = await findMembers();
      process.kill(one ?? expect.fail("there is no such process"), "SIGKILL");
      // Each process says so when it listens, and the group once when all do.
      await eventually(() => output().split("listening on").length - 1).toBe(3 + turn);
      const before = statuses.length;
      await eventually(() => statuses.length).toBeGreaterThan(before + 50);
    }
    goesOn = false;
    await Promise.all(clients);
    expect([...new Set(statuses)].filter((status) => status !== 0)).toEqual([200]);
    // Each client has one request under way, and a connection that the killed one had not taken yet breaks with it.
    expect(statuses.filter((status) => status === 0).length).toBeLessThanOrEqual(3 * clients.length);
  });

  it("listens all the same where there is nothing to load yet", async () => {
    const { port, output } = await start("unreleased");
    const [one] = await findMembers();
    process.kill(one ?? expect.fail("there is no such process"), "SIGKILL");
    await eventually(() => output().split("listening on").length - 1).toBe(4);
    expect(await ask(port, "/v2/models/unreleased/infer", { inputs })).toBe(503);
  });
});
