"""BentoML and ONNX Runtime: the request is a model of pydantic, as BentoML has it."""

import os
import uuid

import bentoml
import numpy
import onnxruntime
from pydantic import BaseModel


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


@bentoml.service(name="bench", workers=1, logging={"access": {"enabled": False}})
class Bench:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            os.environ["MODEL"], options, providers=["CPUExecutionProvider"]
        )

    @bentoml.api(route="/v2/models/bench/infer")
    async def infer(self, inputs: list[Tensor]) -> dict:
        tensor = inputs[0]
        matrix = numpy.array(tensor.data, dtype=numpy.float32).reshape(tensor.shape)
        answers = self.session.run(None, {"features": matrix})[0].reshape(-1)
        output = {"name": "value", "shape": [len(answers)], "datatype": "FP32", "data": answers.tolist()}
        return {"model_name": "bench", "model_version": "1", "id": str(uuid.uuid4()), "outputs": [output]}
