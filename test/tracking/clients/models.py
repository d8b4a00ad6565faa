"""Everything of artifacts, logged and registered models that a client does, against one server; prints what it saw."""

import json
import os
import sys
import tempfile
import warnings

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
prefix = sys.argv[1]
client = MlflowClient()
is_three = mlflow.__version__.startswith("3")
seen = {"version": mlflow.__version__}


def failing(action):
    try:
        action()
    except MlflowException as error:
        return error.error_code
    return "nothing failed"


mlflow.set_experiment(f"{prefix} models")
rng = np.random.default_rng(7)
inputs = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
label = (inputs["a"] + inputs["b"] > 0).astype(int)

# Files.
with mlflow.start_run() as run:
    folder = tempfile.mkdtemp()
    os.makedirs(os.path.join(folder, "deep", "deeper"))
    for name in ["plain.txt", "data é.csv", "50% off.txt", os.path.join("deep", "deeper", "x.bin")]:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(name.encode() * 3)
    with open(os.path.join(folder, "large.bin"), "wb") as file:
        file.write(rng.bytes(3_000_000))
    mlflow.log_artifacts(folder, "all")
    mlflow.log_artifact(os.path.join(folder, "plain.txt"))
    mlflow.log_dict({"a": [1, 2]}, "config/settings.json")
    mlflow.log_text("a text", "notes.txt")
    mlflow.log_table({"question": ["a", "b"], "answer": ["1", "2"]}, "table.json")
    mlflow.log_table({"question": ["c"], "answer": ["3"]}, "table.json")
    run_id = run.info.run_id
    loaded = mlflow.load_table("table.json", run_ids=[run_id])
    back = client.download_artifacts(run_id, "all")
    same = all(
        open(os.path.join(root, name), "rb").read() == open(os.path.join(folder, os.path.relpath(os.path.join(root, name), back)), "rb").read()
        for root, _, names in os.walk(back)
        for name in names
    )
    count = sum(len(names) for _, _, names in os.walk(back))
    listed = [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run_id)]
    seen["files"] = {
        "listed": listed,
        "deep": [f.path for f in client.list_artifacts(run_id, "all/deep")],
        "of_a_file": [f.path for f in client.list_artifacts(run_id, "notes.txt")],
        "same": [same, count],
        "dict": mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/config/settings.json"),
        "text": mlflow.artifacts.load_text(f"runs:/{run_id}/notes.txt"),
        "table": loaded["answer"].tolist(),
        "missing": failing(lambda: mlflow.artifacts.load_text(f"runs:/{run_id}/none.txt")) != "nothing failed",
    }
    # A client that asks for an upload in parts sends the file as a whole when it is refused.
    os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
    os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = "1000"
    client.log_artifact(run_id, os.path.join(folder, "large.bin"), "parts")
    del os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"]
    seen["files"]["parts"] = [f.file_size for f in client.list_artifacts(run_id, "parts")]

# A model that is logged, registered and loaded in every way.
name = f"{prefix} late"
model = LogisticRegression().fit(inputs, label)
where = {"name": "net"} if is_three else {"artifact_path": "net"}
with mlflow.start_run() as run:
    mlflow.log_metric("auc", 0.9)
    info = mlflow.sklearn.log_model(model, **where, registered_model_name=name, pip_requirements=["scikit-learn"])
    run_id = run.info.run_id
mlflow.register_model(f"runs:/{run_id}/net", name)
client.set_registered_model_alias(name, "champion", "1")
client.transition_model_version_stage(name, "2", "Staging")
client.update_registered_model(name, description="says how late")
client.update_model_version(name, "1", description="the first")
client.set_model_version_tag(name, "1", "checked", "yes")
client.set_registered_model_tag(name, "team", "sky")
client.set_registered_model_tag(name, "gone", "x")
client.delete_registered_model_tag(name, "gone")
expected = model.predict(inputs).tolist()
addresses = [info.model_uri, f"runs:/{run_id}/net", f"models:/{name}/1", f"models:/{name}@champion", f"models:/{name}/Staging", f"models:/{name}/latest"]
seen["loaded"] = [mlflow.sklearn.load_model(address).predict(inputs).tolist() == expected for address in addresses]
seen["pyfunc"] = mlflow.pyfunc.load_model(f"models:/{name}@champion").predict(inputs).tolist() == expected
first = client.get_model_version(name, "1")
whole = client.get_registered_model(name)
seen["registered"] = {
    "status": first.status,
    "run": first.run_id == run_id,
    "aliases": list(first.aliases),
    "description": [first.description, whole.description],
    "tags": [first.tags, whole.tags],
    "stages": sorted((v.version, v.current_stage) for v in client.search_model_versions(f"name='{name}'")),
    "of_run": len(client.search_model_versions(f"run_id='{run_id}' AND name = '{name}'")),
    "latest": [(v.version, v.current_stage) for v in client.get_latest_versions(name, ["Staging"])],
    "alias": client.get_model_version_by_alias(name, "champion").version,
    "no_alias": failing(lambda: client.get_model_version_by_alias(name, "challenger")),
    "no_model": failing(lambda: client.get_registered_model("none at all")),
    "twice": failing(lambda: client.create_registered_model(name)),
    "found": [m.name for m in client.search_registered_models(f"name LIKE '{prefix}%' AND tags.team = 'sky'", order_by=["name DESC"])],
    "outside": failing(lambda: client.create_model_version(name, "file:///etc/passwd")),
}
history = mlflow.get_run(run_id).data.tags.get("mlflow.log-model.history")
seen["history"] = history is not None

if is_three:
    logged = mlflow.get_logged_model(info.model_id)
    mlflow.set_logged_model_tags(info.model_id, {"stage": "tried", "gone": "x"})
    mlflow.delete_logged_model_tag(info.model_id, "gone")
    mlflow.log_metric("auc", 0.95, step=1, run_id=run_id, model_id=info.model_id)
    found = mlflow.search_logged_models(filter_string="name = 'net' AND metrics.auc > 0.5", output_format="list", order_by=[{"field_name": "metrics.auc", "ascending": False}])
    other = mlflow.initialize_logged_model(name="other", params={"depth": "3"})
    mlflow.finalize_logged_model(other.model_id, "FAILED")
    failed = mlflow.get_logged_model(other.model_id)
    client.delete_logged_model(other.model_id)
    seen["logged"] = {
        "status": str(logged.status),
        "name": logged.name,
        "run": logged.source_run_id == run_id,
        "outputs": [o.model_id == info.model_id for o in mlflow.get_run(run_id).outputs.model_outputs],
        "metrics": sorted(m.value for m in mlflow.get_logged_model(info.model_id).metrics),
        "found": [m.model_id == info.model_id for m in found],
        "tags": {k: v for k, v in mlflow.get_logged_model(info.model_id).tags.items() if not k.startswith("mlflow.")},
        "versions": json.loads(mlflow.get_logged_model(info.model_id).tags["mlflow.modelVersions"]),
        "failed": [str(failed.status), failed.params],
        "deleted": failing(lambda: mlflow.get_logged_model(other.model_id)),
        "source": first.source == f"models:/{info.model_id}",
        "copied": client.copy_model_version(f"models:/{name}/1", f"{prefix} copy").source,
    }

    @mlflow.trace
    def traced(x):
        return x + 1

    seen["traced"] = traced(1)
    client.delete_registered_model(f"{prefix} copy")

client.rename_registered_model(name, f"{prefix} tardy")
client.delete_model_version(f"{prefix} tardy", "1")
seen["renamed"] = [v.version for v in client.search_model_versions(f"name = '{prefix} tardy'")]
client.delete_registered_model(f"{prefix} tardy")
seen["deleted"] = failing(lambda: client.get_registered_model(f"{prefix} tardy"))

# What a fit logs by itself.
mlflow.sklearn.autolog(log_input_examples=False, silent=True)
with mlflow.start_run() as run:
    LogisticRegression(C=0.5).fit(inputs, label)
mlflow.sklearn.autolog(disable=True)
auto = mlflow.get_run(run.info.run_id)
seen["autolog"] = {
    "status": auto.info.status,
    "param": auto.data.params.get("C"),
    "metric": auto.data.metrics.get("training_accuracy_score", 0) > 0.8,
    "model": mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model").predict(inputs).shape[0],
    "files": any(f.path == "estimator.html" for f in client.list_artifacts(run.info.run_id)),
}

print(json.dumps(seen, default=str))
