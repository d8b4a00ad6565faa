/**
 * A job's share of the machine: the GPUs and the cores that it asks for, taken together or not at all.
 * @module
 */
import type { TrainingJobSpec } from "../definitions/spec.ts";
import type { CoreLease, TakeOptions } from "./core-lease.ts";
import type { GpuDevice } from "./gpu-devices.ts";
import type { GpuLease } from "./gpu-lease.ts";

export interface MachineShare {
  /** The GPUs that are the job's. @default it asks for none */
  readonly gpus?: readonly GpuDevice[];
  /** Gives all of it back. A second call changes nothing. */
  readonly release: () => void;
}

/**
 * Waits until the machine has what a job asks for: its GPUs first, then its cores. All jobs take them in this order, so that no two
 * hold what the other one waits for.
 *
 * @throws StewardError what the lease of the GPUs throws; the reason of the signal
 */
export async function takeShare(
  { cores, gpus }: { readonly cores: CoreLease; readonly gpus: GpuLease },
  { name, resources }: Pick<TrainingJobSpec, "name" | "resources">,
  options: TakeOptions,
): Promise<MachineShare> {
  const lent = resources.gpu && (await gpus.take(name, resources.gpu, options));
  try {
    const releaseCores = await cores.take(resources.cpu, options);
    const release = (): void => {
      releaseCores();
      lent?.release();
    };
    return { ...(lent && { gpus: lent.devices }), release };
  } catch (error) {
    lent?.release();
    throw error;
  }
}
