import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { findMetric, metrics } from "../../framework/evaluation/metrics.ts";
import { createDraw } from "../../framework/models/random.ts";
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
        "balanced-accuracy": m.balanced_accuracy_score(y, said, sample_weight=w),
        "matthews-correlation": m.matthews_corrcoef(y, said, sample_weight=w),
        "kappa": m.cohen_kappa_score(y, said, sample_weight=w),
    }

def multiclass(y, p, w):
    p = p.reshape(len(y), -1)
    said, classes = p.argmax(axis=1), np.arange(p.shape[1])
    top, right = p.max(axis=1), (y == said).astype(float)
    edges = np.clip((top * 10).astype(int), 0, 9)
    gaps = [abs(np.sum(w[edges == b] * (right[edges == b] - top[edges == b]))) for b in range(10)]
    by = {f"{a}-{name}": score(y, said, average=a, sample_weight=w, zero_division=0)
          for a in ("macro", "weighted")
          for name, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score))}
    return by | {
        "log-loss": m.log_loss(y, p, sample_weight=w, labels=classes),
        "accuracy": m.accuracy_score(y, said, sample_weight=w),
        "calibration-error": sum(gaps) / np.sum(w),
        "balanced-accuracy": m.balanced_accuracy_score(y, said, sample_weight=w),
        # Weights in one call for each class: roc_auc_score takes none for several classes in all of its versions.
        "macro-auc": np.mean([m.roc_auc_score(y == c, p[:, c], sample_weight=w) for c in classes]),
        "matthews-correlation": m.matthews_corrcoef(y, said, sample_weight=w),
        "kappa": m.cohen_kappa_score(y, said, sample_weight=w),
        "top-1-accuracy": m.top_k_accuracy_score(y, p, k=1, sample_weight=w, labels=classes),
        "top-2-accuracy": m.top_k_accuracy_score(y, p, k=2, sample_weight=w, labels=classes),
    }

# Groups of 8 rows, each counting as often as its first row.
def ranking(y, p, w):
    y, p, w = (each.reshape(-1, 8) for each in (y, p, w))
    relevant, often = y > 0, w[:, 0]
    mean = lambda values: np.sum(often * np.array(values)) / np.sum(often)
    ranks = lambda row: np.sum(p[row][None, :] >= p[row][:, None], axis=1)
    return {
        "ndcg by query": m.ndcg_score(y, p, sample_weight=often),
        "ndcg-3 by query": m.ndcg_score(y, p, k=3, sample_weight=often),
        "mean-average-precision by query": mean([m.average_precision_score(r, s) if r.any() else 0 for r, s in zip(relevant, p)]),
        "mean-reciprocal-rank by query": mean([1 / ranks(i)[r].min() if r.any() else 0 for i, r in enumerate(relevant)]),
    }

def regression(y, p, w):
    repeated = np.repeat(np.arange(len(y)), w.astype(int))
    return {
        "rmse": m.root_mean_squared_error(y, p, sample_weight=w),
        "mae": m.mean_absolute_error(y, p, sample_weight=w),
        "r2": m.r2_score(y, p, sample_weight=w),
        "median-absolute-error": m.median_absolute_error(y[repeated], p[repeated]),
        "weighted-percentage-error": np.sum(w * np.abs(y - p)) / np.sum(w * np.abs(y)),
        "mape": m.mean_absolute_percentage_error(y, p, sample_weight=w),
        "smape": np.average(2 * np.abs(y - p) / (np.abs(y) + np.abs(p)), weights=w),
        "mase-7": m.mean_absolute_error(y, p, sample_weight=w) / 2.5,
    }

samples = json.load(sys.stdin)
measure = {"binary": binary, "multiclass": multiclass, "regression": regression, "ranking": ranking}
print(json.dumps([measure[s["task"]](*(np.array(s[k], float) for k in ("y", "p", "w"))) for s in samples]))
`;

const tasks = ["binary", "multiclass", "regression", "ranking"] as const;
/** Those that are told something, beside all that are told nothing. */
const told: Readonly<Record<(typeof tasks)[number], readonly string[]>> = {
  binary: [],
  multiclass: ["top-1-accuracy", "top-2-accuracy"],
  regression: ["mase-7"],
  ranking: ["ndcg by query", "ndcg-3 by query", "mean-average-precision by query", "mean-reciprocal-rank by query"],
};
const classes = 4;

/** Rows with ties, and weights among which is 0. */
function drawSample(task: (typeof tasks)[number], seed: number) {
  const bits = createDraw(seed);
  if (task === "multiclass") return drawClasses(bits);
  if (task === "ranking") return drawRanking(bits);
  const draw = () => bits() / 2 ** 32;
  const rows = Array.from({ length: 400 }, (_, row) => {
    const answer = task === "binary" ? Math.round(draw() * 40) / 40 : draw() * 20 - 10;
    // Both classes are there, whatever is drawn.
    const label = task === "binary" ? (row === 0 || (row > 1 && draw() < answer) ? 1 : 0) : answer + draw() * 6 - 3;
    return { y: label, p: answer, w: row < 2 ? 1 : Math.floor(draw() * 4) };
  });
  return { task, y: rows.map(({ y }) => y), p: rows.map(({ p }) => p), w: rows.map(({ w }) => w) };
}

/** Classes of which one is rarely most probable, and equal probabilities now and then. */
function drawClasses(bits: () => number) {
  const rows = Array.from({ length: 400 }, (_, row) => {
    const label = row < classes ? row : bits() % classes;
    const scores = Array.from(
      { length: classes },
      (_, place) => 1 + (bits() % 5) + (place === label ? 3 : 0) - (place === 3 ? 0.75 : 0),
    );
    const sum = scores.reduce((a, b) => a + b, 0);
    return { label, scores: scores.map((score) => score / sum), weight: row < classes ? 1 : bits() % 4 };
  });
  return {
    task: "multiclass" as const,
    y: rows.map(({ label }) => label),
    p: rows.flatMap(({ scores }) => scores),
    w: rows.map(({ weight }) => weight),
  };
}

/** Groups of 8 rows with grades from 0 to 3, some without any, and equal scores among them. */
function drawRanking(bits: () => number) {
  const rows = Array.from({ length: 400 }, (_, row) => {
    const grade = Math.floor(row / 8) % 7 === 3 ? 0 : Math.max(0, (bits() % 6) - 2);
    return { grade, score: grade + (bits() % 6), weight: bits() % 4 };
  });
  return {
    task: "ranking" as const,
    y: rows.map(({ grade }) => grade),
    p: rows.map(({ score }) => score),
    w: rows.map(({ weight }) => weight),
  };
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
      const sample = {
        labels: Float64Array.from(y),
        predictions: Float64Array.from(p),
        width: p.length / y.length,
        groups: { query: Uint32Array.from(y, (_, row) => Math.floor(row / 8)) },
        scales: { "mase-7": 2.5 },
      };
      const plain = Object.keys(metrics).filter((name) => metrics[name]?.tasks.some((each) => each === task));
      const names = [...plain, ...told[task]];
      const weights = Uint8Array.from(w);
      return Object.fromEntries(
        names.map((name) => [name, expect.closeTo(findMetric(name)?.prepare(sample)(weights) ?? 0, 12)]),
      );
    });
    expect(answers).toEqual(ours);
  });
});
