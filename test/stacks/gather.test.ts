import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DatasetSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { closeTrainer, trainerFilesSchema } from "../../framework/provider/resources/trainer-files.ts";
import { describeTrainer } from "../../framework/training/trainer-closure.ts";
import { chooseInputs, gatherFiles } from "../../stacks/gather.ts";
import { failure } from "../support/failure.ts";
import { useFakeGpus } from "../support/fake-gpus.ts";
import { habits, shop, spending, visits } from "../support/project.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-gather-"));
  writeFileSync(join(folder, "visits.csv"), "at,shop,spent\n");
  cpSync(join(import.meta.dirname, "../support/tiny-trainer"), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);

describe("chooseInputs", () => {
  it("takes those that reach the project's sources, and no other", () => {
    const orders: DatasetSpec = {
      ...visits,
      name: "orders",
      source: { kind: "postgres", url: "input:warehouse.url", query: "SELECT 1" },
    };
    const rows: DatasetSpec = { ...visits, source: { kind: "file", format: "csv", path: "input:visits.path" } };
    const inputs = { "warehouse.url": "postgres://…", "visits.path": "v.csv", "other.key": "canary" };
    expect(chooseInputs([rows, orders, habits], inputs)).toEqual({ "warehouse.url": "postgres://…" });
  });
});

const { trainer: program } = spending;
if (program.kind !== "python") throw new Error("the shop trains with Python");

describe("gatherFiles", () => {
  it("refuses GPUs that the machine has not, before anything is declared", async () => {
    useFakeGpus("NVIDIA T4");
    const asking: TrainingJobSpec = { ...spending, resources: { ...spending.resources, gpu: { count: 2 } } };
    const { problems } = await failure(gatherFiles({ ...shop, definitions: [visits, habits, asking] }, folder, {}));
    expect(problems).toMatchObject([{ code: "gpu-unavailable", at: "spending.resources.gpu.count" }]);
  });

  it("finds sources and trainers by the names of their definitions", async () => {
    const { sources, trainers } = await gatherFiles({ ...shop, definitions: [visits, habits, spending] }, folder, {});
    expect(sources).toEqual({ visits: { location: join(folder, "visits.csv"), fingerprint: sha256 } });
    const { file: entry, lock } = program;
    const files = [entry, lock].sort().map((path) => ({ path, sha256, size: expect.any(Number) }));
    expect(trainers).toEqual({ spending: { folder, entry, lock, files } });
  });

  it("says how an MLflow script is told of its job, so that what is deployed is what was planned", async () => {
    const trainer = { ...program, kind: "mlflow" as const, args: ["{train}"], label: "spent" };
    const job: TrainingJobSpec = { ...spending, trainer, params: {} };
    const { trainers } = await gatherFiles({ ...shop, definitions: [visits, habits, job] }, folder, {});
    const files = trainerFilesSchema.parse(trainers["spending"]);
    expect(files).toMatchObject({ script: { args: ["{train}"], label: "spent" } });
    expect(closeTrainer(files)).toEqual(describeTrainer(folder, trainer));
  });

  it("finds the programs of a derived dataset, as those of a trainer", async () => {
    const { file, lock } = program;
    const steps = [{ step: "python" as const, file, lock }];
    const clean: DatasetSpec = { ...visits, name: "clean", source: { kind: "derived", from: ["visits"], steps } };
    const { sources } = await gatherFiles({ ...shop, definitions: [visits, clean] }, folder, {});
    const files = [file, lock].sort().map((path) => ({ path, sha256, size: expect.any(Number) }));
    const programs = [{ folder, entry: file, lock, files }];
    expect(sources["clean"]).toEqual({ location: "visits", fingerprint: "", programs });
  });

  it("leaves a source elsewhere to the worker, and asks only that its inputs are supplied", async () => {
    const orders: DatasetSpec = {
      ...visits,
      name: "orders",
      source: { kind: "postgres", url: "input:warehouse.url", query: "SELECT 1" },
    };
    const { sources } = await gatherFiles({ ...shop, definitions: [orders] }, folder, { "warehouse.url": "canary" });
    expect(sources).toEqual({ orders: { location: "PostgreSQL at input:warehouse.url", fingerprint: "" } });
    const { problems } = await failure(gatherFiles({ ...shop, definitions: [orders] }, folder, {}));
    expect(problems).toMatchObject([{ code: "input-missing", at: "orders.source" }]);
  });

  it("tells all that is missing at once, each of its definition", async () => {
    const lost = { ...visits, source: { ...visits.source, path: "lost.csv" } };
    const job = { ...spending, trainer: { ...spending.trainer, file: "none.py" } };
    const { problems } = await failure(gatherFiles({ ...shop, definitions: [lost, habits, job] }, folder, {}));
    expect(problems.map(({ at }) => at)).toEqual(["visits.source.path", "spending.trainer.file"]);
  });
});
