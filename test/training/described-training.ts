/**
 * A small training, as a test and another process describe it alike.
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";
import type { RunStore, TrainOptions } from "../../framework/training/train.ts";
import { linearModel } from "../models/onnx-bytes.ts";
import type { Wheelhouse } from "./wheelhouse.ts";

export interface DescribedTraining {
  /** The folder of the case. */
  readonly folder: string;
  /** What the trainer does before it saves its model; `job` is the job. */
  readonly body: string;
  readonly wheelhouse: Wheelhouse;
  /** The user's cache. */
  readonly cacheFolder: string;
  /** @default "1 GiB" */
  readonly memory?: string;
}

/** What `train` takes; its objects and its work are in the folder of the case. */
export async function describeTraining(options: DescribedTraining): Promise<TrainOptions> {
  const { folder, body, wheelhouse, cacheFolder, memory = "1 GiB" } = options;
  const objects = join(folder, "objects");
  await mkdir(objects, { recursive: true });
  const put = async (bytes: Uint8Array | string): Promise<Reference> => {
    const sha256 = digestBytes(bytes);
    await writeFile(join(objects, sha256), bytes);
    return { sha256, size: Buffer.byteLength(bytes) };
  };
  const store: RunStore = {
    fetchFile: async ({ sha256 }) => join(objects, sha256),
    putFile: async (path) => put(await readFile(path)),
    putJson: (value) => put(toCanonicalJson(value)),
  };
  const program = `
from pathlib import Path
import os, time
import steward
job = steward.job()
${body}
job.model.write_bytes(Path("model.bin").read_bytes())
`;
  const contents = { "requirements.lock": wheelhouse.lock, "train.py": program, "model.bin": linearModel([1, 2]) };
  const files = await Promise.all(
    Object.entries(contents).map(async ([path, content]) => ({ path, object: await put(content) })),
  );
  const split = { object: await put("rows"), rows: 1, from: "2001-01-01T00:00:00Z", to: "2001-01-02T00:00:00Z" };
  return {
    job: {
      name: "late-training",
      identity: digestBytes(body),
      trainingSet: {
        format: "training-set/2",
        identity: "set",
        task: "binary",
        features: [
          { name: "hour", type: "number" },
          { name: "month", type: "number" },
        ],
        categories: {},
        prior: 0.2,
        splits: { train: split, validation: split, test: split },
        slices: [],
      },
      trainingSetDigest: "b".repeat(64),
      trainer: { format: "trainer/1", kind: "python", entry: "train.py", lock: "requirements.lock", files },
      trainerReference: await put("closure"),
      params: {},
      seed: 7,
      resources: { cpu: 1, memory },
    },
    store,
    workFolder: join(folder, "work"),
    tools: { uv: wheelhouse.uv, python: wheelhouse.python, cacheFolder },
  };
}
