import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { reservedColumns, type TrainingSet } from "../../framework/features/training-set.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { readKeptReports } from "../../framework/training/kept-reports.ts";
import type { JobReport } from "../../framework/training/run.ts";
import { type RunStore, type TrainOptions, train } from "../../framework/training/train.ts";
import { linearModel } from "../models/onnx-bytes.ts";

const run = promisify(execFile);

let root: string;
let folder: string;
/** Where npm finds the one package there is, and the digest of its bytes. */
let forest: { readonly resolved: string; readonly integrity: string };
let rows: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-test-"));
  await mkdir(join(root, "package"));
  await writeFile(join(root, "package", "package.json"), '{"name":"forest","version":"1.0.0","main":"index.js"}');
  await writeFile(join(root, "package", "index.js"), "exports.depth = 7;");
  const archive = join(root, "forest-1.0.0.tgz");
  await run("tar", ["-czf", archive, "-C", root, "package"]);
  const digest = createHash("sha512")
    .update(await readFile(archive))
    .digest("base64");
  forest = { resolved: pathToFileURL(archive).href, integrity: `sha512-${digest}` };
  rows = join(root, "rows.parquet");
  const values = `(3.5, 'SFO', true), (NULL, NULL, false), (1, 'LAX', true)`;
  await withDuckDb(root, (db) =>
    db.run(
      `COPY (SELECT * FROM (VALUES ${values}) AS t(hour, origin, ${reservedColumns.label})) TO '${rows}' (FORMAT parquet)`,
    ),
  );
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
  await mkdir(join(folder, "objects"));
});

async function put(bytes: Uint8Array | string): Promise<Reference> {
  const sha256 = digestBytes(bytes);
  await writeFile(join(folder, "objects", sha256), bytes);
  return { sha256, size: Buffer.byteLength(bytes) };
}

const store: RunStore = {
  fetchFile: async ({ sha256 }) => join(folder, "objects", sha256),
  putFile: async (path) => put(await readFile(path)),
  putJson: (value) => put(toCanonicalJson(value)),
};

const model = JSON.stringify([...linearModel([1, 2])]);
/** A trainer that saves a model after what `body` does. */
const trainer = (body: string, imports = "") => `
import { type Job, job as findJob } from "steward/job";
${imports}
const job: Job = findJob();
${body}
await job.save(Uint8Array.from(${model}));`;

async function describeTraining(files: Readonly<Record<string, string>>, lock: object = {}): Promise<TrainOptions> {
  const split = {
    object: await put(await readFile(rows)),
    rows: 3,
    from: "2001-01-01T00:00:00Z",
    to: "2001-01-02T00:00:00Z",
  };
  const trainingSet: TrainingSet = {
    format: "training-set/2",
    identity: "set",
    task: "binary",
    features: [
      { name: "hour", type: "number" },
      { name: "origin", type: "category" },
    ],
    categories: { origin: ["JFK", "SFO"] },
    prior: 0.2,
    splits: { train: split, validation: split, test: split },
    slices: [],
  };
  const given = {
    "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages: { "": {}, ...lock } }),
    ...files,
  };
  const placed = Object.entries(given).map(async ([path, content]) => ({ path, object: await put(content) }));
  const job = {
    name: "late-training",
    identity: "a".repeat(64),
    trainingSet,
    trainingSetDigest: "b".repeat(64),
    trainer: {
      format: "trainer/1" as const,
      kind: "typescript" as const,
      entry: "train.ts",
      lock: "package-lock.json",
      files: await Promise.all(placed),
    },
    trainerReference: await put("closure"),
    params: { leaves: 31 },
    seed: 7,
    resources: { cpu: 1, memory: "1 GiB" },
  };
  const tools = { uv: "", python: "", cacheFolder: join(folder, "cache") };
  return { job, store, workFolder: join(folder, "work"), tools };
}

describe("a TypeScript trainer", () => {
  it("gets its rows, parameters and files, and leaves a model that is admitted", async () => {
    const reports: JobReport[] = [];
    const options = await describeTraining({
      "train.ts": trainer(
        `const { count, columns, label } = await job.train();
console.log("rows", count, Object.keys(columns), [...columns.hour], [...columns.origin], [...label]);
console.log("given", job.params.leaves, job.seed, job.task, job.cpu, name);
job.report(1, { of: 2, metrics: { auc: 0.6, loss: Number.NaN } });
job.report(2, { of: 2, metrics: { auc: 0.7 } });`,
        'import { name } from "./parts/name.ts";',
      ),
      "parts/name.ts": 'export const name: string = "part";',
    });
    const { run: recorded } = await train({ ...options, onReport: (report) => reports.push(report) });
    const log = await readFile(await store.fetchFile(recorded.log), "utf8");
    expect(log).toContain("rows 3 [ 'hour', 'origin' ] [ 3.5, NaN, 1 ] [ 1, -1, -1 ] [ 1, 0, 1 ]");
    expect(log).toContain("given 31 7 binary 1 part");
    expect(log).not.toContain("Warning");
    expect(reports).toEqual([
      { step: 1, of: 2, metrics: { auc: 0.6 } },
      { step: 2, of: 2, metrics: { auc: 0.7 } },
    ]);
    expect(recorded).toMatchObject({ node: process.versions.node, metrics: { auc: 0.7 } });
    expect(recorded).not.toHaveProperty("python");
    expect(recorded.onnx.sha256).toBe(digestBytes(linearModel([1, 2])));
  });

  it("has the packages that its lock says, installed once", async () => {
    const files = { "train.ts": trainer('console.log("depth", forest.depth);', 'import forest from "forest";') };
    const lock = { "node_modules/forest": { version: "1.0.0", ...forest } };
    const options = await describeTraining(files, lock);
    const steps: string[] = [];
    const { run: recorded } = await train({ ...options, onProgress: (step) => steps.push(step) });
    expect(await readFile(await store.fetchFile(recorded.log), "utf8")).toContain("depth 7");
    expect(steps).toContain("installing the packages of the trainer");
    const again: string[] = [];
    await train({ ...options, onProgress: (step) => again.push(step) });
    expect(again).toEqual([]);
    const kept = await readdir(join(folder, "cache", "node-packages"));
    expect(kept.filter((name) => !name.endsWith(".lock"))).toHaveLength(1);
  });

  it("is refused a package whose bytes are not those of its lock", async () => {
    const files = { "train.ts": trainer("", 'import forest from "forest";') };
    const integrity = `sha512-${createHash("sha512").update("other").digest("base64")}`;
    const options = await describeTraining(files, {
      "node_modules/forest": { version: "1.0.0", ...forest, integrity },
    });
    await expect(train(options)).rejects.toMatchObject({
      problems: [{ code: "environment-failed", at: "late-training.trainer.lock" }],
    });
    const left = await readdir(join(folder, "cache", "node-packages"));
    expect(left.filter((name) => !name.endsWith(".lock"))).toEqual([]);
  });

  it("is refused a package that its lock does not have", async () => {
    const options = await describeTraining({ "train.ts": trainer("", 'import forest from "forest";') });
    await expect(train(options)).rejects.toMatchObject({ problems: [{ code: "packages-unlocked", got: "forest" }] });
  });

  it("goes on from its last checkpoint when it was ended in the middle", async () => {
    const options = await describeTraining({
      "train.ts": trainer(`
const state = (await job.resume<{ done: number }>()) ?? { done: 0 };
console.log("from", state.done);
for (let done = state.done + 1; done <= 6; done += 1) {
  job.report(done, { of: 6 });
  if (done === 4 && state.done === 0) process.kill(process.pid, "SIGTERM");
  await job.checkpoint({ done });
}`),
    });
    await expect(train(options)).rejects.toMatchObject({ problems: [{ code: "training-preempted" }] });
    const { run: recorded } = await train(options);
    expect(recorded.attempts).toMatchObject([
      { how: "preempted" },
      { how: "succeeded", resumedFrom: { checkpoint: 4, step: 4 } },
    ]);
    expect(await readFile(await store.fetchFile(recorded.log), "utf8")).toContain("from 4");
  });

  it("keeps what it reports before anybody can read it", async () => {
    const options = await describeTraining({
      "train.ts": trainer(`
const die = (): boolean => process.kill(process.pid, "SIGKILL");
job.report(1, { metrics: { loss: 0.5 } });
await job.checkpoint({});
process.stdout.write = die;
job.report(2, { metrics: { loss: 0.4 } });`),
    });
    await expect(train(options)).rejects.toThrow("signal SIGKILL");
    expect(await readKeptReports(join(folder, "work"), options.job.identity)).toEqual([
      [
        { step: 1, metrics: { loss: 0.5 } },
        { step: 2, metrics: { loss: 0.4 } },
      ],
    ]);
  });

  it("shows its last lines when it fails", async () => {
    const options = await describeTraining({ "train.ts": 'throw new Error("no rows of JFK");' });
    await expect(train(options)).rejects.toThrow(/"train.ts" ended with exit code 1[\s\S]*no rows of JFK/);
  });
});
