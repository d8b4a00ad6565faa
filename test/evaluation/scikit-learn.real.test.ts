import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { findMetric, metrics } from "../../framework/evaluation/metrics.ts";
import { createDraw } from "../../framework/evaluation/random.ts";
import { ensureEnvironment } from "../../framework/training/environment.ts";
import { findTrainingTools } from "../../framework/training/training-tools.ts";

const run = promisify(execFile);

/** Each metric as scikit-learn has it, of labels y, predictions p and weights w. */
const program = `
import json, sys
import numpy as np
from sklearn import metrics as m

def binary(y, p, w):
    said = p >= 0.5
    edges = np.clip((p * 10).astype(int), 0, 9)
    gaps = [abs(np.sum(w[edges == b] * (y[edges == b] - p[edges == b]))) for b in range(10)]
    return {
        "auc": m.roc_auc_score(y, p, sample_weight=w),
        "log-loss": m.log_loss(y, p, sample_weight=w),
        "brier": m.brier_score_loss(y, p, sample_weight=w),
        "accuracy": m.accuracy_score(y, said, sample_weight=w),
        "average-precision": m.average_precision_score(y, p, sample_weight=w),
        "precision": m.precision_score(y, said, sample_weight=w),
        "recall": m.recall_score(y, said, sample_weight=w),
        "f1": m.f1_score(y, said, sample_weight=w),
        "calibration-error": sum(gaps) / np.sum(w),
    }

def regression(y, p, w):
    repeated = np.repeat(np.arange(len(y)), w.astype(int))
    return {
        "rmse": m.root_mean_squared_error(y, p, sample_weight=w),
        "mae": m.mean_absolute_error(y, p, sample_weight=w),
        "r2": m.r2_score(y, p, sample_weight=w),
        "median-absolute-error": m.median_absolute_error(y[repeated], p[repeated]),
        "weighted-percentage-error": np.sum(w * np.abs(y - p)) / np.sum(w * np.abs(y)),
    }

samples = json.load(sys.stdin)
measure = {"binary": binary, "regression": regression}
print(json.dumps([measure[s["task"]](*(np.array(s[k], float) for k in ("y", "p", "w"))) for s in samples]))
`;

const tasks = ["binary", "regression"] as const;

/** Rows with ties, and weights among which is 0. */
function drawSample(task: (typeof tasks)[number], seed: number) {
  const bits = createDraw(seed);
  const draw = () => bits() / 2 ** 32;
  const rows = Array.from({ length: 400 }, (_, row) => {
    const answer = task === "binary" ? Math.round(draw() * 40) / 40 : draw() * 20 - 10;
    // Both classes are there, whatever is drawn.
    const label = task === "binary" ? (row === 0 || (row > 1 && draw() < answer) ? 1 : 0) : answer + draw() * 6 - 3;
    return { y: label, p: answer, w: row < 2 ? 1 : Math.floor(draw() * 4) };
  });
  return { task, y: rows.map(({ y }) => y), p: rows.map(({ p }) => p), w: rows.map(({ w }) => w) };
}

describe("metrics beside scikit-learn", () => {
  it("are the same to the last digits but two, on rows of any weight", async () => {
    const lock = join(import.meta.dirname, "../../examples/unemployment/requirements.lock");
    const { python } = await ensureEnvironment({ lock, ...(await findTrainingTools()) });
    const samples = tasks.flatMap((task) => [1, 2, 3].map((seed) => drawSample(task, seed)));
    const asked = run(python, ["-c", program], { maxBuffer: 2 ** 24 });
    asked.child.stdin?.end(JSON.stringify(samples));
    const answers: unknown = JSON.parse((await asked).stdout);
    const ours = samples.map(({ task, y, p, w }) => {
      const sample = { labels: Float64Array.from(y), predictions: Float64Array.from(p) };
      const names = Object.keys(metrics).filter((name) => metrics[name]?.task === task);
      const weights = Uint8Array.from(w);
      return Object.fromEntries(
        names.map((name) => [name, expect.closeTo(findMetric(name)?.prepare(sample)(weights) ?? 0, 12)]),
      );
    });
    expect(answers).toEqual(ours);
  });
});
