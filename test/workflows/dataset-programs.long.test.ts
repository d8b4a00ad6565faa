/**
 * A derived dataset whose step is a Python program, with everything real: what is declared is uploaded, run by a worker in its
 * locked environment, and planned as it will run.
 * @module
 */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collectFacts } from "../../framework/cli/collect-facts.ts";
import { planCollection } from "../../framework/data/collection.ts";
import type { DatasetSpec, ProjectSpec } from "../../framework/definitions/spec.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { plan } from "../../framework/plan/plan.ts";
import type { Backend } from "../../framework/provider/backend.ts";
import { datasetResource } from "../../framework/provider/resources/dataset.ts";
import type { Properties } from "../../framework/provider/values.ts";
import { gatherFiles } from "../../stacks/gather.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { createFakeBackend, createFakeContext } from "../provider/fake-backend.ts";
import { visits } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "./given-engine.ts";

const actor = { id: "ann", via: "test" } as const;
const locked = join(import.meta.dirname, "../data/reader/arrow/arrow.lock");
const step = { step: "python", file: "clean.py", lock: "requirements.lock" } as const;
const clean: DatasetSpec = { ...visits, name: "clean", source: { kind: "derived", from: ["visits"], steps: [step] } };
const project: ProjectSpec = { name: "shop", environment: "test", definitions: [visits, clean] };

describe("a derived dataset with a program", { timeout: 300_000 }, () => {
  let stack: TestStack;
  let folder: string;
  let backend: Backend;
  let turn = 0;

  beforeAll(async () => {
    stack = await startTestStack(project.name);
    await stack.startWorker(await buildBundle(bundleFolder));
    folder = join(stack.scratch, "project");
    await mkdir(folder);
    await copyFile(locked, join(folder, step.lock));
    const body = `
import json, pyarrow.compute as pc, pyarrow.parquet as pq
from floor import floor
open(${JSON.stringify(join(folder, "runs"))}, "a").write("x")
if floor > 1000: raise ValueError("nobody spends that much")
step = json.load(open("step.json"))
table = pq.read_table(step["input"])
pq.write_table(table.filter(pc.greater(table["spent"], floor)), step["output"])
`;
    await writeFile(join(folder, step.file), body);
    const { engine, store } = stack;
    backend = { ...createFakeBackend(), engine: async () => engine, store: async () => store };
  });
  afterAll(() => stack.end());
  beforeEach(async () => {
    // Rows that no other test has: what was made for that is of no use to this one.
    turn++;
    await writeRows(10, 20, 30);
    await writeFloor(15);
    await rm(join(folder, "runs"), { force: true });
  });

  const writeRows = (...spent: readonly number[]) =>
    writeFile(
      join(folder, "visits.csv"),
      `at,shop,spent\n${spent.map((one) => `2026-01-01T00:00:00Z,north-${turn},${one}\n`).join("")}`,
    );
  const writeFloor = (floor: number) => writeFile(join(folder, "floor.py"), `floor = ${floor}\n`);
  const countRuns = async () => (await readFile(join(folder, "runs"), "utf8")).length;

  /** Deploys a dataset as `pulumi up` does, and gives its outputs. */
  async function deploy(spec: DatasetSpec, upstream?: Properties): Promise<Properties> {
    const { sources } = await gatherFiles(project, folder, {});
    const inputs = { project: project.name, connection: stack.connection, spec, ...sources[spec.name], upstream };
    return datasetResource.apply(JSON.parse(JSON.stringify(inputs)), createFakeContext(backend));
  }
  async function deployAll(): Promise<Properties> {
    const { root = "" } = await deploy(visits);
    return deploy(clean, { visits: root });
  }

  /** Why the derived dataset will be made. @returns nothing where it will not */
  async function foretell(): Promise<string | undefined> {
    const facts = await collectFacts({ project, loaded: { folder }, inputs: {} }, stack);
    const [, planned] = plan(project, facts).definitions;
    const [ingest] = planned?.consequences ?? [];
    return ingest && `${ingest.certainty.kind}: ${ingest.why}`;
  }

  const address = { project: project.name, kind: "dataset", name: clean.name } as const;
  async function until(isWanted: (status: EntityStatus) => boolean): Promise<EntityStatus> {
    for (let left = 600; ; left--) {
      const status = await stack.engine.status(address);
      if (status && isWanted(status)) return status;
      if (left === 0) throw new Error(`it never got there: ${JSON.stringify(status)}`);
      await delay(100);
    }
  }

  it("is made by it, made anew when a file of it changes, and not otherwise", async () => {
    expect(await foretell()).toMatch(/^unknown: /);
    const first = await deployAll();
    expect(first).toMatchObject({ state: "ready", rows: 2 });
    expect(await countRuns()).toBe(1);

    expect(await foretell()).toBeUndefined();
    expect(await deployAll()).toMatchObject({ root: first["root"] });
    const { generation } = await stack.engine.ingest(address, { actor });
    expect(await until(({ settled }) => settled >= generation)).toMatchObject({ summary: "nothing new: 2 rows" });
    expect(await countRuns()).toBe(1);

    await writeFloor(25);
    expect(await foretell()).toBe("will: the program of a step changed");
    const second = await deployAll();
    expect(second).toMatchObject({ state: "ready", rows: 1 });
    expect(second["root"]).not.toBe(first["root"]);
    expect(await countRuns()).toBe(2);

    await writeFloor(15);
    expect(await foretell()).toBeUndefined();
    expect(await deployAll()).toMatchObject({ root: first["root"] });
    expect(await countRuns()).toBe(2);
  });

  it("follows what it is derived from by running it again", async () => {
    await deployAll();
    await writeRows(10, 20, 30, 40);
    await deploy(visits);
    await until(({ live, state }) => state === "ready" && live?.kind === "dataset" && live.rows === 3);
    expect(await countRuns()).toBe(2);
  });

  it("says which step's program failed, with what it said, and keeps what was live", async () => {
    const { root } = await deployAll();
    await writeFloor(1001);
    await expect(deployAll()).rejects.toThrow(/nobody spends that much.*at clean\.source\.steps\[0\]\.python/s);
    expect(await stack.engine.status(address)).toMatchObject({ state: "failed", live: { root, rows: 2 } });
  });

  it("has its files kept while the store is collected", async () => {
    await deployAll();
    const { engine, store } = stack;
    const statuses = await engine.list(project.name);
    const now = new Date(Date.now() + 86_400_000).toISOString();
    const { kept } = await planCollection({ store, statuses, now, grace: 1 });
    const { desired } = (await engine.status(address)) ?? {};
    const programs = desired?.kind === "dataset" ? (desired.programs ?? []) : [];
    expect(programs).toHaveLength(1);
    const { sources } = await gatherFiles(project, folder, {});
    const files = sources["clean"]?.programs?.flatMap(({ files }) => files) ?? [];
    expect(files.map(({ path }) => path)).toEqual(["clean.py", "floor.py", "requirements.lock"]);
    const digests = new Set(kept.map(({ sha256 }) => sha256));
    for (const { sha256 } of [...programs, ...files]) expect(digests).toContain(sha256);
  });
});
