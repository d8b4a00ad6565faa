import { execFile } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPython } from "../../../framework/toolchain/python.ts";
import { Checkpoints, type State } from "../../../framework/training/job/checkpoints.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (run = "run-a") => new Checkpoints(join(folder, "checkpoints"), run);
beforeEach(() => mkdir(join(folder, "checkpoints")));

describe("a checkpoint of a TypeScript trainer", () => {
  it.each<[string, State]>([
    ["bytes", Buffer.from([0, 255])],
    ["an object", { round: 3, rates: [0.1, null], more: { ö: true } }],
  ])("comes back as it was given: %s", async (_, state) => {
    await open().keep(state, 4);
    expect(await open().find()).toEqual({ number: 1, step: 4, state });
  });

  it("has a copy of a file or folder, under its own name", async () => {
    await mkdir(join(folder, "weights", "deep"), { recursive: true });
    await writeFile(join(folder, "weights", "deep", "one.bin"), "one");
    await open().keep(join(folder, "weights"), 0);
    await writeFile(join(folder, "weights", "deep", "one.bin"), "two");
    const found = await open().find();
    expect(await readFile(join(String(found?.state), "deep", "one.bin"), "utf8")).toBe("one");
    expect(String(found?.state)).toMatch(/\/weights$/);
  });

  it("is another run's for another run, and passed over when it was damaged", async () => {
    await open().keep({ n: 1 }, 1);
    await open().keep({ n: 2 }, 2);
    expect(await open("run-b").find()).toBeUndefined();
    await appendFile(join(folder, "checkpoints", "checkpoint-000002", "state"), " ");
    expect(await open().find()).toMatchObject({ number: 1, state: { n: 1 } });
  });

  it("makes room: the last two are kept, and the one that a job went on from", async () => {
    await open().keep({ n: 1 }, 1);
    const checkpoints = open();
    await checkpoints.find();
    for (const n of [2, 3, 4]) await checkpoints.keep({ n }, n);
    expect((await readdir(join(folder, "checkpoints"))).sort()).toEqual([
      "checkpoint-000001",
      "checkpoint-000003",
      "checkpoint-000004",
    ]);
  });

  it.each([
    ["a class", { model: new Map() }, "state.model is Map"],
    ["a number that is none", { loss: Number.NaN }, "state.loss is NaN"],
  ])("refuses %s, and leaves nothing", async (_, state, said) => {
    await expect(open().keep(state as never, 0)).rejects.toThrow(said);
    expect(await readdir(join(folder, "checkpoints"))).toEqual([]);
  });

  it("is the same folder as that of a Python trainer", async () => {
    await open().keep({ round: 3 }, 3);
    const program = `import sys; from pathlib import Path; from steward._checkpoints import Checkpoints
each = Checkpoints(Path(sys.argv[1]), "run-a"); print(each.find().state["round"]); each.keep(b"more", 9)`;
    const helper = join(import.meta.dirname, "../../../framework/training/python");
    const env = { PYTHONPATH: helper, PYTHONDONTWRITEBYTECODE: "1" };
    const { path } = await findPython();
    const { stdout } = await promisify(execFile)(path, ["-c", program, join(folder, "checkpoints")], { env });
    expect(stdout).toBe("3\n");
    expect(await open().find()).toEqual({ number: 2, step: 9, state: Buffer.from("more") });
  });
});
