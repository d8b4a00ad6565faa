/**
 * A Python program that trains on a few rows it makes itself, with `job` as a trainer has it, and the answers of the ONNX
 * model that it saves beside those of the model.
 * @module
 */
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Task } from "../../framework/definitions/metric.ts";

const run = promisify(execFile);
const helper = join(import.meta.dirname, "../../framework/training/python");

/** Rows with missing numbers and with a category that the training set does not know. */
const preamble = `
import json, os, pathlib, sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq

def make_job(folder, task="binary"):
    folder = pathlib.Path(folder)
    random = np.random.default_rng(7)
    count = 1500
    hour = random.integers(0, 24, count)
    origin = random.choice(["JFK", "SFO", "LAX"], count)
    amount = hour + 5 * (origin == "JFK") + random.normal(0, 2, count)
    classes = ["early", "noon", "late"]
    labels = {"binary": amount > 14, "multiclass": np.digitize(amount, [8, 18]).astype("float64"), "regression": amount}
    table = pa.table({
        "hour": pa.array([None if i % 17 == 0 else float(h) for i, h in enumerate(hour)]),
        "origin": pa.array([None if i % 23 == 0 else str(o) for i, o in enumerate(origin)]),
        "late": pa.array([None if i % 29 == 0 else bool(h > 12) for i, h in enumerate(hour)]),
        "label": pa.array(labels[task]),
    })
    pq.write_table(table.slice(0, 1000), folder / "train.parquet")
    pq.write_table(table.slice(1000), folder / "validation.parquet")
    (folder / "checkpoints").mkdir(exist_ok=True)
    features = [("hour", "number"), ("origin", "category"), ("late", "boolean")]
    (folder / "job.json").write_text(json.dumps({
        "run": "r", "inputs": {each: str(folder / f"{each}.parquet") for each in ("train", "validation")},
        "label": "label", "task": task, "features": [{"name": n, "type": t} for n, t in features],
        "categories": {"origin": ["JFK", "LAX"]}, "params": {}, "seed": 1,
        **({"classes": classes} if task == "multiclass" else {}),
        "model": str(folder / "model.onnx"), "checkpoints": str(folder / "checkpoints"),
    }))
    os.environ["STEWARD_JOB"] = str(folder / "job.json")
    import steward
    return steward.job()

def check(job, answers):
    """Runs the saved model and says how its answers stand to the model's own."""
    import onnxruntime
    session = onnxruntime.InferenceSession(job.model.read_bytes(), providers=["CPUExecutionProvider"])
    inputs = [(each.name, each.shape[1]) for each in session.get_inputs()]
    outputs = [each.name for each in session.get_outputs()]
    (found,) = session.run(None, {"features": job.validation()[0].to_numpy(dtype="float32")})
    assert found.shape == (500, max(1, len(job.classes))), found.shape
    worst = float(np.abs(found.reshape(-1) - np.asarray(answers).reshape(-1)).max())
    print(json.dumps({"inputs": inputs, "outputs": outputs, "close": worst < 1e-4, "varied": float(found.std()) > 0.01}))
`;

/** Runs a program after the preamble; `folder` is the name of its own folder. @returns its last line */
export async function runProgram(python: string, folder: string, program: string): Promise<string> {
  const script = `${preamble}\nfolder = ${JSON.stringify(folder)}\n${program}`;
  const env = {
    PATH: process.env["PATH"] ?? "",
    PYTHONPATH: helper,
    OMP_NUM_THREADS: "1",
    PYTHONPYCACHEPREFIX: join(dirname(folder), "compiled"),
  };
  const { stdout } = await run(python, ["-c", script], { cwd: folder, env });
  return stdout.trim().split("\n").at(-1) ?? "";
}

/** What `check` prints of a model that answers as it should. */
export function sayRight(task: Task): object {
  const outputs = [{ binary: "probability", multiclass: "probabilities", regression: "value" }[task]];
  return { inputs: [["features", 3]], outputs, close: true, varied: true };
}
