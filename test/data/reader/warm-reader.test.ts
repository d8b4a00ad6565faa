import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { readSourceFiles } from "../../../framework/data/read-source-files.ts";
import { ReaderProcess } from "../../../framework/data/reader/reader-process.ts";
import { closeWarmReaders, keepWarmReader, takeWarmReader } from "../../../framework/data/reader/warm-reader.ts";
import { testSpec } from "../ingesting.ts";

let root = "";
let turn = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-warm-"));
});
afterEach(() => closeWarmReaders());
afterAll(() => rm(root, { recursive: true, force: true }));

const spec = testSpec([{ name: "amount", type: "integer" }]);
const start = () => new ReaderProcess(1_500_000_000);

async function read(dataset: string, content = "t,amount\n2024-01-01,1\n", signal?: AbortSignal): Promise<number> {
  const folder = join(root, String(++turn));
  await mkdir(folder);
  const path = join(root, `${turn}.csv`);
  await writeFile(path, content);
  let rows = 0;
  for await (const reading of readSourceFiles({
    spec: { ...spec, name: dataset },
    files: [{ name: "", path }],
    folder,
    signal,
  }))
    rows += reading.rows;
  return rows;
}

it("a reader is kept for the next files of its dataset, and for no other's", async () => {
  expect(await read("a")).toBe(1);
  const kept = takeWarmReader("a");
  if (!kept) throw new Error("none was kept");
  await keepWarmReader(kept, "a");
  expect(takeWarmReader("b")).toBeUndefined();
  expect(await read("a")).toBe(1);
  const again = takeWarmReader("a");
  expect(again).toBe(kept);
  await again?.close();
});

it("a reader that ended over a file, or in the middle of one, is not kept", async () => {
  const deep = `{"t":"2024-01-01","amount":1,"x":${'{"a":'.repeat(1e6)}1${"}".repeat(1e6)}}`;
  const source = { kind: "file" as const, format: "json" as const, path: "x" };
  const path = join(root, "deep.json");
  await writeFile(path, deep);
  const folder = join(root, "deep");
  await mkdir(folder);
  const reading = readSourceFiles({ spec: { ...spec, source }, files: [{ name: "", path }], folder });
  await expect(reading.next()).rejects.toThrow("ended the reader's process");
  expect(takeWarmReader(spec.name)).toBeUndefined();

  const lines = Array.from({ length: 200_000 }, () => "2024-01-01,1\n").join("");
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("called off")), 300);
  await expect(read("a", `t,amount\n${lines}`, controller.signal)).rejects.toThrow("called off");
  expect(takeWarmReader("a")).toBeUndefined();
});

it("one is kept of a dataset, and two of all", async () => {
  const [first, second, third, other] = [start(), start(), start(), start()];
  await keepWarmReader(first, "a");
  await keepWarmReader(other, "a");
  expect(other.hasEnded).toBe(true);
  await keepWarmReader(second, "b");
  await keepWarmReader(third, "c");
  expect(first.hasEnded).toBe(true);
  expect([takeWarmReader("a"), takeWarmReader("b"), takeWarmReader("c")]).toEqual([undefined, second, third]);
  await Promise.all([second.close(), third.close()]);
});

it.runIf(process.platform === "linux")(
  "a process that keeps one ends when it has nothing to do, and the reader with it",
  async () => {
    const framework = join(import.meta.dirname, "..", "..", "..", "framework");
    const program = join(root, "keeps.ts");
    await writeFile(
      program,
      `import { readdirSync, readFileSync } from "node:fs";
     import { warmReader } from ${JSON.stringify(join(framework, "data", "reader", "start-reader.ts"))};
     warmReader("a");
     const started = performance.now();
     const look = setInterval(() => {
       for (const pid of readdirSync("/proc").filter((name) => /^\\d+$/.test(name))) {
         let text = "";
         try { text = readFileSync("/proc/" + pid + "/status", "utf8") + readFileSync("/proc/" + pid + "/cmdline", "utf8"); } catch {}
         if (text.includes("PPid:\\t" + process.pid + "\\n") && text.includes("source-reader")) {
           console.log(pid);
           clearInterval(look);
           return;
         }
       }
       if (performance.now() - started > 20_000) clearInterval(look);
     }, 20);`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
    const pid = stdout.trim();
    expect(pid).toMatch(/^\d+$/);
    const isThere = () =>
      readFile(`/proc/${pid}/cmdline`, "utf8").then(
        (command) => command.includes("source-reader"),
        () => false,
      );
    for (let wait = 0; wait < 100 && (await isThere()); wait++) await sleep(50);
    expect(await isThere()).toBe(false);
  },
);
