import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openExplainer } from "../../framework/explanation/explainer.ts";
import { openSession } from "../../framework/models/session.ts";
import { usePythonPackages } from "../support/python-packages.ts";
import { runProgram } from "../training/converted-model.ts";

const given = usePythonPackages("the shap package", join(import.meta.dirname, "tree-shap.lock"));

/** What is the same for all models: rows, and what shap says of `m`, whose columns are made by `columns` of the features. */
const around = (task: string, fit: string) => `
import base64, shap
import pandas as pd
from steward import _onnx
job = make_job(folder, "${task}")
X, y = job.train()
rows = job.validation()[0].iloc[:200]
columns = lambda rows: rows
names = list(X.columns)
complete = lambda rows: rows.fillna(-1)
# Saved as ONNX, which is not held against the model: some of scikit-learn's know none of the job's missing values.
save = lambda model: job.save(_onnx._convert(job, model)[0])
${fit}
save(globals().get("saved", m))
explainer = shap.TreeExplainer(m, feature_perturbation="tree_path_dependent")
values = explainer.shap_values(columns(rows))
base = explainer.expected_value
# By row, class and feature; of two classes the true one alone.
values = values.transpose(0, 2, 1) if np.ndim(values) == 3 else values[:, np.newaxis, :]
if values.shape[1] == 2: values, base = values[:, 1:], base[1:]
of = lambda name: [i for i, each in enumerate(names) if each == name]
values = np.stack([values[:, :, of(name)].sum(axis=2) for name in X.columns], axis=2)
pack = lambda matrix, kind: base64.b64encode(np.ascontiguousarray(matrix, dtype=kind).tobytes()).decode()
print(json.dumps({"model": str(job.model), "train": pack(X, "<f4"), "rows": pack(rows, "<f4"),
    "values": pack(values, "<f8"), "expected": np.reshape(base, -1).tolist(), "classes": values.shape[1]}))`;

const unpack = (text: string) => Uint8Array.from(Buffer.from(text, "base64")).buffer;

async function explainBoth(task: string, fit: string) {
  if (given.python === undefined) throw new Error(given.missing);
  const said = JSON.parse(await runProgram(given.python, await mkdtemp(join(given.folder, "job-")), around(task, fit)));
  const width = 3;
  const session = await openSession(said.model, width, said.classes);
  const explainer = await openExplainer({
    file: said.model,
    // The rows of the training: so the nodes are covered as they were when the trees grew, which is what shap goes by.
    background: { matrix: new Float32Array(unpack(said.train)), width },
    predict: (matrix, rows) => session.predict(matrix, rows),
  });
  const explained = await explainer.explain({ matrix: new Float32Array(unpack(said.rows)), width });
  await explainer.close();
  await session.close();
  return {
    method: explainer.why ?? explainer.method,
    ours: explained.flat().flatMap(({ attributions }) => [...attributions]),
    expected: explained[0]?.map(({ expected }) => expected) ?? [],
    theirs: [...new Float64Array(unpack(said.values))],
    theirExpected: said.expected as readonly number[],
  };
}

describe("attributions by trees beside the shap package", () => {
  it.each([
    ["LightGBM", "binary", "import lightgbm; m = lightgbm.LGBMClassifier(n_estimators=80, verbose=-1).fit(X, y)"],
    ["LightGBM", "regression", "import lightgbm; m = lightgbm.LGBMRegressor(n_estimators=80, verbose=-1).fit(X, y)"],
    [
      "LightGBM with categories of its own",
      "regression",
      `import lightgbm
X, rows = complete(X).assign(origin=X.origin + 1), complete(rows).assign(origin=rows.origin + 1)
m = lightgbm.LGBMRegressor(n_estimators=40, min_data_per_group=5, cat_smooth=1, verbose=-1).fit(X, y, categorical_feature=["origin"])`,
    ],
    [
      "LightGBM of three classes",
      "regression",
      `import lightgbm
class classes: task, features, classes = "multiclass", job.features, ["few", "some", "many"]
y = np.digitize(y, [8, 16])
m = lightgbm.LGBMClassifier(n_estimators=30, verbose=-1).fit(X, y)
def save(model):
    graph = _onnx._convert(classes, model)[0]
    _onnx._order_classes(graph, [0, 1, 2], 3)
    job.model.write_bytes(graph.SerializeToString())`,
    ],
    ["XGBoost", "regression", "import xgboost; m = xgboost.XGBRegressor(n_estimators=40).fit(X, y)"],
    [
      "scikit-learn's boosting",
      "regression",
      `from sklearn.ensemble import GradientBoostingRegressor as R
X, rows = complete(X), complete(rows)
m = R(n_estimators=50, max_depth=4).fit(X, y)`,
    ],
    [
      "scikit-learn's boosting",
      "binary",
      `from sklearn.ensemble import GradientBoostingClassifier as C
X, rows = complete(X), complete(rows)
m = C(n_estimators=50, max_depth=4).fit(X, y)`,
    ],
    [
      "a forest of scikit-learn",
      "binary",
      `from sklearn.ensemble import RandomForestClassifier as C
X, rows = complete(X), complete(rows)
m = C(20, bootstrap=False, max_features=1, max_depth=9, random_state=1).fit(X, y)`,
    ],
    [
      "scikit-learn's histograms",
      "regression",
      "from sklearn.ensemble import HistGradientBoostingRegressor as R; m = R(max_iter=30, early_stopping=False).fit(X, y)",
    ],
    [
      "a pipeline with a category as one column for each value, and scaled numbers",
      "regression",
      `from sklearn.pipeline import make_pipeline
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.ensemble import GradientBoostingRegressor as R
# Whole numbers would lie on thresholds, which are in the middle of others: the runtime scales in 32 bits, scikit-learn in 64.
X, rows = complete(X), complete(rows) + [0.25, 0, 0.25]
encode = ColumnTransformer([("origin", OneHotEncoder(sparse_output=False), [1]), ("numbers", StandardScaler(), [0, 2])])
saved = make_pipeline(encode, R(n_estimators=40, max_depth=4)).fit(X.to_numpy(), y)
m = saved[-1]
columns = lambda rows: encode.transform(rows.to_numpy())
names = ["origin"] * 3 + ["hour", "late"]`,
    ],
  ] as const)("are the same for %s, %s", async (_, task, fit) => {
    const { method, ours, expected, theirs, theirExpected } = await explainBoth(task, fit);
    expect(method).toBe("tree-shap");
    expect(ours).toHaveLength(theirs.length);
    const scale = Math.max(1, ...theirs.map(Math.abs));
    const worst = Math.max(...ours.map((value, at) => Math.abs(value - (theirs[at] ?? Number.NaN))));
    expect(worst / scale).toBeLessThan(1e-6);
    expect(expected).toEqual(theirExpected.map((each) => expect.closeTo(each, 5)));
    expect(scale).toBeGreaterThan(0.1);
  });
});
