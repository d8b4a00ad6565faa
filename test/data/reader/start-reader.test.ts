import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Progress } from "../../../framework/data/progress.ts";
import { type FileReading, readSourceFiles } from "../../../framework/data/read-source-files.ts";
import { type ReaderLimits, startReader } from "../../../framework/data/reader/start-reader.ts";
import { closeWarmReaders } from "../../../framework/data/reader/warm-reader.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { failure } from "../../support/failure.ts";
import { type TestColumn, testSpec } from "../ingesting.ts";

let root = "";
let turn = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-reader-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const spec = testSpec([{ name: "amount", type: "integer" }]);

/** A file beside an empty folder to read it into. */
async function prepare(content: string, format: "csv" | "json" = "csv") {
  const folder = join(root, String(++turn));
  await mkdir(folder);
  const path = join(root, `${turn}.${format}`);
  await writeFile(path, content);
  return { folder, path };
}

async function readAll(options: Parameters<typeof readSourceFiles>[0]): Promise<FileReading[]> {
  const readings: FileReading[] = [];
  for await (const reading of readSourceFiles(options)) readings.push(reading);
  return readings;
}

/** The readers of this process. */
async function findReaders(): Promise<{ readonly pid: string; readonly environment: string }[]> {
  const found = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [command, status] = await Promise.all(
      ["cmdline", "status"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")),
    );
    if (!command?.includes("source-reader") || !status?.includes(`\nPPid:\t${process.pid}\n`)) continue;
    found.push({ pid, environment: await readFile(`/proc/${pid}/environ`, "utf8") });
  }
  return found;
}

const line = (index: number) => `2024-01-01T00:00:${String(index % 60).padStart(2, "0")},${index}\n`;
const csv = (rows: number) => `t,amount\n${Array.from({ length: rows }, (_, index) => line(index)).join("")}`;

describe("a reader", () => {
  it("reads many files in one process, and leaves nothing but what it names", async () => {
    const { folder, path } = await prepare(csv(3));
    const other = await prepare("t,amount\n2024-01-01,1\n2024-01-01,x\n");
    const files = [
      { name: "a", path },
      { name: "b", path: other.path },
      { name: "c", path },
    ];
    const pids = new Set<string>();
    const readings: FileReading[] = [];
    for await (const reading of readSourceFiles({ spec, files, folder })) {
      readings.push(reading);
      if (process.platform === "linux") for (const { pid } of await findReaders()) pids.add(pid);
    }
    expect(pids.size).toBe(process.platform === "linux" ? 1 : 0);
    expect(readings.map(({ name, rows, broken }) => [name, rows, broken])).toEqual([
      ["a", 3, 0],
      ["b", 2, 1],
      ["c", 3, 0],
    ]);
    const named = readings.flatMap(({ parts, quarantine }) => [...parts, ...(quarantine ? [quarantine] : [])]);
    expect((await readdir(folder)).map((name) => join(folder, name)).sort()).toEqual(
      named.map(({ path }) => path).sort(),
    );
  });

  it.runIf(process.platform === "linux")("is told nothing of the environment, and ends with its reader", async () => {
    process.env["STEWARD_TEST_CANARY"] = "canary";
    const { folder, path } = await prepare(csv(3));
    await closeWarmReaders();
    const reader = await startReader({ folder });
    await reader.read({ spec, name: "", path });
    const running = await findReaders();
    expect(running).toHaveLength(1);
    expect(running[0]?.environment).not.toContain("canary");
    await reader.close();
    expect(await findReaders()).toEqual([]);
    delete process.env["STEWARD_TEST_CANARY"];
  });

  it("tells how far it is", async () => {
    const { folder, path } = await prepare(csv(1000));
    const heard: Progress[] = [];
    await readAll({ spec, files: [{ name: "", path }], folder, onProgress: (progress) => heard.push(progress) });
    expect(heard).toContainEqual({ phase: "checking", done: 100, total: 100, unit: "percent" });
    expect(heard).toContainEqual({ phase: "writing", done: 1000, total: 1000, unit: "rows" });
  });

  it("is ended by an abort, whose reason is thrown, and leaves nothing", async () => {
    const { folder, path } = await prepare(csv(200_000));
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error("called off"));
    const reading = readAll({ spec, files: [{ name: "", path }], folder, signal: controller.signal, onProgress });
    await expect(reading).rejects.toThrow("called off");
    expect(await readdir(folder)).toEqual([]);
  });

  it("goes on after a file that it refuses, and says the file's path as it was given", async () => {
    const { folder, path } = await prepare(csv(3));
    const reader = await startReader({ folder });
    const refused = await failure(reader.read({ spec, name: "", path: `${path}-gone` }));
    expect(refused.problems).toMatchObject([{ code: "source-missing", at: "things.source", file: `${path}-gone` }]);
    expect(await reader.read({ spec, name: "", path })).toMatchObject({ rows: 3 });
    await reader.close();
  });
});

describe("a file that a reader does not survive", () => {
  const texts = testSpec([{ name: "s", type: "string" }]);
  const many: TestColumn[] = Array.from({ length: 400 }, (_, index) => ({ name: `c${index}`, type: "number" }));

  /** What is said of the second of two files, the first being sound; nothing of it is left. */
  async function fail(limits: ReaderLimits, spec: DatasetSpec, contents: readonly [sound: string, other: string]) {
    const { folder, path } = await prepare(contents[1]);
    const sound = await prepare(contents[0]);
    const files = [
      { name: "sound", path: sound.path },
      { name: "other", path },
    ];
    const error = await failure(readAll({ spec, files, folder, limits }));
    expect(error.problems).toMatchObject([{ code: "source-unreadable", at: "things.source", file: path }]);
    expect(await readdir(folder)).toEqual(["file-0-part-0.parquet"]);
    return error.problems[0]?.what;
  }

  it.each<[string, ReaderLimits]>([
    ["memory", { memoryBytes: 160_000_000 }],
    ["disk", { diskBytes: 10_000_000 }],
  ])("because of its limit of %s is named, with the reason", async (reason, limits) => {
    const lines = Array.from({ length: 300_000 }, () => `2024-01-01,${randomBytes(100).toString("hex")}\n`);
    expect(await fail(limits, texts, ["t,s\n2024-01-01,x\n", `t,s\n${lines.join("")}`])).toContain(reason);
  });

  it("because it gets no further for too long is named, with the reason", async () => {
    const wide = `t,${many.map(({ name }) => name).join(",")}\n2024-01-01${",1.5".repeat(many.length)}\n`;
    const { folder, path } = await prepare(wide);
    const options = { spec: testSpec(many), files: [{ name: "", path }], folder, limits: { stallSeconds: 0.1 } };
    const { problems } = await failure(readAll(options));
    expect(problems).toMatchObject([{ file: path, what: "Reading the source made no progress for 0.1 s" }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("because it crashes is named, with the signal", async () => {
    const { folder, path } = await prepare(
      `{"t":"2024-01-01","amount":1,"x":${'{"a":'.repeat(1e6)}1${"}".repeat(1e6)}}`,
      "json",
    );
    const json = testSpec([{ name: "amount", type: "integer" }], {
      source: { kind: "file", format: "json", path: "x" },
    });
    const error = await failure(readAll({ spec: json, files: [{ name: "", path }], folder }));
    expect(error.problems).toMatchObject([{ code: "source-unreadable", file: path }]);
    expect(await readdir(folder)).toEqual([]);
  });
});
