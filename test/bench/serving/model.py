"""The model that every server of the bench answers with, the rows it is asked about, and what ONNX Runtime answers to them.

Takes a folder, and leaves there `model.onnx`, `model.txt` (LightGBM's own) and `rows.json`.
"""

import json
import sys
from pathlib import Path

import lightgbm
import numpy
import onnxruntime
from onnxmltools.convert import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

WIDTH = 30
TREES = 200
DEPTH = 6
ASKED_ROWS = 256

folder = Path(sys.argv[1])
random = numpy.random.default_rng(7)
# Few enough decimals that a row is about as long as real ones are, and that no value lies within a rounding of a threshold.
rows = numpy.round(random.standard_normal((20_000, WIDTH)), 4).astype(numpy.float32)
label = (
    rows[:, 0] * 2
    + numpy.sin(rows[:, 1] * 3)
    + rows[:, 2] * rows[:, 3]
    + numpy.abs(rows[:, 4:10]).sum(axis=1)
    + rows @ random.standard_normal(WIDTH) / 4
    + random.standard_normal(len(rows)) / 10
)
parameters = {
    "objective": "regression",
    "max_depth": DEPTH,
    "num_leaves": 2**DEPTH,
    "min_data_in_leaf": 20,
    "num_threads": 1,
    "deterministic": True,
    "seed": 7,
    "verbosity": -1,
}
booster = lightgbm.train(parameters, lightgbm.Dataset(rows, label), num_boost_round=TREES)
booster.save_model(folder / "model.txt")
graph = convert_lightgbm(booster, initial_types=[("features", FloatTensorType([None, WIDTH]))], target_opset=15)
(folder / "model.onnx").write_bytes(graph.SerializeToString())

asked = numpy.unique(rows, axis=0)[random.permutation(len(rows))[:ASKED_ROWS]]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
answers = session.run(None, {"features": asked})[0].reshape(-1)
# Peers that run LightGBM itself answer the same, or the comparison is none.
assert numpy.abs(booster.predict(asked) - answers).max() < 1e-4, "the converted model is another one"
assert len(set(answers.tolist())) > ASKED_ROWS / 2, "the rows do not tell answers apart"
# As they were rounded: the nearest number of 32 bits to each is the one that was asked about.
written = [[round(float(value), 4) for value in row] for row in asked]
(folder / "rows.json").write_text(json.dumps({"rows": written, "answers": answers.tolist()}), encoding="utf-8")
