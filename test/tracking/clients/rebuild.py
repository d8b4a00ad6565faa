"""Fills a server with everything that is sealed (`fill`), and prints all that a client reads of it (`read`)."""

import json
import sys
import warnings
from enum import Enum

import mlflow
import mlflow.sklearn
import numpy as np
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
client = MlflowClient()


def fill():
    mlflow.set_experiment("late")
    mlflow.set_experiment_tag("team", "delays")
    client.set_experiment_tag("0", "note", "of the first")
    client.rename_experiment(client.create_experiment("before"), "after")
    client.delete_experiment(client.create_experiment("gone"))
    inputs = np.random.default_rng(7).normal(size=(40, 2))
    model = LogisticRegression().fit(inputs, inputs[:, 0] > 0)
    with mlflow.start_run(run_name="parent", tags={"k": "v"}) as parent:
        mlflow.log_params({"C": 0.5, "solver": "lbfgs"})
        for step in range(5):
            mlflow.log_metric("auc", 0.5 + step / 10, step=step)
        info = mlflow.sklearn.log_model(model, name="net", registered_model_name="tardy", pip_requirements=["scikit-learn"])
        mlflow.log_metric("loss", 0.25, step=1, model_id=info.model_id)
        with mlflow.start_run(run_name="child", nested=True):
            mlflow.log_metric("auc", float("nan"))
    mlflow.register_model(f"runs:/{parent.info.run_id}/net", "tardy")
    mlflow.register_model(f"runs:/{parent.info.run_id}/net", "tardy")
    client.delete_model_version("tardy", "2")
    client.set_registered_model_alias("tardy", "champion", "3")
    client.set_registered_model_alias("tardy", "moved", "1")
    client.set_registered_model_alias("tardy", "moved", "3")
    client.set_registered_model_alias("tardy", "dropped", "1")
    client.delete_registered_model_alias("tardy", "dropped")
    client.transition_model_version_stage("tardy", "3", "Staging")
    client.update_registered_model("tardy", description="says how late")
    client.update_model_version("tardy", "1", description="the first")
    client.set_model_version_tag("tardy", "1", "checked", "yes")
    client.set_registered_model_tag("tardy", "team", "sky")
    client.rename_registered_model("tardy", "late")
    client.create_registered_model("empty")
    client.create_registered_model("deleted")
    client.delete_registered_model("deleted")
    mlflow.set_logged_model_tags(info.model_id, {"stage": "tried"})
    other = mlflow.initialize_logged_model(name="other", params={"depth": "3"})
    client.delete_logged_model(other.model_id)


def plain(thing):
    if isinstance(thing, (list, tuple)):
        return [plain(each) for each in thing]
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    if hasattr(thing, "__dict__") and not isinstance(thing, Enum):
        return {key: plain(value) for key, value in vars(thing).items()}
    return thing if isinstance(thing, (int, bool, type(None))) else str(thing)


def read():
    experiments = client.search_experiments(view_type=3, order_by=["experiment_id ASC"])
    ids = [one.experiment_id for one in experiments]
    runs = client.search_runs(ids, run_view_type=3, order_by=["attributes.run_name ASC"])
    models = client.search_registered_models(order_by=["name ASC"])
    versions = sorted(client.search_model_versions(), key=lambda one: (one.name, int(one.version)))
    logged = mlflow.search_logged_models(experiment_ids=ids, output_format="list")
    champion = mlflow.sklearn.load_model("models:/late@champion")
    return {
        "experiments": plain(experiments),
        "runs": plain(runs),
        "history": plain([client.get_metric_history(one.info.run_id, "auc") for one in runs]),
        "files": plain([client.list_artifacts(one.info.run_id) for one in runs]),
        "models": plain(models),
        "versions": plain(versions),
        "alias": plain(client.get_model_version_by_alias("late", "moved")),
        "logged": plain(logged),
        "coefficients": champion.coef_.tolist(),
    }


if sys.argv[1] == "fill":
    fill()
    print(json.dumps(None))
else:
    print(json.dumps(read()))
