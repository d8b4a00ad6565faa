/**
 * The GPUs of this machine, as `nvidia-smi` lists them. A device that is divided by MIG is one device here: its parts are nobody's
 * to lend.
 * @module
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fitsGpuType } from "../definitions/gpu-type.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";

/** The GPUs that a job asks for, as its spec says it. */
export interface GpuWish {
  readonly count: number;
  /** Words that the name of each has. @default any will do */
  readonly type?: string | undefined;
}

export interface GpuDevice {
  /** What names it wherever it is plugged: `GPU-5f1c2a9e-…`. */
  readonly uuid: string;
  /** `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  /** Its place in the driver's list, from 0. It may be another after the next start of the machine. */
  readonly index: number;
  /** Its memory in MiB. @default the driver does not say */
  readonly memoryMebibytes?: number;
}

export interface GpuListOptions {
  /** Ends the asking. @default it is asked for 30 seconds at most */
  readonly signal?: AbortSignal | undefined;
  /** How long nvidia-smi may take, in seconds: without persistence mode it starts the devices first. @default 30 */
  readonly seconds?: number;
}

const run = promisify(execFile);
const query = ["--query-gpu=index,uuid,name,memory.total", "--format=csv,noheader,nounits"] as const;
/** What nvidia-smi ends with, and says, where the driver runs and there is no device. */
const noDevices = /^No devices were found\s*$/im;
const shownLetters = 300;

/**
 * Lists the GPUs of this machine, in the order of the driver. A machine without nvidia-smi on the PATH has none.
 *
 * @throws StewardError `gpu-unreadable` when nvidia-smi fails, takes too long, or prints something else; the reason of `signal`
 */
export async function listGpus({ signal, seconds = 30 }: GpuListOptions = {}): Promise<readonly GpuDevice[]> {
  signal?.throwIfAborted();
  try {
    const limits = { timeout: seconds * 1000, killSignal: "SIGKILL", ...(signal && { signal }) } as const;
    const { stdout } = await run("nvidia-smi", [...query], limits);
    return readGpus(stdout);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StewardError) throw error;
    const { code, killed, stdout = "", stderr = "" } = error as Partial<Failed>;
    if (code === "ENOENT") return [];
    if (noDevices.test(stdout)) return [];
    const said = `${stdout}\n${stderr}`.trim();
    const how = killed ? `no answer in ${seconds} s` : said || (error instanceof Error ? error.message : String(error));
    throw describeUnreadable("does not list the GPUs of this machine", how);
  }
}

/** How `execFile` fails. */
interface Failed {
  readonly code: string | number | null;
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Reads what nvidia-smi printed: a line for each device, of index, uuid, name and memory.
 *
 * @throws StewardError `gpu-unreadable` for a line that is no device, or a device that is there twice
 */
export function readGpus(printed: string): readonly GpuDevice[] {
  if (noDevices.test(printed)) return [];
  const lines = printed.split("\n").map((line) => line.trim());
  const devices = lines.filter((line) => line !== "").map(readGpu);
  const twice = devices.find(({ uuid }, i) => devices.findIndex((other) => other.uuid === uuid) < i);
  if (twice) throw describeUnreadable("lists a GPU twice", twice.uuid);
  return devices.toSorted((a, b) => a.index - b.index);
}

function readGpu(line: string): GpuDevice {
  // A name may hold commas; memory is `[N/A]` where it is the machine's own.
  const [, index, uuid, name, memory] = /^(\d{1,4}), (GPU-[-0-9a-fA-F]{8,}), (\S.*), (\d+|\[.+\])$/.exec(line) ?? [];
  if (index === undefined || uuid === undefined || name === undefined)
    throw describeUnreadable("prints a line that is no GPU", line);
  const memoryMebibytes = Number(memory);
  return { uuid, name, index: Number(index), ...(Number.isInteger(memoryMebibytes) && { memoryMebibytes }) };
}

function describeUnreadable(what: string, got: string): StewardError {
  return new StewardError({
    code: "gpu-unreadable",
    at: "",
    what: `nvidia-smi ${what}`,
    got: got.length > shownLetters ? `${got.slice(0, shownLetters)}…` : got,
    expected: "a line for each GPU: index, uuid, name, memory",
  });
}

/** Those devices that fit what a job asks for. Pure. */
export function chooseFitting<D extends Pick<GpuDevice, "name">>(devices: readonly D[], { type }: GpuWish): D[] {
  return devices.filter(({ name }) => fitsGpuType(name, type));
}

/**
 * Why a job can never have its GPUs on a machine, or nothing where it can. Pure.
 *
 * @param job its name
 */
export function findShortage(
  job: string,
  gpu: GpuWish,
  devices: readonly Pick<GpuDevice, "name">[],
): Problem | undefined {
  const fitting = chooseFitting(devices, gpu);
  if (fitting.length >= gpu.count) return undefined;
  // Enough of them, and of another type.
  const field = devices.length >= gpu.count ? "type" : "count";
  return {
    code: "gpu-unavailable",
    at: `${job}.resources.gpu.${field}`,
    what: `training job "${job}" asks for more GPUs than the machine has${field === "type" ? " of their type" : ""}`,
    got: devices.length === 0 ? "a machine without a GPU" : `a machine with ${sayDevices(devices)}`,
    expected: `at least ${sayGpus(gpu)}`,
  };
}

/** `1 GPU`, `2 GPUs of type "h100"`. */
export function sayGpus({ count, type }: GpuWish): string {
  return `${count === 1 ? "1 GPU" : `${count} GPUs`}${type === undefined ? "" : ` of type ${JSON.stringify(type)}`}`;
}

/** `2 × NVIDIA H100 80GB HBM3, 1 × NVIDIA T4`. */
function sayDevices(devices: readonly Pick<GpuDevice, "name">[]): string {
  const names = [...new Set(devices.map(({ name }) => name))];
  return names.map((name) => `${devices.filter((one) => one.name === name).length} × ${name}`).join(", ");
}
