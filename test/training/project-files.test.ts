import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DatasetSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { csv, type Source } from "../../framework/index.ts";
import { digestBytes, digestOf } from "../../framework/plan/digest.ts";
import { findProjectFiles } from "../../framework/training/project-files.ts";
import { testSpec } from "../data/ingesting.ts";
import { failure } from "../support/failure.ts";
import { useFakeGpus, useFakeNvidiaSmi } from "../support/fake-gpus.ts";
import { spending } from "../support/project.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-project-files-"));
  mkdirSync(join(folder, "rows"));
  writeFileSync(join(folder, "rows", "a.csv"), "a");
  writeFileSync(join(folder, "rows", "b.csv"), "b");
});
afterEach(() => rmSync(folder, { recursive: true }));

const find = (sources: Readonly<Record<string, Source>>) => {
  const definitions = Object.entries(sources).map(([name, source]) => testSpec([], { name, source }));
  return findProjectFiles({ definitions }, folder, {});
};

it("a source that is one file has the digest of its bytes, a pattern that of its files' names and digests", async () => {
  const { sources } = await find({ one: csv("rows/a.csv"), many: csv("rows/*.csv") });
  const files = ["a", "b"].map((name) => [`${name}.csv`, digestBytes(name)]);
  expect(sources).toEqual({
    one: { location: join(folder, "rows/a.csv"), fingerprint: digestBytes("a") },
    many: { location: join(folder, "rows/*.csv"), fingerprint: digestOf({ files }) },
  });
});

it("every source that is not there is a problem of its dataset", async () => {
  const { problems } = await failure(find({ one: csv("rows/c.csv"), many: csv("*.csv"), rows: csv("rows") }));
  const byPlace = Object.fromEntries(problems.map(({ at, ...problem }) => [at, problem]));
  expect(byPlace).toMatchObject({
    "one.source.path": { code: "source-missing", got: "rows/c.csv" },
    "many.source.path": { code: "source-missing", file: join(folder, "*.csv") },
    rows: { code: "source-missing", got: "a folder" },
  });
});

it("the programs of a derived dataset are its files, in the order of its steps, and what is missing is told of each", async () => {
  writeFileSync(join(folder, "clean.py"), "import floor");
  writeFileSync(join(folder, "floor.py"), "floor = 3");
  writeFileSync(join(folder, "steps.lock"), "");
  const derive = (...files: readonly string[]): DatasetSpec["source"] => ({
    kind: "derived",
    from: ["one"],
    steps: files.map((file) => ({ step: "python", file, lock: "steps.lock" })),
  });
  const find = (source: DatasetSpec["source"]) => {
    const spec = { ...testSpec([], { name: "clean" }), source };
    return findProjectFiles({ definitions: [spec] }, folder, {});
  };
  const { sources } = await find(derive("floor.py", "clean.py"));
  expect(sources["clean"]).toMatchObject({ location: "one", fingerprint: "" });
  const programs = sources["clean"]?.programs?.map(({ entry, files }) => [entry, files.map(({ path }) => path)]);
  expect(programs).toEqual([
    ["floor.py", ["floor.py", "steps.lock"]],
    ["clean.py", ["clean.py", "floor.py", "steps.lock"]],
  ]);
  const { problems } = await failure(find(derive("none.py", "clean.py", "../out.py")));
  expect(problems).toMatchObject([
    {
      code: "trainer-file-missing",
      at: "clean.source.steps[0].python.file",
      what: '"file" of the program names no file',
    },
    { code: "trainer-file-refused", at: "clean.source.steps[2].python.file" },
  ]);
});

it("a trainer that is a container is a problem of its job: the platform runs none", async () => {
  const image = `late@sha256:${"0".repeat(64)}`;
  const job: TrainingJobSpec = { ...spending, name: "late", trainer: { kind: "container", image, command: ["train"] } };
  const { problems } = await failure(findProjectFiles({ definitions: [job] }, folder, {}));
  expect(problems).toMatchObject([{ code: "container-unsupported", at: "late.trainer", got: image }]);
});

describe("the GPUs of a project", () => {
  const job = (name: string, gpu?: NonNullable<TrainingJobSpec["resources"]["gpu"]>): TrainingJobSpec => ({
    ...spending,
    name,
    trainer: { kind: "python", file: "train.py", lock: "train.lock" },
    resources: { ...spending.resources, ...(gpu && { gpu }) },
  });
  const findFor = (...definitions: TrainingJobSpec[]) => findProjectFiles({ definitions }, folder, {});
  beforeEach(() => {
    writeFileSync(join(folder, "train.py"), "");
    writeFileSync(join(folder, "train.lock"), "");
  });

  it("are those of the machine, which is asked once", async () => {
    const { devices, listTold } = useFakeGpus("NVIDIA H100", "NVIDIA H100");
    const { gpus } = await findFor(job("one", { count: 1 }), job("two", { count: 2, type: "h100" }));
    expect(gpus).toEqual(devices);
    expect(listTold()).toHaveLength(1);
  });

  it("are not asked for where no job needs one", async () => {
    const { listTold } = useFakeNvidiaSmi("echo nonsense");
    expect(await findFor(job("one"))).not.toHaveProperty("gpus");
    expect(listTold()).toEqual([]);
  });

  it("are not asked for where jobs run on a cluster", async () => {
    const { listTold } = useFakeGpus("NVIDIA T4");
    const definitions = [job("many", { count: 8, type: "h100" })];
    expect(await findProjectFiles({ definitions, hasCluster: true }, folder, {})).not.toHaveProperty("gpus");
    expect(listTold()).toEqual([]);
  });

  it("that there are not are a problem of every job that asks for them, beside all others", async () => {
    useFakeGpus("NVIDIA T4");
    rmSync(join(folder, "train.lock"));
    const { problems } = await failure(
      findFor(job("fine", { count: 1 }), job("many", { count: 2 }), job("other", { count: 1, type: "h100" })),
    );
    expect(problems.filter(({ code }) => code === "gpu-unavailable").map(({ at }) => at)).toEqual([
      "many.resources.gpu.count",
      "other.resources.gpu.type",
    ]);
    expect(new Set(problems.map(({ code }) => code)).size).toBe(2);
  });

  it("that cannot be listed are a problem of the first job that asks for one", async () => {
    useFakeNvidiaSmi("echo nonsense");
    const { problems } = await failure(findFor(job("one"), job("two", { count: 1 }), job("three", { count: 1 })));
    expect(problems).toMatchObject([{ code: "gpu-unreadable", at: "two.resources.gpu", got: "nonsense" }]);
  });
});
