"""A job whose script logs by all ways that MLflow has, seen by Steward's watch; prints what the watch saw as JSON.

The rows and the job are made here: nothing but what MLflow's client brings is installed.
"""

import contextlib
import io
import json
import os
import types

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

run = os.environ.get("MLFLOW_RUN_ID")

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.models import infer_signature

from steward import Feature
from steward._mlflow_watch import LoggedModel, MlflowWatch

seen = {"version": mlflow.__version__}
reports = []
job = types.SimpleNamespace(
    features=[Feature("a", "number"), Feature("b", "number")], params={"alpha": 1, "depth": 3}, _step=0
)
job._tell = lambda report: reports.append({"step": job._step, **report})
said = io.StringIO()
X = pd.DataFrame(np.arange(20, dtype=np.float32).reshape(10, 2), columns=["a", "b"])
y = X["a"] * 2 - X["b"]
#: How a model is named.
place = "artifact_path" if mlflow.__version__.startswith("2") else "name"


def log(frame, name, **options):
    model = LinearRegression().fit(frame, y)
    mlflow.sklearn.log_model(model, **{place: name}, serialization_format="cloudpickle", **options)
    return model


with contextlib.redirect_stderr(said):
    watch = MlflowWatch(job, run)
    mlflow.set_tracking_uri("http://127.0.0.1:9")
    experiment = mlflow.set_experiment("another")
    with mlflow.start_run() as active:
        mlflow.log_param("alpha", 1.0)
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"loss": 0.25, "broken": float("nan")}, step=2)
        MlflowClient().log_batch(active.info.run_id, [Metric("auc", 0.75, 0, 3), Metric("loss", 0.125, 0, 3)])
        mlflow.log_metric("late", 1, step=4, synchronous=False).wait()
        first = log(X, "model", signature=infer_signature(X, y))
        log(X, "other")
        with mlflow.start_run(nested=True):
            mlflow.log_metric("inner", 1)
            log(X, "model")
        mlflow.pyfunc.log_model(**{place: "function"}, python_model=lambda model_input: model_input, pip_requirements=["mlflow"])
    watch.log_parameters()

logged = first.coef_.tolist()
first.fit(X, -y)
seen["reports"] = list(reports)
chosen = watch.choose_model()
seen["chosen"] = [chosen.name, chosen.model.coef_.tolist() == logged]
seen["same"] = active.info.run_id == run
seen["strangers"] = sorted(watch._strangers)
after = MlflowClient().get_run(run)
seen["run"] = {
    "status": after.info.status,
    "params": after.data.params,
    "loss": [[each.step, each.value] for each in MlflowClient().get_metric_history(run, "loss")],
    "experiment": experiment.experiment_id == after.info.experiment_id,
    "runs": len(MlflowClient().search_runs([after.info.experiment_id])),
    "others": [each.name for each in MlflowClient().search_experiments(filter_string="name = 'another'")],
}
seen["said"] = [line for line in said.getvalue().splitlines() if "passed over" in line]

# What autologging logs.
watch._models.clear()
reports.clear()
os.environ["MLFLOW_RUN_ID"] = run
with contextlib.redirect_stderr(said):
    mlflow.sklearn.autolog(log_datasets=False)
    LinearRegression().fit(X, y)
    mlflow.sklearn.autolog(disable=True)
seen["autologged"] = {
    "models": [each.name for each in watch._models],
    "reports": sorted({name for each in reports for name in each["metrics"]}),
}


def refuse(frame, model=None, signature=True):
    fitted = model or LinearRegression().fit(frame, y)
    with contextlib.redirect_stderr(io.StringIO()) as noted:
        try:
            watch.check_columns(LoggedModel("model", fitted, infer_signature(frame, y) if signature else None))
        except SystemExit as refusal:
            return str(refusal)
    return noted.getvalue().strip()


seen["columns"] = {
    "right": refuse(X),
    "without a signature": refuse(X, signature=False),
    "lacking and unknown": refuse(X.rename(columns={"b": "label"})),
    "another order": refuse(X[["b", "a"]], signature=False),
    "without names": refuse(X.to_numpy(), signature=False),
}
watch._models.clear()
try:
    watch.choose_model()
except SystemExit as refusal:
    seen["none"] = str(refusal)
print(json.dumps(seen))
