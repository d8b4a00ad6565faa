"""What a trainer needs of Steward: its inputs, its parameters, a way to report, and a way to save its model.

    import steward

    job = steward.job()
    X, y = job.train()
    ...
    job.report(10, of=200, auc=0.69)
    job.save(model)

A long training keeps checkpoints, and goes on from the last one when it was interrupted:

    state = job.resume() or {"round": 0}
    for round in range(state["round"], 200):
        ...
        job.checkpoint({"round": round + 1})

Nothing but the standard library is imported until it is needed.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from ._checkpoints import Checkpoints, State
from ._reports import KeptReports

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Feature", "Job", "job"]


class Feature(NamedTuple):
    """One input of the model."""

    name: str
    type: Literal["number", "boolean", "category"]


#: What a program ends with that was told to stop: as if the signal had ended it.
STOPPED = 128 + signal.SIGTERM


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
        self.task: Literal["binary", "multiclass", "regression"] = content["task"]
        #: What a label of several classes may be; its label is the index here, as 64-bit integers. Empty for other tasks.
        self.classes: list[str] = content.get("classes", [])
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
        #: The column of the label in those files.
        self.label: str = content["label"]
        self._checkpoints = Checkpoints(self.checkpoint_dir, self.run)
        reports = content.get("reports")
        self._reports = None if reports is None else KeptReports(reports["file"], reports["attempt"])
        self._step = 0
        self._stopping = False
        self._listens = False

    @overload
    def train(self, form: Literal["pandas"] = ...) -> tuple[pandas.DataFrame, pandas.Series]: ...
    @overload
    def train(self, form: Literal["polars"]) -> tuple[polars.DataFrame, polars.Series]: ...
    @overload
    def train(self, form: Literal["arrow"]) -> tuple[pyarrow.Table, pyarrow.Array]: ...
    @overload
    def train(self, form: Literal["path"]) -> Path: ...
    def train(self, form: str = "pandas") -> Any:
        """The training rows: features as the model gets them, and the label; as a path, the Parquet file as it is."""
        return self._read("train", form)

    @overload
    def validation(self, form: Literal["pandas"] = ...) -> tuple[pandas.DataFrame, pandas.Series]: ...
    @overload
    def validation(self, form: Literal["polars"]) -> tuple[polars.DataFrame, polars.Series]: ...
    @overload
    def validation(self, form: Literal["arrow"]) -> tuple[pyarrow.Table, pyarrow.Array]: ...
    @overload
    def validation(self, form: Literal["path"]) -> Path: ...
    def validation(self, form: str = "pandas") -> Any:
        """The validation rows: features as the model gets them, and the label; as a path, the Parquet file as it is."""
        return self._read("validation", form)

    def report(self, step: int, of: int | None = None, **metrics: float) -> None:
        """Shows progress: step `step` of `of`, with metrics. A metric that is not finite is left out.

        Reports outlive an attempt: report a step before its checkpoint, and what goes on from there has it.
        """
        finite = {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
        self._step = int(step)
        self._tell({**({} if of is None else {"of": int(of)}), "metrics": finite})

    @property
    def stopping(self) -> bool:
        """Whether the job has been told to stop: the next `checkpoint` keeps what is done and ends the program."""
        self._listen()
        return self._stopping

    def checkpoint(self, state: bytes | str | os.PathLike[str] | dict[str, Any]) -> None:
        """Keeps a state for the next attempt, should this one be interrupted: whole, or not at all.

        Takes bytes, a dict of what JSON can say, or the path of a file or folder, which is copied. The last two are kept.
        When the job has been told to stop (`stopping`), the program ends here, with the state kept.
        """
        self._listen()
        if self._reports is not None:
            self._reports.bring_to_disk()
        number = self._checkpoints.keep(Path(state) if isinstance(state, str) else state, self._step)
        self._tell({"checkpoint": number})
        if self._stopping:
            raise SystemExit(STOPPED)

    def resume(self) -> Any:
        """The state that the last attempt of this run has kept, as it was given, or None where there is none to go on from.

        A path comes back as the path of the copy, which is there until the program ends; do not change it.
        """
        self._listen()
        found = self._checkpoints.find()
        if found is None:
            return None
        self._step = found.step
        self._tell({"resumed": found.number})
        state: State = found.state
        return state

    def save(self, model: Any) -> None:
        """Writes a model as ONNX and checks that it answers as the model does.

        Takes a LightGBM, XGBoost or scikit-learn model fitted on the columns of `train()`, a PyTorch module that makes of
        rows (32-bit floats, [n, features]) the probability of a true label, the probabilities of `classes` or the value, a
        loaded ONNX model, or its bytes. A classifier of several classes may have been fitted on the labels as they come or on
        the names of the classes, and need not have seen them all.
        """
        from . import _onnx

        _onnx.save(self, model)

    def _read(self, split: str, form: str) -> Any:
        if form == "path":
            return self.inputs[split]
        from . import _rows

        readers: dict[str, Any] = {"pandas": _rows.read_pandas, "polars": _rows.read_polars, "arrow": _rows.read_arrow}
        if form not in readers:
            raise ValueError(f"rows come as pandas, polars, arrow or path, not as {form!r}")
        return readers[form](self, split)

    def _tell(self, report: dict[str, Any]) -> None:
        told = {"step": self._step, **report}
        # Before anybody may read it: who reads it may be ended before that.
        if self._reports is not None and self._reports.keep(told["step"], told.get("metrics", {})):
            told["kept"] = True
        # One write, so that lines of other threads do not fall into it.
        sys.stdout.write(f"steward:{json.dumps(told)}\n")
        sys.stdout.flush()

    def _listen(self) -> None:
        """Takes SIGTERM for a request. A program that asks for none of this is ended by the signal at once."""
        if self._listens or threading.current_thread() is not threading.main_thread():
            return
        self._listens = True

        def stop(_signal: int, _frame: Any) -> None:
            self._stopping = True

        signal.signal(signal.SIGTERM, stop)


def job() -> Job:
    """The job this program was started for."""
    path = os.environ.get("STEWARD_JOB")
    if path is None:
        raise SystemExit("STEWARD_JOB is not set: this program is started by Steward, which names the job's job.json in it")
    return Job(path)
