import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { usePythonPackages } from "../support/python-packages.ts";
import { runProgram, sayRight } from "./converted-model.ts";

const given = usePythonPackages(
  "MLflow and the libraries of trainers",
  join(import.meta.dirname, "mlflow-script.lock"),
);

/** A script that knows its rows by the names of its arguments, and what it does with them. */
const writeScript = (fit: string) => `
import sys
import mlflow, numpy as np, pandas as pd
X, held = pd.read_parquet(sys.argv[2]), pd.read_parquet(sys.argv[4])
y, held_y = X.pop("is late"), held.pop("is late")
assert list(X.columns) == ["hour", "origin", "late"] and set(X.dtypes) == {np.dtype("float32")}
assert X.isna().any().any() and set(X["origin"]) == {-1, 0, 1}
${fit}
np.save("answers.npy", m.predict_proba(held)[:, 1] if hasattr(m, "predict_proba") else m.predict(held))
`;

/** Runs a script as a job's trainer, and says how the ONNX file stands to the model's own answers. */
async function run(task: string, fit: string): Promise<unknown> {
  if (given.python === undefined) throw new Error(given.missing);
  const folder = await mkdtemp(join(given.folder, "job-"));
  const program = `
os.chdir(folder)
job = make_job(folder, "${task}")
pathlib.Path("train.py").write_text(${JSON.stringify(writeScript(fit))})
from steward import _mlflow_script
files = ["rows/train.parquet", "rows/validation.parquet"]
_mlflow_script.main("is late", *files, "train.py", "--train", files[0], "--validation", files[1])
check(job, np.load("answers.npy"))`;
  return JSON.parse(await runProgram(given.python, folder, program));
}

describe("a model that a script logs to MLflow", () => {
  it.each([
    [
      "LightGBM's, logged by itself",
      "binary",
      `assert set(y) == {0, 1} and y.dtype == "int64"
import lightgbm
mlflow.lightgbm.autolog()
m = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1).fit(X, y)`,
    ],
    [
      "XGBoost's, with an example of its rows",
      "regression",
      `assert y.dtype == "float64"
import xgboost
m = xgboost.XGBRegressor(n_estimators=20).fit(X, y)
with mlflow.start_run(): mlflow.xgboost.log_model(m, name="model", input_example=X.head())`,
    ],
    [
      "LightGBM's as it was when it was logged, though it is fitted again",
      "regression",
      `import lightgbm, types
once = lightgbm.LGBMRegressor(n_estimators=20, verbose=-1).fit(X, y)
with mlflow.start_run(): mlflow.lightgbm.log_model(once, name="model")
m = types.SimpleNamespace(predict=lambda rows, logged=once.predict(held): logged)
once.fit(X, 5 - y)`,
    ],
    [
      "scikit-learn's, logged by itself though MLflow cannot write it",
      "binary",
      `from sklearn.ensemble import HistGradientBoostingClassifier
mlflow.sklearn.autolog(serialization_format="skops")
m = HistGradientBoostingClassifier(max_iter=20).fit(X, y)`,
    ],
  ] as const)("is converted: %s", async (_, task, fit) => {
    expect(await run(task, fit)).toEqual(sayRight(task));
  });
});
