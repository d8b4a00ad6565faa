"""FastAPI and ONNX Runtime: the request is a model of pydantic, and one request is one run."""

import os
import uuid

import numpy
import onnxruntime
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
app = FastAPI()


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class InferenceRequest(BaseModel):
    id: str | None = None
    inputs: list[Tensor]


class InferenceResponse(BaseModel):
    model_name: str
    model_version: str
    id: str
    outputs: list[Tensor]


@app.post("/v2/models/bench/infer")
async def infer(request: InferenceRequest) -> InferenceResponse:
    tensor = request.inputs[0]
    if tensor.name != "features" or len(tensor.shape) != 2 or tensor.shape[1] != 30:
        raise HTTPException(400, "expected one tensor features of shape [n, 30]")
    matrix = numpy.array(tensor.data, dtype=numpy.float32).reshape(tensor.shape)
    answers = session.run(None, {"features": matrix})[0].reshape(-1)
    output = Tensor(name="value", shape=[len(answers)], datatype="FP32", data=answers.tolist())
    return InferenceResponse(
        model_name="bench", model_version="1", id=request.id or str(uuid.uuid4()), outputs=[output]
    )


uvicorn.run(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    loop="uvloop",
    http="httptools",
    access_log=False,
    log_level="warning",
)
