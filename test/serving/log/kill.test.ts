/**
 * What was acknowledged under load is there after kill -9, again and again, and what is missing is known to be.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { ModelPackage } from "../../../framework/models/model-package.ts";
import { listReplicas } from "../../../framework/serving/log/list-parts.ts";
import { readNewest } from "../../../framework/serving/log/read-records.ts";
import type { RecordRow } from "../../../framework/serving/log/record-columns.ts";
import { openStore } from "../../../framework/store/store.ts";
import { findFreePort } from "../../support/minio.ts";
import { startServerProgram } from "../../support/server-program.ts";
import { useStore } from "../../support/test-store.ts";
import { eventually, get, infer, putPackage, release } from "../storm-model.ts";

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

/** Numbers alone, which may be asked as one tensor: of what is then logged together, all but the first record is short. */
const inputs = ["wind", "rain", "region"];
const numbers: Partial<ModelPackage> = {
  inputs: inputs.map((name) => ({ name, type: "number" })),
  categories: {},
  example: Object.fromEntries(inputs.map((name) => [name, 0.5])),
};

/** Asks from several clients until told to stop; by its id comes into `acknowledged` what of that which was answered with 200 was asked. */
function load(port: number, acknowledged: Map<string, readonly number[]>): () => Promise<void> {
  let goesOn = true;
  const clients = Array.from({ length: 8 }, async () => {
    while (goesOn) {
      const id = randomUUID();
      const data = inputs.map(() => Math.random());
      const tensor = { name: "features", datatype: "FP64", shape: [1, inputs.length], data };
      const outcome = await infer(port, { id, inputs: [tensor] }).catch(() => undefined);
      if (outcome?.status === 200) acknowledged.set(id, data);
      else await sleep(5);
    }
  });
  return async () => {
    goesOn = false;
    await Promise.all(clients);
  };
}

/** What lies in the segments of a folder. */
async function readLines(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("");
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
    const digest = await putPackage(store, 0, numbers);
    const { name, generation, value } = release(1, digest);
    await store.moveRef(name, { generation, value });
    const acknowledged = new Map<string, readonly number[]>();
    for (let round = 0; round < 2; round++) {
      const server = await start(endpoint, folder, durability);
      const before = acknowledged.size;
      const stop = load(server.port, acknowledged);
      // Some rounds are killed while a segment is being shipped, some before.
      await eventually(() => acknowledged.size - before).toBeGreaterThan(100);
      await sleep(round * 1200);
      await end(server, "SIGKILL");
      await stop();
      if (durability === "disk") expect(await readLines(folder)).toContain('"like":');
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
    const kept = new Map(
      rows.map(({ id, inputs: said }) => [String(id), Object.values(JSON.parse(String(said))).flat()]),
    );
    const missing = [...acknowledged.keys()].filter((id) => !kept.has(id));
    for (const [id, asked] of acknowledged) expect(kept.get(id) ?? asked).toEqual(asked);
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
