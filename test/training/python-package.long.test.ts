import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { usePythonPackages } from "../support/python-packages.ts";
import { runProgram, sayRight } from "./converted-model.ts";

const given = usePythonPackages("the libraries of trainers", join(import.meta.dirname, "python-package.lock"));

/** The last line of a program. */
async function run(program: string): Promise<string> {
  if (given.python === undefined) throw new Error(given.missing);
  return runProgram(given.python, await mkdtemp(join(given.folder, "job-")), program);
}

describe("the rows of a Python trainer", () => {
  it("are the same numbers as pandas, polars and Arrow", async () => {
    const program = `
job = make_job(folder)
for split in (job.train, job.validation):
    (X, y), (P, p), (A, a) = split(), split("polars"), split("arrow")
    expected = X.to_numpy()
    assert expected.dtype == np.float32 and list(X.columns) == P.columns == A.column_names == ["hour", "origin", "late"]
    assert np.array_equal(expected, P.to_numpy(), equal_nan=True)
    assert np.array_equal(expected, np.column_stack([A[name].to_numpy() for name in A.column_names]), equal_nan=True)
    assert y.tolist() == p.to_list() == a.to_pylist()
assert np.isnan(expected).any() and set(expected[:, 1]) == {-1, 0, 1}
assert pq.read_table(job.train("path")).num_rows == 1000
print("same")`;
    expect(await run(program)).toBe("same");
  });
});

describe("job.save", () => {
  it.each([
    ["LightGBM", "binary", "import lightgbm; m = lightgbm.LGBMClassifier(verbose=-1).fit(X, y)"],
    ["LightGBM", "regression", "import lightgbm; m = lightgbm.train({'verbosity': -1}, lightgbm.Dataset(X, y), 20)"],
    ["XGBoost", "binary", "import xgboost; m = xgboost.XGBClassifier(n_estimators=30).fit(X, y)"],
    [
      "XGBoost that stopped early",
      "regression",
      "import xgboost; m = xgboost.XGBRegressor(n_estimators=300, early_stopping_rounds=2).fit(X, y, eval_set=[job.validation()], verbose=False)",
    ],
    [
      "XGBoost's own booster",
      "binary",
      `import xgboost
booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, y), 20)
class m:
    predict = staticmethod(lambda rows: booster.predict(xgboost.DMatrix(rows)))
saved = booster`,
    ],
    [
      "scikit-learn's histograms",
      "binary",
      "from sklearn.ensemble import HistGradientBoostingClassifier as C; m = C(max_iter=20).fit(X, y)",
    ],
    [
      "scikit-learn's histograms",
      "regression",
      "from sklearn.ensemble import HistGradientBoostingRegressor as C; m = C(max_iter=20).fit(X, y)",
    ],
    [
      "a pipeline of scikit-learn",
      "binary",
      `from sklearn.pipeline import make_pipeline as p
from sklearn.impute import SimpleImputer as I
from sklearn.linear_model import LogisticRegression as L
m = p(I(), L()).fit(X, y)`,
    ],
    ["LightGBM", "multiclass", "import lightgbm; m = lightgbm.LGBMClassifier(verbose=-1, n_estimators=20).fit(X, y)"],
    [
      "LightGBM's own booster",
      "multiclass",
      `import lightgbm
m = lightgbm.train({'verbosity': -1, 'objective': 'multiclass', 'num_class': 3}, lightgbm.Dataset(X, y), 20)`,
    ],
    ["XGBoost", "multiclass", "import xgboost; m = xgboost.XGBClassifier(n_estimators=20).fit(X, y)"],
    [
      "scikit-learn's histograms",
      "multiclass",
      "from sklearn.ensemble import HistGradientBoostingClassifier as C; m = C(max_iter=20).fit(X, y)",
    ],
  ] as const)("converts %s, %s, to the model's own answers", async (_, task, fit) => {
    const program = `
job = make_job(folder, "${task}")
X, y = job.train()
${fit}
job.save(globals().get("saved", m))
rows = job.validation()[0]
asked = m.predict_proba(rows) if hasattr(m, "predict_proba") else m.predict(rows)
check(job, asked[:, 1] if job.task == "binary" and asked.ndim == 2 else asked)`;
    expect(JSON.parse(await run(program))).toEqual(sayRight(task));
  });

  it.each([
    [
      "the names of the classes, in another order than theirs",
      "names[y]",
      "slice(None)",
      'm.classes_.tolist() == ["early", "late", "noon"]',
    ],
    ["two of the three classes", "y", "y != 1", "m.classes_.tolist() == [0, 2]"],
  ])("puts the answers of a model that was fitted on %s where the classes are", async (_, labels, rows, seen) => {
    const program = `
from sklearn.pipeline import make_pipeline as p
from sklearn.impute import SimpleImputer as I
from sklearn.linear_model import LogisticRegression as L
job = make_job(folder, "multiclass")
X, y = job.train()
assert y.dtype == np.int64 and set(y) == {0, 1, 2}
names, y, used = np.array(job.classes), y.to_numpy(), ${rows === "slice(None)" ? "slice(None)" : "y.to_numpy() != 1"}
m = p(I(), L(max_iter=1000)).fit(X[used], (${labels})[used])
assert ${seen}, m.classes_
job.save(m)
asked, expected = m.predict_proba(job.validation()[0]), np.zeros((500, 3))
for column, seen in enumerate(m.classes_.tolist()):
    expected[:, seen if isinstance(seen, int) else job.classes.index(seen)] = asked[:, column]
check(job, expected)`;
    expect(JSON.parse(await run(program))).toEqual(sayRight("multiclass"));
  });

  it("says of a classifier of other classes than the label's that it is one", async () => {
    const program = `
from sklearn.ensemble import HistGradientBoostingClassifier as C
job = make_job(folder, "multiclass")
X, y = job.train()
try: job.save(C(max_iter=2).fit(X, np.where(y == 1, "noon", "dawn")))
except ValueError as error: print(job.model.exists(), error)`;
    expect(await run(program)).toBe(
      "False the model was fitted on the class 'dawn', and the classes are ['early', 'noon', 'late']",
    );
  });

  it("refuses a model whose conversion answers otherwise, and leaves none", async () => {
    const program = `
from sklearn.ensemble import RandomForestRegressor
job = make_job(folder, "regression")
try: job.save(RandomForestRegressor(5).fit(*job.train()))
except ValueError as error: print(job.model.exists(), error)`;
    // The forests of scikit-learn know missing values, their conversion does not.
    expect(await run(program)).toMatch(
      /^False the ONNX model does not answer as the model it was made of: for validation row/,
    );
  });

  it("leaves the model's own answers to some rows beside it, and none where it was given ONNX", async () => {
    const program = `
import lightgbm
job = make_job(folder)
model = lightgbm.LGBMClassifier(verbose=-1).fit(*job.train())
job.save(model)
left = job.model.with_suffix(".answers.json")
kept = json.loads(left.read_text())
expected = model.predict_proba(job.validation()[0])[:, 1]
assert len(kept["rows"]) == 256 and kept["rows"] == sorted(set(kept["rows"])) and kept["rows"][-1] == 499
assert [[expected[row]] for row in kept["rows"]] == kept["answers"]
job.save(job.model.read_bytes())
print(kept["split"], kept["framework"] == f"lightgbm {lightgbm.__version__}", left.exists())`;
    expect(await run(program)).toBe("validation True False");
  });

  it("names what it takes when it gets something else", async () => {
    const program = `
try: make_job(folder).save({"weights": 1})
except TypeError as error: print(error)`;
    expect(await run(program)).toBe(
      "job.save() got a builtins.dict: it takes models of LightGBM, XGBoost, scikit-learn and PyTorch, and ONNX itself",
    );
  });
});

describe("the types of the Python package", () => {
  const execute = promisify(execFile);
  const helper = join(import.meta.dirname, "../../framework/training/python");

  async function check(...args: readonly string[]): Promise<string> {
    if (given.python === undefined) throw new Error(given.missing);
    const cache = join(given.folder, "types");
    const command = ["-m", "mypy", "--strict", "--ignore-missing-imports", "--cache-dir", cache, ...args];
    const { stdout } = await execute(given.python, command, { cwd: given.folder, env: { MYPYPATH: helper } });
    return stdout;
  }

  it("hold by a strict checker", async () => {
    expect(await check("-p", "steward")).toContain("no issues found");
  });

  it("tell a trainer what it gets", async () => {
    const right = `
import pathlib, steward
job = steward.job()
path: pathlib.Path = job.train("path")
X, y = job.validation("polars")
job.report(1, of=2, auc=0.5)
job.checkpoint({"round": 1})
while not job.stopping: pass
`;
    expect(await check("-c", right)).toContain("no issues found");
    for (const wrong of ['job.train("csv")', 'job.report("1")', "job.checkpoint(7)", 'job.train("path").columns'])
      await expect(check("-c", `import steward\njob = steward.job()\n${wrong}\n`), wrong).rejects.toThrow(
        "Command failed",
      );
  });
});
