/**
 * What is seen on a machine with GPUs: a small model of PyTorch that is trained on one which is lent to it, and what becomes of the
 * lease of a process that is killed. Without a test runner, so that a bare machine can be asked as well.
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { formatOf } from "../../framework/definitions/format.ts";
import type { GpuDevice } from "../../framework/training/gpu-devices.ts";
import { createGpuLease, type GpuLease } from "../../framework/training/gpu-lease.ts";
import { createProcessRunner } from "../../framework/training/process-runner.ts";
import type { Job, JobReport } from "../../framework/training/run.ts";
import type { RunnableJob } from "../../framework/training/runner.ts";

const run = promisify(execFile);
const helper = join(import.meta.dirname, "../../framework/training/python");

export interface SeenTraining {
  /** The GPUs that were lent. */
  readonly devices: readonly GpuDevice[];
  /** How the job ended: `exit code 0`. */
  readonly how: string;
  /** The losses that it reported, the first ones first. */
  readonly losses: readonly number[];
  /** Where its parameters were, by PyTorch: `["cuda:0"]`. */
  readonly parameters: readonly string[];
  /** How many GPUs it saw, and the name of the first. */
  readonly visible: { readonly count: number; readonly name: string };
  /** The largest difference between an answer of the ONNX model, on the processor, and the trained model's own. */
  readonly worst: number;
  /** The spread of the answers: 0 for a model that has learnt nothing. */
  readonly spread: number;
  /** Wall time in seconds. */
  readonly seconds: number;
}

export interface TrainingPlace {
  /** A Python that has torch, onnx, onnxruntime, pandas and pyarrow. */
  readonly python: string;
  /** An empty folder of its own. */
  readonly folder: string;
  /** `cpu` to go through the same without a GPU. @default "cuda" */
  readonly device?: "cuda" | "cpu";
  /** @default that of this machine */
  readonly lease?: GpuLease;
}

const makeRows = `
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
random = np.random.default_rng(7)
hour, distance = random.integers(0, 24, 4000).astype("float32"), random.normal(900, 300, 4000).astype("float32")
label = hour + distance / 200 + random.normal(0, 2, 4000) > 16
table = pa.table({"hour": hour, "distance": distance, "label": label})
pq.write_table(table.slice(0, 3000), sys.argv[1])
pq.write_table(table.slice(3000), sys.argv[2])
`;

const trainer = `
import json, steward, numpy, torch
job = steward.job()
device = torch.device(job.params["device"])
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
        self.register_buffer("middle", torch.tensor([12.0, 900.0]))
        self.register_buffer("width", torch.tensor([7.0, 300.0]))
    def forward(self, rows): return torch.sigmoid(self.layers((rows - self.middle) / self.width))
torch.manual_seed(job.seed)
net = Net().to(device)
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
X, y = (torch.tensor(each.to_numpy(), dtype=torch.float32, device=device) for each in job.train())
for step in range(1, 201):
    loss = torch.nn.functional.binary_cross_entropy(net(X)[:, 0], y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    if step == 1 or step % 20 == 0: job.report(step, of=200, loss=loss.item())
job.save(net)
import onnxruntime
rows = job.validation()[0].to_numpy(dtype="float32")
net.eval()
with torch.no_grad(): own = net(torch.tensor(rows, device=device)).cpu().numpy()
session = onnxruntime.InferenceSession(job.model.read_bytes(), providers=["CPUExecutionProvider"])
(found,) = session.run(None, {"features": rows})
count = torch.cuda.device_count()
print("seen " + json.dumps({
    "parameters": sorted({str(each.device) for each in net.parameters()}),
    "visible": {"count": count, "name": torch.cuda.get_device_name(0) if count else "none"},
    "worst": float(numpy.abs(found - own).max()), "spread": float(found.std()),
}))
`;

/** Trains on one GPU that the lease lends, by the runner of processes. */
export async function trainOnGpu({ python, folder, lease, device = "cuda" }: TrainingPlace): Promise<SeenTraining> {
  const inputs = { train: join(folder, "train.parquet"), validation: join(folder, "validation.parquet") };
  const checkpoints = join(folder, "checkpoints");
  await mkdir(checkpoints, { recursive: true });
  await run(python, ["-c", makeRows, inputs.train, inputs.validation]);
  const job: Job = {
    format: formatOf("job"),
    run: "a".repeat(64),
    inputs,
    label: "label",
    task: "binary",
    features: ["hour", "distance"].map((name) => ({ name, type: "number" })),
    categories: {},
    params: { device },
    seed: 7,
    model: join(folder, "model.onnx"),
    checkpoints,
  };
  await writeFile(join(folder, "job.json"), JSON.stringify(job));
  await writeFile(join(folder, "train.py"), trainer);
  const lent = await (lease ?? createGpuLease()).take("late-training", { count: 1 });
  try {
    const reports: JobReport[] = [];
    const gpus = lent.devices.map(({ uuid }) => uuid);
    const running = await createProcessRunner().submit(describeJob({ python, folder, gpus }), (report) =>
      reports.push(report),
    );
    const end = await running.ended;
    const seen = running.logs().find((line) => line.startsWith("seen {"));
    if (!seen) throw new Error(`the trainer ended with ${end.how}:\n${running.logs().join("\n")}`);
    return {
      ...(JSON.parse(seen.slice("seen ".length)) as Pick<SeenTraining, "parameters" | "visible" | "worst" | "spread">),
      devices: lent.devices,
      how: end.how,
      losses: reports.map(({ metrics }) => metrics["loss"] ?? Number.NaN),
      seconds: end.seconds,
    };
  } finally {
    lent.release();
  }
}

/** How many GPUs a job sees that was lent none. */
export async function countUnlent({ python, folder }: Pick<TrainingPlace, "python" | "folder">): Promise<number> {
  await writeFile(join(folder, "train.py"), 'import torch; print("sees", torch.cuda.device_count())');
  const running = await createProcessRunner().submit(describeJob({ python, folder, gpus: [] }), () => undefined);
  const end = await running.ended;
  const seen = running.logs().find((line) => line.startsWith("sees "));
  if (!seen) throw new Error(`the program ended with ${end.how}:\n${running.logs().join("\n")}`);
  return Number(seen.slice("sees ".length));
}

export interface SeenTakeover {
  /** What the second process was told while the first one held the GPUs. */
  readonly said: readonly string[];
  /** Whether the second one had any of them before the first was killed. */
  readonly overlapped: boolean;
  /** How long after the kill the second one had them, in seconds. */
  readonly seconds: number;
  /** The devices that it had then. */
  readonly devices: readonly GpuDevice[];
}

export interface TakeoverPlace {
  /** Where the lease has its claims. */
  readonly folder: string;
  /** What is leased: all of it, by both. */
  readonly devices: readonly GpuDevice[];
  /** A program that the first process runs on them as a job, and the words it prints when it has begun. @default it runs none */
  readonly job?: { readonly command: readonly [string, ...string[]]; readonly begins: string };
  /** Done while the first one holds them and the second one waits. @default nothing */
  readonly meanwhile?: () => Promise<void>;
}

/** Has a process take all GPUs, another one wait for them, and kills the first with SIGKILL. */
export async function watchTakeover({ folder, devices, job, meanwhile }: TakeoverPlace): Promise<SeenTakeover> {
  const program = join(import.meta.dirname, "gpu-holder.ts");
  const args = [program, folder, JSON.stringify(devices), String(devices.length), ...(job?.command ?? [])];
  const holder = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await new Promise<void>((resolve, reject) => {
      const awaited = job?.begins ?? "holds ";
      const lines: string[] = [];
      createInterface({ input: holder.stdout }).on("line", (line) => {
        lines.push(line);
        if (line.startsWith(awaited)) resolve();
      });
      holder.once("close", () => reject(new Error(`the holder ended before it began:\n${lines.join("\n")}`)));
    });
    const said: string[] = [];
    const state = { isLent: false };
    const lease = createGpuLease({ folder, list: async () => devices });
    const taken = lease.take("second", { count: devices.length }, { onWait: (line) => said.push(line) });
    taken.then(
      () => {
        state.isLent = true;
      },
      () => undefined,
    );
    await sleep(1_500);
    await meanwhile?.();
    const overlapped = state.isLent;
    const killed = performance.now();
    holder.kill("SIGKILL");
    const lent = await taken;
    lent.release();
    return { said, overlapped, seconds: (performance.now() - killed) / 1000, devices: lent.devices };
  } finally {
    holder.kill("SIGKILL");
  }
}

/** Takes 2 GiB of a GPU's memory, says so, and keeps them. */
export const memoryHog =
  'import time, torch; x = torch.zeros(2 ** 29, device="cuda"); torch.cuda.synchronize(); print("begun", flush=True); time.sleep(600)';

/** The memory in use on a GPU, in MiB. */
export async function measureGpuMemory({ uuid }: Pick<GpuDevice, "uuid">): Promise<number> {
  const query = [`--id=${uuid}`, "--query-gpu=memory.used", "--format=csv,noheader,nounits"];
  return Number((await run("nvidia-smi", query)).stdout);
}

interface GpuProgram {
  readonly python: string;
  readonly folder: string;
  readonly gpus: readonly string[];
}

function describeJob({ python, folder, gpus }: GpuProgram): RunnableJob {
  const libraries = process.env["LD_LIBRARY_PATH"];
  return {
    command: [python, join(folder, "train.py")],
    folder,
    log: join(folder, "job.log"),
    // Where the driver's library is found by this variable alone.
    environment: {
      STEWARD_JOB: join(folder, "job.json"),
      PYTHONPATH: helper,
      PYTHONDONTWRITEBYTECODE: "1",
      ...(libraries && { LD_LIBRARY_PATH: libraries }),
    },
    resources: { cpu: 2, memoryBytes: 32 * 2 ** 30, gpus },
  };
}
