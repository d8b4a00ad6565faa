"""From a fitted model to the one form of ONNX that Steward serves.

One input `features`, FLOAT [-1, n]: the columns of the training set, categories as codes, missing as NaN. One output,
FLOAT [-1, 1]: `probability` that a binary label is true, or the `value` of a regression.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    import onnx

    from . import Job

INPUT = "features"
OUTPUTS = {"binary": "probability", "regression": "value"}
#: How far the ONNX model may be from the model it was made of, in units of the larger of 1, the answer, and the root mean
#: square of all answers: an answer near zero among thousands is a difference of large 32-bit numbers.
TOLERANCE = 1e-5
#: How many rows they are compared on at most.
COMPARED_ROWS = 50_000
#: What onnxruntime of every platform reads.
OPSET = 15


def save(job: Job, model: Any) -> None:
    """Converts, narrows, compares and writes."""
    graph, predict = _convert(job, model)
    _narrow(graph, job.task)
    content = graph.SerializeToString()
    if predict is not None:
        _compare(job, content, predict)
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
    raise TypeError(
        f"job.save() got a {type(model).__module__}.{type(model).__qualname__}: "
        "it takes models of LightGBM and scikit-learn, and ONNX itself"
    )


def _convert_lightgbm(job: Job, model: Any) -> onnx.ModelProto:
    import lightgbm
    from onnxmltools.convert import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = getattr(model, "booster_", model)
    rounded = lightgbm.Booster(model_str=_round_thresholds(booster.model_to_string(num_iteration=_iterations(booster))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return convert_lightgbm(
            rounded, initial_types=[(INPUT, FloatTensorType([None, len(job.features)]))], zipmap=False, target_opset=OPSET
        )


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

    options = {id(model): {"zipmap": False}} if job.task == "binary" else None
    return convert_sklearn(
        model, initial_types=[(INPUT, FloatTensorType([None, len(job.features)]))], options=options, target_opset=OPSET
    )


def _predictor(job: Job, model: Any) -> Any:
    # scikit-learn warns when it is asked in another form than it was fitted in: with names of columns, or without.
    named = hasattr(model, "feature_names_in_") or not hasattr(model, "n_features_in_")
    shape = (lambda rows: rows) if named else (lambda rows: rows.to_numpy())
    if job.task == "binary" and hasattr(model, "predict_proba"):
        return lambda rows: model.predict_proba(shape(rows))[:, 1]
    return lambda rows: model.predict(shape(rows))


def _narrow(graph_model: onnx.ModelProto, task: str) -> None:
    """Leaves one output of the graph: the probability of the true class, or the value."""
    from onnx import TensorProto, helper, numpy_helper
    import numpy

    graph = graph_model.graph
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


def _compare(job: Job, content: bytes, predict: Any) -> None:
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
    answers = answers.reshape(-1).astype(numpy.float64)
    expected = numpy.asarray(predict(rows), dtype=numpy.float64).reshape(-1)
    scale = numpy.maximum(max(1.0, float(numpy.sqrt(numpy.nanmean(expected**2)))), numpy.abs(expected))
    distance = numpy.abs(answers - expected) / scale
    # An answer that only one of them has is as far as can be; one that both miss is none.
    distance = numpy.where(numpy.isnan(distance), numpy.where(numpy.isnan(answers) == numpy.isnan(expected), 0, numpy.inf), distance)
    worst = int(numpy.argmax(distance))
    if distance[worst] > TOLERANCE:
        raise ValueError(
            f"the ONNX model does not answer as the model it was made of: for {split} row {worst * step} it says "
            f"{answers[worst]:.9g}, the model {expected[worst]:.9g} (they may differ by {TOLERANCE * scale[worst]:.1e})"
        )
    print(f"the ONNX model agrees with the model on {len(rows)} {split} rows, within {distance[worst]:.1e}", flush=True)
