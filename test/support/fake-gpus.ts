/**
 * GPUs that a machine does not have: an `nvidia-smi` of a test's own, first on the PATH.
 * @module
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import type { GpuDevice } from "../../framework/training/gpu-devices.ts";

/** Devices of these names, with uuids of their own. */
export function fakeDevices(...names: readonly string[]): readonly GpuDevice[] {
  return names.map((name, index) => ({
    uuid: `GPU-0000000${index}-aaaa-bbbb-cccc-${String(process.pid).padStart(12, "0")}`,
    name,
    index,
    memoryMebibytes: 81_559,
  }));
}

/** What nvidia-smi prints of devices. */
export function printDevices(devices: readonly GpuDevice[]): string {
  return devices.map((one) => `${one.index}, ${one.uuid}, ${one.name}, ${one.memoryMebibytes ?? "[N/A]"}\n`).join("");
}

export interface FakeProgram {
  /** What it was told at each run. */
  readonly listTold: () => readonly string[];
}

/**
 * Puts an `nvidia-smi` on the PATH until the test ends.
 *
 * @param script what it does, for `/bin/sh`
 */
export function useFakeNvidiaSmi(script: string): FakeProgram {
  const folder = mkdtempSync(join(tmpdir(), "steward-gpus-test-"));
  const log = join(folder, "told");
  writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\necho "$*" >>'${log}'\n${script}\n`);
  chmodSync(join(folder, "nvidia-smi"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"] ?? ""}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return { listTold: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []) };
}

/** A machine with devices of these names until the test ends. */
export function useFakeGpus(...names: readonly string[]): FakeProgram & { readonly devices: readonly GpuDevice[] } {
  const devices = fakeDevices(...names);
  return { devices, ...useFakeNvidiaSmi(`printf '%s' '${printDevices(devices)}'`) };
}
