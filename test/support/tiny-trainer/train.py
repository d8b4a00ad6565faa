"""A trainer for tests, on the standard library alone: it reads no rows, and writes a linear model of its parameters.

The feature "hour" has the parameter "weight", every other one next to nothing. A missing feature counts nothing. The
parameter "fail" makes it end without a model, "slow" makes it take a minute.
"""

import struct
import sys
import time

import steward


def varint(value):
    encoded = b""
    while value > 0x7F:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def integer(field, value):
    return varint(field << 3) + varint(value)


def part(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def node(operator, inputs, output):
    return b"".join(part(1, name) for name in inputs) + part(2, output) + part(4, operator)


def tensor(name, shape, values):
    dimensions = b"".join(integer(1, size) for size in shape)
    return dimensions + integer(2, 1) + part(8, name) + part(9, struct.pack(f"<{len(values)}f", *values))


def matrix(name, width):
    shape = part(1, part(2, "rows")) + part(1, integer(1, width))
    return part(1, name) + part(2, part(1, integer(1, 1) + part(2, shape)))


def linear_model(weights, bias):
    nodes = [
        node("IsNaN", ["features"], "missing"),
        node("Where", ["missing", "nothing", "features"], "known"),
        node("Gemm", ["known", "weights", "bias"], "score"),
        node("Sigmoid", ["score"], "probability"),
    ]
    tensors = [
        tensor("nothing", [1], [0]),
        tensor("weights", [len(weights), 1], weights),
        tensor("bias", [1], [bias]),
    ]
    graph = b"".join(part(1, each) for each in nodes) + part(2, "linear") + b"".join(part(5, each) for each in tensors)
    graph += part(11, matrix("features", len(weights))) + part(12, matrix("probability", 1))
    return integer(1, 8) + part(7, graph) + part(8, part(1, "") + integer(2, 15))


job = steward.job()
if job.params.get("fail"):
    sys.exit("told to fail")
if job.params.get("slow"):
    time.sleep(60)
weight = job.params["weight"]
weights = [weight if feature.name == "hour" else 1e-4 for feature in job.features]
job.model.write_bytes(linear_model(weights, -12 * weight + job.seed * 1e-6))
job.report(1, of=1, weight=weight)
