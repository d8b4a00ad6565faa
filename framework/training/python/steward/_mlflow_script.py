"""Runs a script that logs to MLflow, as it is, as a job: gives it its rows as files, and saves the model that it logs.

    python -P -m steward._mlflow_script label train.parquet validation.parquet train.py --train train.parquet ...

The script runs in this process. MLflow keeps its runs where `MLFLOW_TRACKING_URI` says, beside the rows if it says nothing.
Where the job's run is there already (`MLFLOW_RUN_ID`), the script's first run is that one.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

from . import Job, job as find_job


def main(label: str, train: str, validation: str, script: str, *arguments: str) -> None:
    job = find_job()
    run = os.environ.get("MLFLOW_RUN_ID")
    prepare_environment(Path(train).resolve().parent / "mlruns")
    try:
        import mlflow  # noqa: F401
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error}: the lock of an MLflow script has mlflow or mlflow-skinny, and pyarrow") from None
    from ._mlflow_watch import MlflowWatch

    for split, path in (("train", train), ("validation", validation)):
        write_rows(job, split, Path(path), label)
    watch = MlflowWatch(job, run)
    try:
        run_script(script, arguments)
    finally:
        # A run that failed says what it was tried with, too.
        watch.log_parameters()
    model = watch.choose_model()
    watch.check_columns(model)
    job.save(model.model)


def write_rows(job: Job, split: Any, path: Path, label: str) -> None:
    """Writes a Parquet file of the features as the model gets them, and of the label as the last column."""
    import pyarrow
    import pyarrow.parquet

    rows, labels = job._read(split, "arrow")
    kind = pyarrow.float64() if job.task == "regression" else pyarrow.int64()
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(rows.append_column(label, labels.cast(kind)), path)


def prepare_environment(runs: Path) -> None:
    """Keeps runs in a folder where nobody has said otherwise, and MLflow from telling its makers of its use."""
    if "MLFLOW_TRACKING_URI" not in os.environ:
        os.environ["MLFLOW_TRACKING_URI"] = runs.as_uri()
        # MLflow 3 keeps runs in a database, for which the trainer may lack the packages.
        os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # MLflow asks git for a commit, and warns where there is no git.
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")


def run_script(script: str, arguments: tuple[str, ...]) -> None:
    """Runs it as Python does: its folder first among those of modules, its arguments after its name."""
    sys.argv = [script, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        if ended.code not in (None, 0):
            raise


if __name__ == "__main__":
    main(*sys.argv[1:])
