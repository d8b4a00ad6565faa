"""What a script logs to MLflow, seen as it is logged: metrics, which are reported as the job's, and models.

MLflow's own functions are wrapped before the script runs, so that it makes no difference how it logs: by its functions, its
client, or by itself (`mlflow.autolog`). The client of MLflow 2.22 and of 3 have the same ones.
"""

from __future__ import annotations

import functools
import math
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import distributions
from typing import Any, NamedTuple

import mlflow
from mlflow.models import Model
from mlflow.tracking import MlflowClient, fluent
from mlflow.tracking._tracking_service import utils as service
from mlflow.tracking._tracking_service.client import TrackingServiceClient

from . import Job

#: The argument that holds the model, by the module of MLflow that logs it.
MODEL_ARGUMENTS = {
    "mlflow.sklearn": "sk_model",
    "mlflow.lightgbm": "lgb_model",
    "mlflow.xgboost": "xgb_model",
    "mlflow.pytorch": "pytorch_model",
    "mlflow.onnx": "onnx_model",
}

#: The arguments that say what a model needs to be loaded.
REQUIREMENTS = ("conda_env", "pip_requirements", "extra_pip_requirements")


class LoggedModel(NamedTuple):
    """A model that the script has logged, as it was then."""

    name: str
    model: Any
    #: What MLflow knows of its inputs and outputs.
    signature: Any
    #: The run that it was logged to.
    run: str | None = None


class MlflowWatch:
    """Sees what is logged from now on. `run` is the job's own run on the stack's server, where it has one."""

    def __init__(self, job: Job, run: str | None) -> None:
        self._job = job
        #: Whether the job's own run is on the stack's server.
        self._tracked = run is not None
        #: The run whose metrics are the job's: where nothing tracks, the first one that the script makes.
        self._run = run
        #: The last of each metric: its step and value.
        self._reported: dict[str, tuple[int, float]] = {}
        self._models: list[LoggedModel] = []
        #: Modules that have logged what cannot be converted.
        self._strangers: set[str] = set()
        if run is not None:
            self._hold_run(run)
        _wrap(TrackingServiceClient, "create_run", self._see_run)
        _wrap(TrackingServiceClient, "log_metric", self._see_metric)
        _wrap(TrackingServiceClient, "log_batch", self._see_batch)
        # It is asked of the class, which it knows without being told.
        Model.log = staticmethod(_follow(Model.log, self._see_model))

    def choose_model(self) -> LoggedModel:
        """The last model named "model", or the last one where none is called so; of the job's own run, if that has one."""
        models = [each for each in self._models if each.run == self._run] or self._models
        named = [each for each in models if each.name == "model"] or models
        if named:
            return named[-1]
        others = f", but one with {', '.join(sorted(self._strangers))}" if self._strangers else ""
        raise SystemExit(
            f"the script logged no model that can be served{others}: log it with mlflow.sklearn.log_model, or with that of "
            'mlflow.lightgbm, mlflow.xgboost, mlflow.pytorch or mlflow.onnx, as name="model"'
        )

    def check_columns(self, logged: LoggedModel) -> None:
        """Ends the job where the model takes other columns than the features of the training set, or in another order."""
        features = [feature.name for feature in self._job.features]
        columns = _list_columns(logged)
        if columns is None:
            _say(f'the model "{logged.name}" has no signature with names: it is taken to have the features in their order')
            return
        if columns == features:
            return
        lacking = [name for name in features if name not in columns]
        unknown = [name for name in columns if name not in features]
        faults = [
            *([f"it lacks {_quote(lacking)}"] if lacking else []),
            *([f"it takes {_quote(unknown)}, which the training set has not"] if unknown else []),
        ] or [f"it takes them in the order {_quote(columns)}"]
        raise SystemExit(
            f'the logged model "{logged.name}" does not take the features of the training set: {"; ".join(faults)}. '
            f"The features are, in their order, {_quote(features)}"
        )

    def log_parameters(self) -> None:
        """Logs the parameters of the job that the script has not logged itself: a value that is logged cannot be changed."""
        if not self._tracked or not self._job.params:
            return
        client = MlflowClient()
        try:
            known = client.get_run(self._run).data.params
            for name, value in self._job.params.items():
                if name not in known:
                    client.log_param(self._run, name, value)
        except mlflow.MlflowException as error:
            _say(f"the job's parameters are not on the tracking server: {error}")

    def _hold_run(self, run: str) -> None:
        """Keeps the job's run where it is, and open: whoever started the job ends it, when there is a model."""
        experiment = MlflowClient().get_run(run).info.experiment_id

        def stay(_original: Any, *given: Any, **named: Any) -> Any:
            _say(f"{_quote([*given, *named.values()])} is passed over: the run is in the experiment of its training job")
            return MlflowClient().get_experiment(experiment)

        def stay_there(_original: Any, *given: Any, **named: Any) -> None:
            _say(f"{_quote([*given, *named.values()])} is passed over: the run is tracked by the stack")

        def end(original: Any, client: Any, run_id: str, status: Any = None, end_time: Any = None) -> None:
            original(client, run_id, "RUNNING" if run_id == run else status, end_time)

        for owner in (mlflow, fluent):
            _wrap(owner, "set_experiment", stay)
        for owner in (mlflow, mlflow.tracking, service):
            _wrap(owner, "set_tracking_uri", stay_there)
        _wrap(TrackingServiceClient, "set_terminated", end)
        # Runs that the script makes beside the job's go there as well.
        os.environ["MLFLOW_EXPERIMENT_ID"] = experiment

    def _see_run(self, original: Any, *given: Any, **named: Any) -> Any:
        run = original(*given, **named)
        self._run = self._run or run.info.run_id
        return run

    def _see_metric(
        self, original: Any, client: Any, run_id: str, key: str, value: Any, time: Any = None, step: Any = None, *given: Any, **named: Any
    ) -> Any:
        time = named.pop("timestamp", time)
        result = original(client, run_id, key, value, time, step, *given, **named)
        self._report(run_id, [(key, value, step)])
        return result

    def _see_batch(self, original: Any, client: Any, run_id: str, metrics: Any = (), *given: Any, **named: Any) -> Any:
        metrics = list(metrics)
        result = original(client, run_id, metrics, *given, **named)
        self._report(run_id, [(each.key, each.value, each.step) for each in metrics])
        return result

    def _report(self, run_id: str, metrics: Iterable[tuple[str, Any, Any]]) -> None:
        """Reports metrics of the job's run, one line a step. They are on the stack's server already, if there is one."""
        if run_id != self._run:
            return
        steps: dict[int, dict[str, float]] = {}
        for key, value, step in metrics:
            number = float(value)
            # MLflow 3 logs metrics again with the model that they are of.
            if math.isfinite(number) and self._reported.get(key) != (step or 0, number):
                self._reported[key] = (step or 0, number)
                steps.setdefault(int(step or 0), {})[key] = number
        for step, finite in steps.items():
            self._job._tell({"step": step, "metrics": finite, **({"tracked": True} if self._tracked else {})})

    def _see_model(self, original: Any, *given: Any, **named: Any) -> Any:
        place, flavor = [*given, None, None][:2]
        module = getattr(named.get("flavor", flavor), "__name__", "")
        argument = MODEL_ARGUMENTS.get(module)
        if argument is not None and all(named.get(each) is None for each in REQUIREMENTS):
            # MLflow would load the model in another process to see what it needs, for as long as a small training takes.
            named["pip_requirements"] = _list_packages()
        name = str(named.get("name") or named.get("artifact_path") or place)
        model = named.get(argument) if argument is not None else None
        if model is None:
            self._strangers.add(module)
            return original(*given, **named)
        try:
            info = original(*given, **named)
        except Exception:
            # Where it logs by itself, MLflow goes on without a model that it cannot write; here it is written otherwise.
            active = mlflow.active_run()
            self._keep(LoggedModel(name, model, named.get("signature"), active and active.info.run_id))
            raise
        self._keep(LoggedModel(name, model, info.signature, info.run_id))
        return info

    def _keep(self, logged: LoggedModel) -> None:
        """Keeps a model in the place of the one that it would be chosen over: a script may log one after each epoch."""

        def place(each: LoggedModel) -> tuple[bool, bool]:
            return each.run == self._run, each.name == "model"

        copied = logged._replace(model=_copy(logged))
        self._models[:] = [*(each for each in self._models if place(each) != place(copied)), copied]


def _wrap(owner: Any, name: str, see: Callable[..., Any]) -> None:
    """Puts a function in the place of another, which it gets as its first argument."""
    setattr(owner, name, _follow(getattr(owner, name), see))


def _follow(original: Any, see: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def seen(*given: Any, **named: Any) -> Any:
        return see(original, *given, **named)

    return seen


def _copy(logged: LoggedModel) -> Any:
    """The model as it is now: the script may go on to fit the same object."""
    try:
        return pickle.loads(pickle.dumps(logged.model, pickle.HIGHEST_PROTOCOL))
    except Exception as error:
        _say(f'the model "{logged.name}" cannot be copied, and is taken as it is when the script ends: {error}')
        return logged.model


def _list_columns(logged: LoggedModel) -> list[str] | None:
    """The columns that a model was fitted on, as far as they have names."""
    inputs = logged.signature.inputs if logged.signature is not None else None
    if inputs is not None and inputs.has_input_names():
        return [str(name) for name in inputs.input_names()]
    names = getattr(logged.model, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def _list_packages() -> list[str]:
    """What is installed: exactly what the lock says."""
    return sorted(f"{each.name}=={each.version}" for each in distributions())


def _quote(values: Iterable[Any]) -> str:
    return ", ".join(f'"{each}"' for each in values)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
