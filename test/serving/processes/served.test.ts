import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listProcessFolders } from "../../../framework/serving/processes/process-folder.ts";
import { evidenceSchema } from "../../../framework/serving/variants/evidence.ts";
import { openStore, type Store } from "../../../framework/store/store.ts";
import { findFreePort } from "../../support/minio.ts";
import { startServerProgram } from "../../support/server-program.ts";
import { useStore } from "../../support/test-store.ts";
import { readRecords } from "../segments.ts";
import { ask, eventually, model, putPackage, release } from "../storm-model.ts";

const given = useStore();
let store: Store;
let folder: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  store = openStore(given.connection, { cacheFolder: join(given.folder, "cache") });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-processes-"));
});
afterEach(async () => {
  await kill();
  await rm(folder, { recursive: true, force: true });
});

/** Ends all processes of the server at once, as a machine that loses its power does. */
async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await exited;
}

async function start(count: number): Promise<{ readonly port: number; readonly output: () => string }> {
  const port = await findFreePort();
  const change = { STEWARD_SERVER_PROCESSES: String(count) };
  const { child: started, output } = startServerProgram(
    { store: given.connection, folder, port },
    { change, detached: true },
  );
  child = started;
  await eventually(() => (started.exitCode === null ? output() : `it ended: ${output()}`)).toContain(
    `processes: ${count}`,
  );
  const versions = async () => (await readEvidence(port)).variants.map(({ version }) => version);
  await eventually(versions).toEqual([1]);
  return { port, output };
}

/** Asks on a connection of its own, so that any of the processes may answer. */
function request(port: number, path: string, body?: object): Promise<Response> {
  const sent = body && { method: "POST", body: JSON.stringify(body) };
  const signal = AbortSignal.timeout(20_000);
  return fetch(`http://127.0.0.1:${port}${path}`, { ...sent, signal, headers: { connection: "close" } });
}

async function readEvidence(port: number) {
  return evidenceSchema.parse(await (await request(port, "/storms/variants")).json());
}

/** Asks for an answer. @returns whether it is acknowledged */
async function infer(port: number, id: string): Promise<boolean> {
  const sent = request(port, `/v2/models/${model}/infer`, ask({ wind: Math.random() }, { id }));
  const status = await sent.then(
    async (answer) => {
      await answer.json();
      return answer.status;
    },
    () => 0,
  );
  return status === 200;
}

async function readAll() {
  const folders = await listProcessFolders(join(folder, "segments"));
  return (await Promise.all(folders.map(readRecords))).map((records) => records.map(({ id }) => id));
}

/** The processes that answer, as the system knows them. */
async function findMembers(): Promise<readonly number[]> {
  const found = spawn("pgrep", ["-P", String(child?.pid), "-f", "serving/main"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return (await text(found.stdout)).split("\n").flatMap((line) => (line === "" ? [] : [Number(line)]));
}

describe("a model server in two processes", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    const { name, generation, value } = release(1, await putPackage(store, 0));
    await store.moveRef(name, { generation, value });
  });

  it("answers as one: both log, and each tells what both did", async () => {
    const { port } = await start(2);
    const ids = Array.from({ length: 60 }, () => randomUUID());
    expect(await Promise.all(ids.map((id) => infer(port, id)))).not.toContain(false);
    const logged = await readAll();
    expect(logged.map(({ length }) => length)).not.toContain(0);
    expect(logged.flat().sort()).toEqual(ids.sort());
    for (let turn = 0; turn < 6; turn++) {
      expect((await readEvidence(port)).variants[0]?.answered).toBe(ids.length);
      const stats = await (await request(port, `/v2/models/${model}/stats`)).json();
      expect(stats).toMatchObject({ model_stats: [{ inference_count: ids.length }] });
    }
    const metrics = await (await request(port, "/metrics")).text();
    const counted = [...metrics.matchAll(/^steward_rows_total\{route="infer",process="(\d)"\} (\d+)$/gm)];
    expect(counted.map(([, process]) => process)).toEqual(["0", "1"]);
    expect(counted.reduce((sum, [, , rows]) => sum + Number(rows), 0)).toBe(ids.length);
  });

  it.each([
    ["is killed", "SIGKILL", "ended with SIGKILL"],
    ["stands still", "SIGSTOP", "has not said that it lives for"],
  ] as const)("loses nothing that was acknowledged when one of them %s, and counts on", async (_, signal, said) => {
    const { port, output } = await start(2);
    const acknowledged: string[] = [];
    let goesOn = true;
    const clients = Array.from({ length: 4 }, async () => {
      while (goesOn) {
        const id = randomUUID();
        if (await infer(port, id)) acknowledged.push(id);
        else await sleep(5);
      }
    });
    await eventually(() => acknowledged.length).toBeGreaterThan(50);
    await readEvidence(port);
    const [one] = await findMembers();
    process.kill(one ?? expect.fail("there is no such process"), signal);
    await eventually(output).toContain(said);
    const before = acknowledged.length;
    await eventually(() => acknowledged.length).toBeGreaterThan(before + 50);
    await eventually(async () => (await findMembers()).length).toBe(2);
    goesOn = false;
    await Promise.all(clients);
    expect((await readEvidence(port)).variants[0]?.answered).toBeGreaterThan(50);
    const logged = new Set((await readAll()).flat());
    expect(acknowledged.filter((id) => !logged.has(id))).toEqual([]);
  });

  it("goes on where all of them were killed, with fewer", async () => {
    const first = await start(2);
    const ids = Array.from({ length: 30 }, () => randomUUID());
    await Promise.all(ids.map((id) => infer(first.port, id)));
    await kill();
    const second = await start(1);
    // The first one brings into the store what the second one left: it is shipped, and gone from its folder or still there.
    expect(await infer(second.port, "last")).toBe(true);
    const metrics = await (await request(second.port, "/metrics")).text();
    expect(metrics).toMatch(/^steward_log_unshipped_records\{stream="requests"/m);
  });
});
