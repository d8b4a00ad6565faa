/**
 * Versions on trial in a server of two processes, one of which ends while it is asked.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { routingRefName } from "../../../framework/serving/variants/routing.ts";
import { openStore, type Store } from "../../../framework/store/store.ts";
import {
  graph,
  graphAttribute,
  integerAttribute,
  integerTensor,
  node,
  model as onnx,
  value,
} from "../../models/onnx-bytes.ts";
import { findFreePort } from "../../support/minio.ts";
import { startServerProgram } from "../../support/server-program.ts";
import { useStore } from "../../support/test-store.ts";
import { ask, eventually, model, putPackage } from "../storm-model.ts";
import { endpoint, readEvidence, routing } from "../variants/given-routing.ts";

const given = useStore();
let store: Store;
let folder: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  store = openStore(given.connection, { cacheFolder: join(given.folder, "cache") });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-ended-"));
});
afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
});

/** A model that turns a loop as often as the largest of a row's numbers says: it answers a small wind, and a large one hardly ever. */
function createSpinningOnnx(): Uint8Array {
  const row = ["rows", 3] as const;
  const turn = graph({
    inputs: [value("turn", "int64", []), value("on", "bool", []), value("same", "float", row)],
    outputs: [value("still", "bool", []), value("next", "float", row)],
    nodes: [
      node({ op: "Identity", inputs: ["on"], outputs: ["still"] }),
      node({ op: "Identity", inputs: ["same"], outputs: ["next"] }),
    ],
  });
  return onnx(
    graph({
      inputs: [value("features", "float", row)],
      outputs: [value("probability", "float", ["rows", 1])],
      tensors: [integerTensor("columns", [1], [1n])],
      nodes: [
        node({
          op: "ReduceMax",
          inputs: ["features"],
          outputs: ["most"],
          attributes: [integerAttribute("keepdims", 0)],
        }),
        node({ op: "Cast", inputs: ["most"], outputs: ["turns"], attributes: [integerAttribute("to", 7)] }),
        node({
          op: "Loop",
          inputs: ["turns", "", "features"],
          outputs: ["end"],
          attributes: [graphAttribute("body", turn)],
        }),
        node({ op: "ReduceSum", inputs: ["end", "columns"], outputs: ["sum"] }),
        node({ op: "Sigmoid", inputs: ["sum"], outputs: ["probability"] }),
      ],
    }),
  );
}

let generation = 0;

async function start(variants: Parameters<typeof routing>[1]) {
  generation++;
  await store.moveRef(routingRefName(endpoint), { generation, value: routing(generation, variants) });
  const port = await findFreePort();
  const program = startServerProgram(
    { store: given.connection, folder, port },
    { change: { STEWARD_SERVER_PROCESSES: "2" }, detached: true },
  );
  child = program.child;
  const ready = async () => (await readEvidence(port).catch(() => undefined))?.variants.length ?? program.output();
  await eventually(ready).toBe(variants.length);
  return { port, output: program.output };
}

/** Asks for an answer on a connection of its own. */
async function infer(port: number, wind: number, unit: string) {
  const answer = await fetch(`http://127.0.0.1:${port}/v2/models/${model}/infer`, {
    method: "POST",
    body: JSON.stringify(ask({ wind })),
    headers: { connection: "close", "steward-unit": unit },
  });
  await answer.arrayBuffer();
  return answer.headers.get("steward-variant");
}

/** Kills the process that is asking a version on trial. */
async function killAsking(): Promise<void> {
  const found = spawn("pgrep", ["-P", String(child?.pid)], { stdio: ["ignore", "pipe", "inherit"] });
  const pids = (await text(found.stdout))
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
  const indexOf = async (pid: number) =>
    /STEWARD_PROCESS=(\d)/.exec(await readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""))?.[1];
  const indices = await Promise.all(pids.map(indexOf));
  let asking: number | undefined;
  await eventually(async () => {
    asking = undefined;
    for (const [i, index] of indices.entries())
      if (index !== undefined && (await isAsking(Number(index)))) asking = pids[i];
    return asking;
  }).toEqual(expect.any(Number));
  process.kill(asking ?? expect.fail("there is no such process"), "SIGKILL");
}

/** Whether a process has a run under way of a version on trial, as its records say. */
async function isAsking(index: number): Promise<boolean> {
  const own = join(folder, "segments", ...(index === 0 ? [] : [`process-${index}`]));
  const names = (await readdir(own).catch(() => [])).filter((name) => name.startsWith("trial-"));
  const heads = await Promise.all(names.map((name) => readFile(join(own, name)).catch(() => Buffer.alloc(8))));
  return heads.some((bytes) => bytes.readUInt32LE(0) + bytes.readUInt32LE(4) > 0);
}

async function putSpinning(): Promise<string> {
  const { sha256, size } = await store.putBytes(createSpinningOnnx());
  return putPackage(store, 0, { onnx: { sha256, size } });
}

it("ends of processes count against a canary, a shadow over which they end is asked no more, and callers are answered on", async () => {
  const spinning = await putSpinning();
  const { port, output } = await start([
    { package: await putPackage(store, 0), weight: 5000 },
    { name: "canary", version: 2, package: spinning, weight: 5000 },
    { name: "shadow-storm", version: 3, package: spinning, weight: 0, mirror: 10_000 },
  ]);
  const find = async (name: string) => (await readEvidence(port)).variants.find((one) => one.name === name);
  const units = new Map<string | null, string>();
  for (let unit = 0; units.size < 2; unit++) units.set(await infer(port, 1, String(unit)), String(unit));
  expect(await find("canary")).not.toHaveProperty("ended");

  void infer(port, 1e12, units.get("canary") ?? "").catch(() => undefined);
  await killAsking();
  await eventually(() => find("canary")).toMatchObject({ failed: 1, ended: 1 });
  expect((await find("canary"))?.answered).toBeGreaterThan(0);
  expect(output()).toContain('it ended while variant "canary", version 2 of storm, was asked');

  for (const ends of [1, 2]) {
    await infer(port, 1e12, units.get("champion") ?? "");
    await killAsking();
    await eventually(() => find("shadow-storm")).toMatchObject({ failed: 0, compared: { failed: ends }, ended: ends });
  }
  expect(output()).toContain('variant "shadow-storm" is asked unseen no more until its model has another release');
  const metrics = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: "close" } });
    const found = (await answer.text()).matchAll(
      /^steward_variant_given_up\{variant="shadow-storm",process="\d"\} (\d)$/gm,
    );
    return [...found].map(([, said]) => said);
  };
  await eventually(metrics).toEqual(["1", "1"]);
  for (let i = 0; i < 20; i++) await infer(port, 1e12, units.get("champion") ?? "");
  expect([await isAsking(0), await isAsking(1)]).toEqual([false, false]);
  expect(await find("canary")).toMatchObject({ failed: 1, ended: 1 });
  expect(await find("champion")).toMatchObject({ failed: 0 });
}, 120_000);

it("a server that is killed as a whole while it asks a canary counts against it as one end", async () => {
  const spinning = await putSpinning();
  const variants = [
    { package: await putPackage(store, 0), weight: 5000 },
    { name: "canary", version: 2, package: spinning, weight: 5000 },
  ];
  const { port } = await start(variants);
  const units: string[] = [];
  for (let unit = 0; units.length === 0; unit++)
    if ((await infer(port, 1, String(unit))) === "canary") units.push(String(unit));
  for (let i = 0; i < 8; i++) void infer(port, 1e12, units[0] ?? "").catch(() => undefined);
  // Both processes are asking it, mostly.
  await eventually(async () => (await isAsking(0)) || (await isAsking(1))).toBe(true);
  const exited = once(child ?? expect.fail("there is no server"), "exit");
  process.kill(-(child?.pid ?? 0), "SIGKILL");
  await exited;
  const again = await start(variants);
  const find = async () => (await readEvidence(again.port)).variants.find(({ name }) => name === "canary");
  await eventually(find).toMatchObject({ answered: 0, ended: 1 });
  expect((await find())?.failed).toBeGreaterThan(0);
  expect(again.output()).toContain('before: it ended while variant "canary", version 2 of storm, was asked');
}, 120_000);
