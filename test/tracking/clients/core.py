"""Everything of experiments and runs that a client does, against one server; prints what it saw."""

import json
import math
import os
import sys
import time

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

prefix = sys.argv[1]
client = MlflowClient()
seen = {"version": mlflow.__version__}


def failing(action):
    try:
        action()
    except MlflowException as error:
        return error.error_code
    return "nothing failed"


# Experiments.
experiment = mlflow.set_experiment(f"{prefix} flights")
again = mlflow.set_experiment(f"{prefix} flights")
mlflow.set_experiment_tag("team", "delays")
other_id = client.create_experiment(f"{prefix} other", tags={"team": "other"})
client.rename_experiment(other_id, f"{prefix} renamed")
found = [e.name for e in client.search_experiments(filter_string=f"name LIKE '{prefix} %'", order_by=["name ASC"])]
tagged = [e.name for e in client.search_experiments(filter_string=f"tags.team = 'other' AND name LIKE '{prefix}%'")]
paged = client.search_experiments(max_results=1, view_type=ViewType.ALL)
client.delete_experiment(other_id)
deleted = client.get_experiment(other_id).lifecycle_stage
client.restore_experiment(other_id)
seen["experiments"] = {
    "same": experiment.experiment_id == again.experiment_id,
    "id": type(experiment.experiment_id).__name__,
    "location": experiment.artifact_location == f"mlflow-artifacts:/{experiment.experiment_id}",
    "tags": client.get_experiment(experiment.experiment_id).tags.get("team"),
    "found": found,
    "tagged": tagged,
    "pages": [len(paged), bool(paged.token)],
    "deleted": [deleted, client.get_experiment(other_id).lifecycle_stage],
    "missing": client.get_experiment_by_name(f"{prefix} nowhere"),
    "missing_id": failing(lambda: client.get_experiment("987654")),
    "taken": failing(lambda: client.create_experiment(f"{prefix} flights")),
}

# A run with everything, and nested ones.
with mlflow.start_run(run_name="parent", description="the whole") as parent:
    mlflow.log_param("depth", 6)
    mlflow.log_param("depth", 6)
    mlflow.log_params({"rate": 0.1, "text": "é ☃ 'quoted'", "empty": ""})
    changed = failing(lambda: mlflow.log_param("depth", 7))
    changed_in_batch = failing(lambda: mlflow.log_params({"depth": 8, "late": 1}))
    for step in range(5):
        mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
    mlflow.log_metrics({"auc": 0.9, "nan": math.nan, "inf": math.inf, "minus": -math.inf}, step=3)
    client.log_batch(
        parent.info.run_id,
        metrics=[Metric("many", float(i), int(time.time() * 1000), i) for i in range(1000)],
    )
    mlflow.set_tag("note", "first")
    mlflow.set_tags({"note": "second", "team/sub": "x", "gone": "soon"})
    mlflow.delete_tag("gone")
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]})
    dataset = mlflow.data.from_pandas(frame, source="s3://bucket/flights.csv", name="flights")
    mlflow.log_input(dataset, context="training", tags={"split": "a"})
    mlflow.log_input(dataset, context="training")
    with mlflow.start_run(run_name="child", nested=True) as child:
        mlflow.log_metric("auc", 0.5)
    parent_id, child_id = parent.info.run_id, child.info.run_id

run = client.get_run(parent_id)
history = client.get_metric_history(parent_id, "loss")
inputs = run.inputs.dataset_inputs
seen["run"] = {
    "status": run.info.status,
    "ended": run.info.end_time >= run.info.start_time,
    "name": run.info.run_name,
    "artifacts": run.info.artifact_uri == f"mlflow-artifacts:/{experiment.experiment_id}/{parent_id}/artifacts",
    "params": run.data.params,
    "changed": [changed, changed_in_batch],
    "metrics": {key: ("NaN" if math.isnan(value) else value) for key, value in run.data.metrics.items()},
    "history": [[m.step, m.value] for m in history],
    "many": len(client.get_metric_history(parent_id, "many")),
    "tags": {key: value for key, value in run.data.tags.items() if not key.startswith("mlflow.source")},
    "dataset": [[i.dataset.name, i.dataset.source_type, sorted((t.key, t.value) for t in i.tags)] for i in inputs],
    "child": client.get_run(child_id).data.tags["mlflow.parentRunId"] == parent_id,
    "missing": failing(lambda: client.get_run("0" * 32)),
    "own": failing(lambda: client.set_tag(parent_id, "steward.actor", "somebody else")),
    "no_history": client.get_metric_history(parent_id, "never"),
}

# Searches: twelve runs, one without the metric, one with NaN.
ids = {}
for index in range(12):
    with mlflow.start_run(run_name=f"search {index}") as one:
        ids[one.info.run_id] = index
        mlflow.log_param("kind", "even" if index % 2 == 0 else "odd")
        mlflow.set_tag("my group", f"Group-{index // 4}")
        if index == 10:
            mlflow.log_metric("score", math.nan)
        elif index != 11:
            mlflow.log_metric("score", index / 10)


def search(filter_string="", order_by=None, **more):
    result = client.search_runs([experiment.experiment_id], filter_string, order_by=order_by, **more)
    return [ids.get(r.info.run_id, r.info.run_name) for r in result if r.info.run_id in ids]


seen["search"] = {
    "metric": search("metrics.score > 0.5 AND params.kind = \"odd\"", ["metrics.score ASC"]),
    "descending": search("params.kind = 'even'", ["metrics.score DESC"]),
    "ascending": search("", ["metric.score ASC", "attributes.start_time ASC"]),
    "unequal": sorted(search("metrics.score != 0.3")),
    "like": search("tags.`my group` LIKE 'Group-2%'", ["attributes.start_time ASC"]),
    "ilike": search("tags.\"my group\" ILIKE 'group-1'", ["attributes.start_time ASC"]),
    "name": search("attributes.run_name = 'search 7'"),
    "alias": search("run_name LIKE 'search 1_' and status = 'FINISHED'", ["start_time ASC"]),
    "in": sorted(search("attributes.run_id IN ('%s', '%s')" % tuple(list(ids)[:2]))),
    "time": len(search("attributes.start_time > 0 AND attributes.end_time > 1000")),
    "params": search("", ["params.kind DESC", "metrics.score DESC"]),
    "nested": [r.info.run_id == child_id for r in client.search_runs([experiment.experiment_id], f"tags.mlflow.parentRunId = '{parent_id}'")],
    "dataset": [r.info.run_id == parent_id for r in client.search_runs([experiment.experiment_id], "datasets.name = 'flights' AND dataset.context = 'training'")],
    "wrong": [failing(lambda f=f: search(f)) for f in ["metrics.score > 'x'", "score >", "params.kind = even", "nothing.x = 1", "metrics.a = 1 OR metrics.a = 2", "attributes.wrong = 'x'"]],
}
if mlflow.__version__.startswith("3"):
    seen["null"] = [sorted(search("params.kind IS NOT NULL AND tags.nowhere IS NULL")), search("params.kind IS NULL")]
pages, token = [], None
while True:
    page = client.search_runs([experiment.experiment_id], "params.kind = 'odd'", order_by=["metrics.score"], max_results=4, page_token=token)
    pages.append([ids[r.info.run_id] for r in page])
    token = page.token
    if not token:
        break
seen["pages"] = pages
table = mlflow.search_runs([experiment.experiment_id], "metrics.score >= 0.8", order_by=["metrics.score DESC"])
seen["frame"] = [list(table["metrics.score"]), list(table["params.kind"])]

# Ends, deletions, resumption.
with mlflow.start_run(run_id=child_id):
    mlflow.log_metric("auc", 0.6, step=1)
failed = client.create_run(experiment.experiment_id, run_name="failed")
client.set_terminated(failed.info.run_id, "FAILED")
client.update_run(failed.info.run_id, name="renamed")
client.delete_run(failed.info.run_id)
stage = client.get_run(failed.info.run_id).info.lifecycle_stage
refused = failing(lambda: client.log_metric(failed.info.run_id, "x", 1))
hidden = len(client.search_runs([experiment.experiment_id], "attributes.run_name = 'renamed'"))
shown = len(client.search_runs([experiment.experiment_id], "attributes.run_name = 'renamed'", ViewType.DELETED_ONLY))
client.restore_run(failed.info.run_id)
restored = client.get_run(failed.info.run_id)
seen["ends"] = {
    "resumed": client.get_run(child_id).data.metrics["auc"],
    "failed": [restored.info.status, restored.info.run_name, restored.data.tags["mlflow.runName"]],
    "deleted": [stage, refused, hidden, shown, restored.info.lifecycle_stage],
    "too_long": failing(lambda: client.set_experiment_tag(experiment.experiment_id, "x" * 251, "v")),
    "bad_name": failing(lambda: client.log_metric(child_id, "../up", 1)),
}
seen["ids"] = {"experiment": experiment.experiment_id, "parent": parent_id, "child": child_id}
print(json.dumps(seen))
