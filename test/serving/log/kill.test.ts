/**
 * What was acknowledged under load is there after kill -9, again and again, and what is missing is known to be.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { listReplicas } from "../../../framework/serving/log/list-parts.ts";
import { readNewest } from "../../../framework/serving/log/read-records.ts";
import type { RecordRow } from "../../../framework/serving/log/record-columns.ts";
import { openStore } from "../../../framework/store/store.ts";
import { findFreePort } from "../../support/minio.ts";
import { startServerProgram } from "../../support/server-program.ts";
import { useStore } from "../../support/test-store.ts";
import { ask, eventually, get, infer, putPackage, release } from "../storm-model.ts";

const given = useStore();

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

async function start(endpoint: string, folder: string, durability: string): Promise<Started> {
  const port = await findFreePort();
  const change = {
    STEWARD_ENDPOINT: endpoint,
    STEWARD_SEGMENTS: folder,
    STEWARD_LOG: JSON.stringify({ requests: "all", durability, ship: "1 second" }),
  };
  const { child } = startServerProgram({ store: given.connection, folder: given.folder, port }, { change });
  onTestFinished(() => void child.kill("SIGKILL"));
  const isReady = () =>
    get(port, "/v2/health/ready").then(
      ({ status }) => status,
      () => 0,
    );
  await eventually(isReady).toBe(200);
  return { child, port };
}

async function end({ child }: Started, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

/** Asks from several clients until told to stop; the ids of what was answered with 200 come into `acknowledged`. */
function load(port: number, acknowledged: Set<string>): () => Promise<void> {
  let goesOn = true;
  const clients = Array.from({ length: 4 }, async () => {
    while (goesOn) {
      const id = randomUUID();
      const outcome = await infer(port, ask({ wind: Math.random() }, { id })).catch(() => undefined);
      if (outcome?.status === 200) acknowledged.add(id);
      else await sleep(5);
    }
  });
  return async () => {
    goesOn = false;
    await Promise.all(clients);
  };
}

/** The numbers of each replica between its first and its last record that no record has. */
function findHoles(rows: readonly RecordRow[]): Map<string, number[]> {
  const byReplica = new Map<string, Set<number>>();
  for (const { replica, sequence } of rows) {
    const numbers = byReplica.get(String(replica)) ?? new Set();
    byReplica.set(String(replica), numbers.add(Number(sequence)));
  }
  return new Map(
    [...byReplica].map(([replica, numbers]) => {
      const last = Math.max(...numbers);
      return [replica, Array.from({ length: last }, (_, i) => i + 1).filter((number) => !numbers.has(number))];
    }),
  );
}

it.each([
  { durability: "disk", loses: "nothing" },
  { durability: "store", loses: "the folder" },
  { durability: "memory", loses: "nothing" },
])(
  "kill -9 under load loses no record that was acknowledged ($durability), and no gap goes unreported",
  async ({ durability, loses }) => {
    const store = openStore(given.connection);
    const endpoint = `storms-${durability}`;
    const folder = join(given.folder, endpoint);
    const address = { endpoint, stream: "requests" };
    const digest = await putPackage(store, 0);
    const { name, generation, value } = release(1, digest);
    await store.moveRef(name, { generation, value });
    const acknowledged = new Set<string>();
    for (let round = 0; round < 2; round++) {
      const server = await start(endpoint, folder, durability);
      const before = acknowledged.size;
      const stop = load(server.port, acknowledged);
      // Some rounds are killed while a segment is being shipped, some before.
      await eventually(() => acknowledged.size - before).toBeGreaterThan(100);
      await sleep(round * 1200);
      await end(server, "SIGKILL");
      await stop();
      if (loses === "the folder") await rm(folder, { recursive: true, force: true });
    }
    const last = await start(endpoint, folder, durability);
    const stop = load(last.port, acknowledged);
    await eventually(async () => (await listReplicas(store, address)).length).toBeGreaterThan(0);
    await stop();
    const waiting = async () => {
      const text = await (await fetch(`http://127.0.0.1:${last.port}/metrics`)).text();
      return /^steward_log_unshipped_records\{stream="requests"\} (\d+)$/m.exec(text)?.[1];
    };
    await eventually(waiting).toBe("0");
    await end(last, "SIGTERM");
    const rows = await readNewest({ store, address, folder, filter: {}, limit: 1_000_000 });
    const kept = new Set(rows.map(({ id }) => id));
    const missing = [...acknowledged].filter((id) => !kept.has(id));
    const heads = await listReplicas(store, address);
    const reported = new Map(heads.map(({ replica, head }) => [replica, head.missing]));
    const unreported = [...findHoles(rows)].flatMap(([replica, holes]) =>
      holes.filter((number) => !reported.get(replica)?.some(({ from, to }) => from <= number && number <= to)),
    );
    expect(unreported).toEqual([]);
    expect(kept.size).toBe(rows.length);
    // What was only in memory may be lost, and then is known to be.
    const known = [...reported.values()].flat().reduce((sum, { from, to }) => sum + to - from + 1, 0);
    if (durability === "memory") expect(missing.length).toBeLessThanOrEqual(known);
    else {
      expect(missing).toEqual([]);
      expect(known).toBe(0);
    }
  },
  120_000,
);
