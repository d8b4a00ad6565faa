import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../framework/store/store.ts";
import { findFreePort } from "../support/minio.ts";
import { type ServerProgram, startServerProgram } from "../support/server-program.ts";
import { useStore } from "../support/test-store.ts";
import { readRecords } from "./segments.ts";
import { ask, eventually, get, infer, putPackage, release, sendHalf } from "./storm-model.ts";

const given = useStore();

let folder: string;
let store: Store;
let generation = 0;
const children: ChildProcess[] = [];

beforeAll(() => {
  store = openStore(given.connection, { cacheFolder: join(given.folder, "cache") });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-server-"));
});
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function start(change: Record<string, string | undefined> = {}): Promise<ServerProgram> {
  const started = startServerProgram({ store: given.connection, folder, port: await findFreePort() }, { change });
  children.push(started.child);
  return started;
}

async function startReady(change: Record<string, string> = {}): Promise<ServerProgram> {
  const started = await start(change);
  const ready = () =>
    get(started.port, "/v2/health/ready").then(
      ({ status }) => status,
      () => 0,
    );
  await eventually(ready).toBe(200);
  return started;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = await exited;
  return code;
}

async function promote(bias: number): Promise<string> {
  const digest = await putPackage(store, bias);
  generation++;
  const { name, value } = release(generation, digest);
  await store.moveRef(name, { generation, value });
  return digest;
}

/** Sends requests from several clients until told to stop; calls `onReply` with each answer or the error instead. */
function load(port: number, onReply: (id: string, outcome: Awaited<ReturnType<typeof infer>> | Error) => void) {
  let sending = true;
  const clients = Array.from({ length: 4 }, async () => {
    while (sending) {
      const id = randomUUID();
      const outcome = await infer(port, ask({ wind: Math.random() }, { id })).catch((error: Error) => error);
      onReply(id, outcome);
      if (outcome instanceof Error) await sleep(5);
    }
  });
  return async () => {
    sending = false;
    await Promise.all(clients);
  };
}

describe("the program of a model server, on a real store", () => {
  it("changes versions under load and back, dropping nothing", async () => {
    const live = new Set([await promote(0)]);
    const { port } = await startReady();
    const digests: string[] = [];
    const failures: unknown[] = [];
    const stop = load(port, (_id, outcome) => {
      if (outcome instanceof Error || outcome.status !== 200) failures.push(outcome);
      else digests.push(outcome.answer.parameters.model_digest);
    });
    const [first] = live;
    for (const bias of [1, 2, 0]) {
      const before = digests.length;
      await eventually(() => digests.length - before).toBeGreaterThan(130);
      const digest = await promote(bias);
      live.add(digest);
      await eventually(() => digests.at(-1)).toBe(digest);
    }
    await eventually(() => digests.length).toBeGreaterThanOrEqual(500);
    await stop();
    expect(failures).toEqual([]);
    expect(new Set(digests)).toEqual(live);
    expect(digests.at(-1)).toBe(first);
    expect(await readRecords(join(folder, "segments"))).toHaveLength(digests.length);
  });

  it("has every acknowledged request in its segments after kill -9, and goes on from there", async () => {
    await promote(0);
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const { child, port } = await startReady();
      const stop = load(port, (id, outcome) => {
        if (!(outcome instanceof Error) && outcome.status === 200) acknowledged.add(id);
      });
      const before = acknowledged.size;
      await eventually(() => acknowledged.size - before).toBeGreaterThan(50);
      await end(child, "SIGKILL");
      await stop();
    }
    const { child, port } = await startReady();
    expect((await infer(port, ask({}, { id: "last" }))).status).toBe(200);
    expect(await end(child, "SIGTERM")).toBe(0);
    const records = await readRecords(join(folder, "segments"));
    const kept = new Set(records.map(({ id }) => id));
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, i) => i + 1));
    expect(records.at(-1)?.id).toBe("last");
  });

  it.each(["disk", "memory"])("finishes what is under way on SIGTERM and ends with 0 (%s)", async (durability) => {
    await promote(0);
    const { child, port, output } = await startReady({ STEWARD_LOG: JSON.stringify({ requests: "all", durability }) });
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    const stop = load(port, (id, outcome) => {
      if (outcome instanceof Error) return;
      if (outcome.status === 200) acknowledged.push(id);
      else refused.push(outcome);
    });
    await eventually(() => acknowledged.length).toBeGreaterThan(50);
    const finish = await sendHalf(port, ask({}, { id: "late" }));
    const ending = end(child, "SIGTERM");
    await eventually(output).toContain("ending after SIGTERM");
    expect(await finish()).toMatch(/^HTTP\/1.1 200 /);
    expect(await ending).toBe(0);
    await stop();
    expect(refused).toEqual([]);
    const kept = new Set((await readRecords(join(folder, "segments"))).map(({ id }) => id));
    expect([...acknowledged, "late"].filter((id) => !kept.has(id))).toEqual([]);
    expect(output()).not.toContain(given.connection.secretKey);
  });

  it("says every setting that is wrong, and none that is secret", async () => {
    const secret = "hush-hush";
    const { child, output } = await start({
      STEWARD_CONNECTION: `{"store":{"secretKey":"${secret}"`,
      STEWARD_PORT: "http",
      STEWARD_MODEL: undefined,
      STEWARD_LOG: '{"requests":"some"}',
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(1);
    for (const name of ["CONNECTION", "PORT", "MODEL", "LOG"]) expect(output()).toContain(`"STEWARD_${name}"`);
    expect(output()).toContain("[environment-variable-invalid]");
    expect(output()).not.toContain(secret);
  });
});
