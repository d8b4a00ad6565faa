"""From a fitted model to the one form of ONNX that Steward serves.

One input `features`, FLOAT [-1, n]: the columns of the training set, categories as codes, missing as NaN. One output,
FLOAT [-1, 1]: `probability` that a binary label is true, or the `value` of a regression; of several classes FLOAT [-1, k]:
their `probabilities`, in the order of the training set's classes.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._classes import find_places, spread, spreader

if TYPE_CHECKING:
    import numpy
    import onnx

    from . import Job

INPUT = "features"
OUTPUTS = {"binary": "probability", "multiclass": "probabilities", "regression": "value"}
#: How far the ONNX model may be from the model it was made of, in units of the larger of 1, the answer, and the root mean
#: square of all answers: an answer near zero among thousands is a difference of large 32-bit numbers.
TOLERANCE = 1e-5
#: How many rows they are compared on at most.
COMPARED_ROWS = 50_000
#: How many of the model's own answers are kept beside it at most.
KEPT_ANSWERS = 256
#: What onnxruntime of every platform reads.
OPSET = 15


def save(job: Job, model: Any) -> None:
    """Converts, narrows, compares and writes."""
    graph, predict = _convert(job, model)
    if job.task == "multiclass":
        places = find_places(job, model)
        _order_classes(graph, places, len(job.classes))
        predict = predict and spreader(predict, places, len(job.classes))
    else:
        _narrow(graph, job.task)
    content = graph.SerializeToString()
    answers = job.model.with_suffix(".answers.json")
    answers.unlink(missing_ok=True)
    if predict is not None:
        split, step, expected = _compare(job, content, predict)
        answers.write_text(_describe_answers(model, split, step, expected), encoding="utf-8")
    job.model.write_bytes(content)


def _convert(job: Job, model: Any) -> tuple[onnx.ModelProto, Any]:
    """The model as ONNX, and a function that answers as the model itself does, where it can be asked."""
    import onnx

    if isinstance(model, bytes):
        model = onnx.load_from_string(model)
    if isinstance(model, onnx.ModelProto):
        return model, None
    library = type(model).__module__.partition(".")[0]
    if library == "lightgbm":
        return _convert_lightgbm(job, model), _predictor(job, model)
    if library == "sklearn":
        return _convert_sklearn(job, model), _predictor(job, model)
    if library == "xgboost":
        return _convert_xgboost(job, model), _xgboost_predictor(model)
    if _is_torch(model):
        return _convert_torch(job, model), _torch_predictor(model)
    raise TypeError(
        f"job.save() got a {type(model).__module__}.{type(model).__qualname__}: "
        "it takes models of LightGBM, XGBoost, scikit-learn and PyTorch, and ONNX itself"
    )


def _convert_lightgbm(job: Job, model: Any) -> onnx.ModelProto:
    import lightgbm
    from onnxmltools.convert import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = getattr(model, "booster_", model)
    rounded = lightgbm.Booster(model_str=_round_thresholds(booster.model_to_string(num_iteration=_iterations(booster))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph: onnx.ModelProto = convert_lightgbm(
            rounded, initial_types=[(INPUT, FloatTensorType([None, len(job.features)]))], zipmap=False, target_opset=OPSET
        )
    return graph


def _iterations(booster: Any) -> int:
    """As many rounds as `predict` uses: up to the best one where training stopped early."""
    return booster.best_iteration if booster.best_iteration > 0 else -1


def _round_thresholds(text: str) -> str:
    """Rounds the thresholds of numeric splits down to 32 bits.

    The trees compare 64-bit thresholds, ONNX compares 32-bit ones. A 32-bit value is at most a threshold exactly when it
    is at most the next 32-bit number at or below it: so rounded, no row takes another branch.
    """
    import numpy

    def round_down(threshold: str) -> str:
        exact = numpy.float64(threshold)
        near = numpy.float32(exact)
        if numpy.float64(near) > exact:
            near = numpy.nextafter(near, numpy.float32(-numpy.inf))
        return repr(float(near))

    # The sizes of the trees in the text, which change; without them it is read in order.
    lines = [line for line in text.split("\n") if not line.startswith("tree_sizes=")]
    for index, line in enumerate(lines):
        if line.startswith("threshold="):
            lines[index] = "threshold=" + " ".join(map(round_down, line.removeprefix("threshold=").split(" ")))
    return "\n".join(lines)


def _convert_sklearn(job: Job, model: Any) -> onnx.ModelProto:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    options = {id(model): {"zipmap": False}} if job.task != "regression" else None
    with _plain_attributes():
        graph: onnx.ModelProto = convert_sklearn(
            model, initial_types=[(INPUT, FloatTensorType([None, len(job.features)]))], options=options, target_opset=OPSET
        )
    return graph


@contextmanager
def _plain_attributes() -> Iterator[None]:
    """Has numbers of NumPy and truths taken for numbers: trees of scikit-learn's histograms describe their nodes in them."""
    from onnx import helper

    make_attribute: Any = helper.make_attribute

    def make_plain(key: str, value: Any, *args: Any, **options: Any) -> Any:
        plain = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(plain, (list, tuple)):
            plain = [each.item() if hasattr(each, "item") else each for each in plain]
            plain = [int(each) if isinstance(each, bool) else each for each in plain]
        return make_attribute(key, plain, *args, **options)

    replaceable: Any = helper
    replaceable.make_attribute = make_plain
    try:
        yield
    finally:
        replaceable.make_attribute = make_attribute


def _convert_xgboost(job: Job, model: Any) -> onnx.ModelProto:
    """The trees that `predict` uses. XGBoost compares 32-bit numbers as ONNX does, so thresholds stay as they are."""
    from onnxmltools.convert import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = _best_trees(model)
    # The converter knows features by their places alone.
    booster.feature_names = None
    booster.feature_types = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph: onnx.ModelProto = convert_xgboost(
            booster, initial_types=[(INPUT, FloatTensorType([None, len(job.features)]))], target_opset=OPSET
        )
    return graph


def _best_trees(model: Any) -> Any:
    """A copy of the trees up to the best round, where training stopped early."""
    import xgboost

    booster = model.get_booster() if isinstance(model, xgboost.XGBModel) else model
    try:
        return booster[: booster.best_iteration + 1]
    except AttributeError:
        return booster.copy()


def _xgboost_predictor(model: Any) -> Any:
    import xgboost

    booster = _best_trees(model)
    return lambda rows: booster.predict(xgboost.DMatrix(rows.to_numpy(), feature_names=booster.feature_names))


def _is_torch(model: Any) -> bool:
    """Whether it is a module of PyTorch, whose own class is the trainer's: asked without importing PyTorch."""
    return any(f"{each.__module__}.{each.__qualname__}" == "torch.nn.modules.module.Module" for each in type(model).__mro__)


def _convert_torch(job: Job, model: Any) -> onnx.ModelProto:
    import onnx
    import torch

    class Column(torch.nn.Module):  # type: ignore[misc]
        """The model with one column of answers, whether it gives them as a column or as a list."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, rows: Any) -> Any:
            answers = self.model(rows)
            return answers.unsqueeze(1) if answers.dim() == 1 else answers

    was_training = model.training
    # The exporter takes what it is shown of one row for all rows.
    rows = torch.zeros((2, len(job.features)), dtype=torch.float32, device=_device_of(model))
    content = io.BytesIO()
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Column().eval(),
                (rows,),
                content,
                input_names=[INPUT],
                output_names=[OUTPUTS[job.task]],
                dynamic_axes={INPUT: {0: "rows"}, OUTPUTS[job.task]: {0: "rows"}},
                opset_version=OPSET,
                dynamo=False,
            )
    finally:
        model.train(was_training)
    return onnx.load_from_string(content.getvalue())


def _torch_predictor(model: Any) -> Any:
    import torch

    def predict(rows: Any) -> Any:
        was_training = model.training
        model.eval()
        try:
            with torch.no_grad():
                values = torch.tensor(rows.to_numpy(), dtype=torch.float32, device=_device_of(model))
                return model(values).cpu().numpy()
        finally:
            model.train(was_training)

    return predict


def _device_of(model: Any) -> Any:
    """Where its weights are; the processor for one that has none."""
    return next((each.device for each in model.parameters()), "cpu")


def _predictor(job: Job, model: Any) -> Any:
    # scikit-learn warns when it is asked in another form than it was fitted in: with names of columns, or without.
    named = hasattr(model, "feature_names_in_") or not hasattr(model, "n_features_in_")

    def shape(rows: Any) -> Any:
        return rows if named else rows.to_numpy()

    if job.task == "multiclass":
        answer = getattr(model, "predict_proba", model.predict)
        return lambda rows: answer(shape(rows))
    if job.task == "binary" and hasattr(model, "predict_proba"):
        return lambda rows: model.predict_proba(shape(rows))[:, 1]
    return lambda rows: model.predict(shape(rows))


def _order_classes(graph_model: onnx.ModelProto, places: list[int], count: int) -> None:
    """Leaves one output of the graph: a probability for each class, in their order."""
    from onnx import TensorProto, helper, numpy_helper
    import numpy

    graph: Any = graph_model.graph
    graph.name = "model"
    if [each.name for each in graph.input] != [INPUT]:
        raise ValueError(f"the model's inputs are {[each.name for each in graph.input]}, and should be ['{INPUT}']")
    output = OUTPUTS["multiclass"]
    source = graph.output[-1].name
    columns = _count_columns(graph.output[-1])
    if columns is not None and columns != len(places):
        raise ValueError(f"the model answers with {columns} numbers for a row, and {len(places)} classes are expected")
    if source == output:
        # Converters call theirs so too.
        source = "steward_source"
        for node in graph.node:
            node.input[:] = [source if each == output else each for each in node.input]
            node.output[:] = [source if each == output else each for each in node.output]
    if places == list(range(count)):
        graph.initializer.append(numpy_helper.from_array(numpy.array([-1, count], dtype=numpy.int64), "steward_classes"))
        graph.node.append(helper.make_node("Reshape", [source, "steward_classes"], [output]))
    else:
        # Each column goes to the place of its class: one of a row's numbers, and the others times 0.
        ordered = spread(numpy.eye(len(places)), places, count).astype(numpy.float32)
        graph.initializer.append(numpy_helper.from_array(ordered, "steward_classes"))
        graph.node.append(helper.make_node("MatMul", [source, "steward_classes"], [output]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, count]))
    _prune(graph)


def _narrow(graph_model: onnx.ModelProto, task: str) -> None:
    """Leaves one output of the graph: the probability of the true class, or the value."""
    from onnx import TensorProto, helper, numpy_helper
    import numpy

    graph: Any = graph_model.graph
    # Converters name it at random; the same model is to have the same bytes.
    graph.name = "model"
    if [each.name for each in graph.input] != [INPUT]:
        raise ValueError(f"the model's inputs are {[each.name for each in graph.input]}, and should be ['{INPUT}']")
    output = OUTPUTS[task]
    source = graph.output[-1].name
    columns = _count_columns(graph.output[-1])
    if [each.name for each in graph.output] == [output] and columns in (None, 1):
        return
    if task == "binary" and columns != 1:
        graph.initializer.append(numpy_helper.from_array(numpy.array([1], dtype=numpy.int64), "steward_true_class"))
        graph.node.append(helper.make_node("Gather", [source, "steward_true_class"], [output], axis=1))
    else:
        graph.initializer.append(numpy_helper.from_array(numpy.array([-1, 1], dtype=numpy.int64), "steward_column"))
        graph.node.append(helper.make_node("Reshape", [source, "steward_column"], [output]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, 1]))
    _prune(graph)


def _count_columns(output: onnx.ValueInfoProto) -> int | None:
    dimensions = output.type.tensor_type.shape.dim
    return dimensions[1].dim_value or None if len(dimensions) == 2 else None


def _prune(graph: onnx.GraphProto) -> None:
    """Removes nodes that nothing asks any more, such as those of the label. Nodes come in an order of dependence."""
    needed = {each.name for each in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    used = [each for each in graph.initializer if each.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(used)


def _compare(job: Job, content: bytes, predict: Any) -> tuple[str, int, Any]:
    """Holds the ONNX model against the model. Returns the split of the rows, how far they lie apart, and the model's answers."""
    import numpy
    import onnxruntime

    split = "validation"
    rows, _ = job.validation()
    if len(rows) == 0:
        split = "training"
        rows, _ = job.train()
    step = max(1, -(-len(rows) // COMPARED_ROWS))
    rows = rows.iloc[::step]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job.cpu
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (answers,) = session.run(None, {INPUT: rows.to_numpy(dtype=numpy.float32)})
    width = answers.shape[1] if answers.ndim == 2 else 1
    answers = answers.reshape(-1).astype(numpy.float64)
    expected = numpy.asarray(predict(rows), dtype=numpy.float64).reshape(-1)
    scale = numpy.maximum(max(1.0, float(numpy.sqrt(numpy.nanmean(expected**2)))), numpy.abs(expected))
    distance = numpy.abs(answers - expected) / scale
    # An answer that only one of them has is as far as can be; one that both miss is none.
    distance = numpy.where(numpy.isnan(distance), numpy.where(numpy.isnan(answers) == numpy.isnan(expected), 0, numpy.inf), distance)
    worst = int(numpy.argmax(distance))
    if distance[worst] > TOLERANCE:
        raise ValueError(
            f"the ONNX model does not answer as the model it was made of: for {split} row {worst // width * step} it says "
            f"{answers[worst]:.9g}, the model {expected[worst]:.9g} (they may differ by {TOLERANCE * scale[worst]:.1e})"
        )
    print(f"the ONNX model agrees with the model on {len(rows)} {split} rows, within {distance[worst]:.1e}", flush=True)
    return split, step, expected.reshape(len(rows), -1)


def _describe_answers(model: Any, split: str, step: int, expected: Any) -> str:
    """Some of the model's own answers, by the places of their rows: whoever serves the ONNX model is held against them."""
    import numpy

    library = type(model).__module__.partition(".")[0] if not _is_torch(model) else "torch"
    version = getattr(sys.modules.get(library), "__version__", "")
    places = numpy.unique(numpy.linspace(0, len(expected) - 1, min(len(expected), KEPT_ANSWERS)).astype(int))
    places = places[numpy.isfinite(expected[places]).all(axis=1)]
    return json.dumps(
        {
            "framework": f"{library} {version}".strip(),
            "split": "train" if split == "training" else split,
            "rows": (places * step).tolist(),
            "answers": expected[places].tolist(),
        }
    )
