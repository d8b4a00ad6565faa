/**
 * A training on a real GPU, where there is one. Its Python is that of STEWARD_GPU_PYTHON, which has torch, onnx, onnxruntime, pandas
 * and pyarrow; else one is made with PyTorch's packages, which are gigabytes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listGpus } from "../../framework/training/gpu-devices.ts";
import { countUnlent, measureGpuMemory, memoryHog, trainOnGpu, watchTakeover } from "../support/gpu-training.ts";
import { type GivenPython, usePythonPackages } from "../support/python-packages.ts";

const devices = await listGpus();
const given = devices.length > 0 ? findPackages(process.env["STEWARD_GPU_PYTHON"]) : undefined;

/** Nothing is installed where it would not be used. */
function findPackages(python: string | undefined): Pick<GivenPython, "python" | "missing"> {
  return python ? { python, missing: "" } : usePythonPackages("PyTorch", join(import.meta.dirname, "torch.lock"));
}

describe("on a machine with a GPU", { timeout: 600_000 }, () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-gpu-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const none = "nvidia-smi shows no device on this machine";

  it("a model of PyTorch is trained on the one that is lent, and its ONNX answers as it does", async ({ skip }) => {
    if (!given) return skip(none);
    if (given.python === undefined) return skip(given.missing);
    const seen = await trainOnGpu({ python: given.python, folder });
    expect(seen).toMatchObject({ how: "exit code 0", parameters: ["cuda:0"], visible: { count: 1 } });
    expect(devices).toContainEqual(seen.devices[0]);
    expect(seen.visible.name).toBe(seen.devices[0]?.name);
    expect(seen.losses).toHaveLength(11);
    expect(seen.losses.at(-1)).toBeLessThan(0.6 * (seen.losses[0] ?? 0));
    expect(seen.worst).toBeLessThan(1e-4);
    expect(seen.spread).toBeGreaterThan(0.1);
  });

  it("a job that asks for none sees none", async ({ skip }) => {
    if (!given) return skip(none);
    if (given.python === undefined) return skip(given.missing);
    expect(await countUnlent({ python: given.python, folder })).toBe(0);
  });

  it("what a killed process held is lent when its job has left it", async ({ skip }) => {
    if (!given) return skip(none);
    if (given.python === undefined) return skip(given.missing);
    const [device] = devices;
    if (!device) throw new Error(none);
    const before = await measureGpuMemory(device);
    let meanwhile = 0;
    const seen = await watchTakeover({
      folder: join(folder, "claims"),
      devices: [device],
      job: { command: [given.python, "-c", memoryHog], begins: "begun" },
      meanwhile: async () => {
        meanwhile = await measureGpuMemory(device);
      },
    });
    expect(seen).toMatchObject({ said: ["waits its turn: 1 GPU, 0 of 1 free"], overlapped: false });
    expect(seen.devices).toEqual([device]);
    expect(meanwhile - before).toBeGreaterThan(2_000);
    expect((await measureGpuMemory(device)) - before).toBeLessThan(500);
  });
});
