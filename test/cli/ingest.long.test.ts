/**
 * `steward ingest` and `steward data readmit` as a person types them, on a real stack.
 * @module
 */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprintSource } from "../../framework/data/fingerprint.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { desireDataset } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { loadProject } from "../../framework/project/load-project.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "../workflows/given-engine.ts";
import { localStack, rowsProject, Workspace } from "./steward.ts";

const project = rowsProject
  .replace("z.object({ at: z.date() })", "z.object({ at: z.date(), spent: z.int().max(100) })")
  .replace(
    'source: csv("rows.csv")',
    'source: csv("rows.csv"), contract: { violations: "quarantine", tolerance: 0.9 }',
  );
const csv = "at,spent\n2024-01-01T00:00:00Z,1\n2024-01-02T00:00:00Z,200\n2024-01-03T00:00:00Z,many\n";

describe("the commands that make versions", { timeout: 180_000 }, () => {
  let stack: TestStack;
  let workspace: Workspace;
  beforeAll(async () => {
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder));
    workspace = new Workspace({ "Pulumi.local.yaml": localStack, "project.ts": project, "rows.csv": csv });
    mkdirSync(join(workspace.folder, ".steward/stacks"), { recursive: true });
    symlinkSync(stack.folder, join(workspace.folder, ".steward/stacks/local"));
    await deploy();
  });
  afterAll(async () => {
    workspace[Symbol.dispose]();
    await stack.end();
  });

  /** Tells the dataset's entity what the project says, as a deploy does. */
  async function deploy(): Promise<void> {
    const root = workspace.folder;
    const { spec } = await loadProject({ file: join(root, "project.ts"), environment: "local", root });
    const dataset = spec.definitions.find((one): one is DatasetSpec => one.kind === "dataset");
    if (!dataset) throw new Error("the project has no dataset");
    await stack.store.putJson(dataset);
    const location = join(root, "rows.csv");
    const fingerprint = await fingerprintSource(location, { cacheFolder: join(stack.scratch, "fingerprints") });
    const desired = desireDataset(dataset, { location, fingerprint, upstream: undefined });
    const entity = { project: "shop", kind: "dataset", name: "rows" } as const;
    const actor = { id: "ann", via: "test" } as const;
    const message = { actor, owner: stack.connection.owner, adopt: false, digest: digestOf(desired), desired };
    const { generation } = await stack.engine.apply(entity, message);
    for (let status = await stack.engine.status(entity); (status?.settled ?? 0) < generation; await delay(100))
      status = await stack.engine.status(entity);
  }

  it("say what came of it: a version, or that nothing is new", async () => {
    expect(await workspace.run("ingest", "rows")).toMatchObject({
      code: 0,
      stdout: "✔ rows: nothing new: version 1 stays, 1 rows, 2 quarantined\n",
    });
    workspace.write({ "rows.csv": `${csv}2024-01-04T00:00:00Z,2\n` });
    const made = await workspace.run("ingest", "rows", "--as", "bob");
    expect(made).toMatchObject({ code: 0, stdout: "✔ rows: version 2, 2 rows, 2 quarantined\n" });
    expect(made.stderr).toContain("ingesting: the source has something new");
    const { stdout } = await workspace.run("ingest", "rows", "--from", "2024-01-01", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ dataset: "rows", state: "ready", isNew: false, live: { number: 2 } });
    expect((await workspace.run("plan", "--json")).stdout).not.toContain('"ingest"');
    expect(await workspace.run("ingest", "others")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no dataset "others" in project "shop"'),
    });
  });

  it("take rows back out of quarantine, say by whom and why, and leave them there again", async () => {
    const refused = await workspace.run("data", "readmit", "rows", "--all", "--because", "why not");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain('Row 3 has a "spent" that is no integer (got "many", expected integer)');
    const words = ["data", "readmit", "rows", "--where", "spent is above", "--because", "a real sale", "--as", "bob"];
    expect(await workspace.run(...words)).toMatchObject({ code: 0, stdout: "✔ rows: 3 rows, 1 quarantined\n" });
    expect((await workspace.run("data", "show", "rows")).stdout).toMatch(/1 row +by bob \(cli\) +a real sale/);
    expect((await workspace.run("data", "log", "rows")).stdout).toMatch(/3 live.*readmitted.*by bob \(cli\)/);
    expect((await workspace.run("ingest", "rows")).stdout).toContain("nothing new: version 3 stays, 3 rows");
    expect((await workspace.run("plan", "--json")).stdout).not.toContain('"ingest"');
    expect(await workspace.run("data", "readmit", "rows", "--undo", "1")).toMatchObject({
      code: 0,
      stdout: "✔ rows: 2 rows, 2 quarantined\n",
    });
    expect(await workspace.run("data", "readmit", "rows", "--undo", "1")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no decision 1 on rows of dataset"),
    });
  });
});
