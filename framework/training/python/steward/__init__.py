"""What a trainer needs of Steward: its inputs, its parameters, a way to report, and a way to save its model.

    import steward

    job = steward.job()
    X, y = job.train()
    ...
    job.report(10, of=200, auc=0.69)
    job.save(model)

Nothing but the standard library is imported until it is needed.
"""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas

__all__ = ["Feature", "Job", "job"]


class Feature(NamedTuple):
    """One input of the model."""

    name: str
    type: Literal["number", "boolean", "category"]


class Job:
    """One training: read from the file that `STEWARD_JOB` names."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        #: The values of the trainer's parameters, by name.
        self.params: dict[str, Any] = content["params"]
        #: The inputs of the model, in its order.
        self.features = [Feature(each["name"], each["type"]) for each in content["features"]]
        #: The values of each category; a value's code is its index here.
        self.categories: dict[str, list[str]] = content["categories"]
        self.task: Literal["binary", "regression"] = content["task"]
        self.seed: int = content["seed"]
        #: The run's identity.
        self.run: str = content["run"]
        #: How many cores the job may use.
        self.cpu = int(os.environ.get("OMP_NUM_THREADS", "1"))
        #: Where to leave what the next attempt of this run should find.
        self.checkpoint_dir = Path(content["checkpoints"])
        #: Where the model is to be: `save` writes it.
        self.model = Path(content["model"])
        #: The Parquet files of the rows, for trainers that read them themselves.
        self.inputs = {split: Path(file) for split, file in content["inputs"].items()}
        self._label: str = content["label"]

    def train(self) -> tuple[pandas.DataFrame, pandas.Series]:
        """The training rows: features as the model gets them, and the label."""
        return self._read("train")

    def validation(self) -> tuple[pandas.DataFrame, pandas.Series]:
        """The validation rows: features as the model gets them, and the label."""
        return self._read("validation")

    def report(self, step: int, of: int | None = None, **metrics: float) -> None:
        """Shows progress: step `step` of `of`, with metrics. A metric that is not finite is left out."""
        finite = {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
        report = {"step": int(step), **({} if of is None else {"of": int(of)}), "metrics": finite}
        # One write, so that lines of other threads do not fall into it.
        sys.stdout.write(f"steward:{json.dumps(report)}\n")
        sys.stdout.flush()

    def save(self, model: Any) -> None:
        """Writes a model as ONNX and checks that it answers as the model does.

        Takes a LightGBM or scikit-learn model fitted on the columns of `train()`, a loaded ONNX model, or its bytes.
        """
        from . import _onnx

        _onnx.save(self, model)

    def _read(self, split: str) -> tuple[pandas.DataFrame, pandas.Series]:
        import numpy
        import pandas
        import pyarrow.parquet

        names = [feature.name for feature in self.features]
        table = pyarrow.parquet.read_table(self.inputs[split], columns=[*names, self._label])
        columns = {}
        for feature in self.features:
            values = table.column(feature.name)
            if feature.type == "category":
                columns[feature.name] = _encode(values, self.categories[feature.name])
            else:
                columns[feature.name] = values.to_numpy(zero_copy_only=False).astype(numpy.float32)
        label = table.column(self._label).to_numpy(zero_copy_only=False).astype(numpy.float64)
        return pandas.DataFrame(columns, columns=names), pandas.Series(label, name="label")


def _encode(values: Any, categories: list[str]) -> Any:
    """The codes of values: their index among the categories, or -1 for one that is missing or not among them."""
    import numpy
    import pyarrow
    import pyarrow.compute

    codes = pyarrow.compute.index_in(values, value_set=pyarrow.array(categories, pyarrow.string()))
    return codes.fill_null(-1).to_numpy().astype(numpy.float32)


def job() -> Job:
    """The job this program was started for."""
    path = os.environ.get("STEWARD_JOB")
    if path is None:
        raise SystemExit("STEWARD_JOB is not set: this program is started by Steward, which names the job's job.json in it")
    return Job(path)
