"""Scores a Parquet file with pyarrow and ONNX Runtime, as a script for it does: all rows at once, or batch by batch.

Takes the model, the file, the file to write, how many threads, and `whole` or `streamed`. Prints the seconds from its first look at the
file to the end.
"""

import json
import sys
import time

import numpy
import onnxruntime
import pyarrow
import pyarrow.parquet

BATCH_ROWS = 131_072

model, source, target, threads, way = sys.argv[1:6]
started = time.perf_counter()
pyarrow.set_cpu_count(int(threads))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def score(table):
    columns = [column.to_numpy() for column in table.columns]
    matrix = numpy.empty((table.num_rows, len(columns)), numpy.float32)
    numpy.stack(columns, axis=1, out=matrix, casting="same_kind")
    return session.run(None, {"features": matrix})[0].reshape(-1)


def tabulate(answers):
    return pyarrow.table({"value": pyarrow.array(answers.astype(numpy.float64))})


if way == "whole":
    pyarrow.parquet.write_table(tabulate(score(pyarrow.parquet.read_table(source))), target, compression="zstd")
else:
    with pyarrow.parquet.ParquetWriter(
        target, pyarrow.schema([("value", pyarrow.float64())]), compression="zstd"
    ) as writer:
        for batch in pyarrow.parquet.ParquetFile(source).iter_batches(BATCH_ROWS):
            writer.write_table(tabulate(score(pyarrow.Table.from_batches([batch]))))
print(json.dumps({"seconds": time.perf_counter() - started}))
